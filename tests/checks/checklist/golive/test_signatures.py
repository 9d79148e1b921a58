"""A signature is bound to the evidence that was seen."""

from __future__ import annotations

from tests.checks.checklist.facts_samples import facts
from tests.checks.checklist.golive.all_holds import (
    BY_ID,
    evidence,
    failing,
    judged,
    live_judges,
    signatures,
    signed_home,
    with_incidents,
)

QA = "signoff.qa"


def test_a_signature_is_stale_once_evidence_turns_bad() -> None:
    assert judged(signed_home())[QA].outcome.state == "holds"
    outcome = judged(signed_home(failing(BY_ID["environment.trains"])))[QA].outcome
    assert outcome.state == "stale"
    assert outcome.text == "by Ada; held then and not now: environment.trains"


def test_a_signature_stays_when_more_holds_than_before() -> None:
    before = live_judges({"quality.stages": "open"})
    found = with_incidents(facts(*evidence()))
    home = with_incidents(facts(*evidence(), *signatures(found, before)))
    assert judged(home, before)[QA].outcome.state == "holds"
    assert judged(home)[QA].outcome.state == "holds"


def test_a_signature_stays_when_a_recommendation_turns_bad() -> None:
    judges = live_judges({"hardware.cores": "fails"})
    assert judged(signed_home(), judges)[QA].outcome.state == "holds"


def test_what_a_person_says_does_not_depend_on_evidence() -> None:
    home = signed_home(failing(BY_ID["environment.trains"]))
    assert judged(home)["golive.team"].outcome.state == "holds"


def test_a_withdrawn_signature_does_not_hold() -> None:
    assert judged(signed_home(failing(BY_ID[QA])))[QA].outcome.state == "fails"
