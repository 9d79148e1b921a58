"""A ledger in which everything is recorded and signed, and judges by which all else holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from checks.checklist.facts import Facts, Outcome, State
from checks.checklist.golive.verdict import Verdict, decide, seen
from checks.checklist.judge import Judgement, LiveJudge, judge_all
from checks.checklist.judges import golive
from checks.checklist.ledger.record import Address, Entry
from checks.checklist.model import Drill, Line, Live, Person
from checks.checklist.table.all import LINES
from checks.checklist.table.golive import SIGNATURES
from tests.checks.checklist.facts_samples import ADDRESS, RECORDED, facts, proof
from tests.checks.evidence_samples import NOW_S

BY_ID = {line.id: line for line in LINES}
ROLES = [line.judge.subject for line in SIGNATURES.lines if isinstance(line.judge, Person)]


def live_judges(states: Mapping[str, State] | None = None) -> dict[str, LiveJudge]:
    """All live lines hold, but those in `states`; incidents and notes are really judged."""
    states = states or {}

    def judge(state: State) -> LiveJudge:
        return lambda _: Outcome(state, f"it {state}")

    found = {
        line.id: judge(states.get(line.id, "holds"))
        for line in LINES
        if isinstance(line.judge, Live)
    }
    return found | golive.JUDGES


def evidence() -> list[Entry]:
    """Of every drill, fixed line and person but the four signatures."""
    signed = {line.id for line in SIGNATURES.lines}
    return [proof(line) for line in RECORDED if line.id not in signed]


def signatures(found: Facts, judges: Mapping[str, LiveJudge]) -> list[Entry]:
    """The four, given on what these facts show."""
    figures = seen(judge_all(LINES, judges, found))
    return [
        Entry(
            kind="signoff",
            subject=role,
            time_s=NOW_S,
            address=ADDRESS,
            holds=True,
            by="Ada",
            figures=figures,
        )
        for role in ROLES
    ]


def signed_home(*later: Entry) -> Facts:
    """Everything holds and is signed; then these records came."""
    found = with_incidents(facts(*evidence()))
    signed = signatures(found, live_judges())
    return with_incidents(facts(*evidence(), *signed, *later))


def with_incidents(found: Facts) -> Facts:
    return msgspec.structs.replace(found, incident_log=())


def verdict(found: Facts, judges: Mapping[str, LiveJudge] | None = None) -> Verdict:
    return decide(judged(found, judges), found, took_s={})


def decided(found: Facts, *, loosened: Sequence[str]) -> Verdict:
    return decide(judged(found), found, took_s={}, loosened=loosened)


def judged(found: Facts, judges: Mapping[str, LiveJudge] | None = None) -> dict[str, Judgement]:
    return judge_all(LINES, judges if judges is not None else live_judges(), found)


def failing(line: Line, *, address: Address = ADDRESS) -> Entry:
    """A record by which a drilled or said line does not hold any more."""
    entry = proof(line, time_s=NOW_S, address=address)
    if isinstance(line.judge, Drill):
        found = msgspec.structs.replace(entry.findings[0], holds=False, text="it did not")
        return msgspec.structs.replace(entry, findings=(found,))
    return msgspec.structs.replace(entry, holds=False)
