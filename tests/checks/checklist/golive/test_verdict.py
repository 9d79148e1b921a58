"""GO only if everything holds; each criterion that does not yields NO-GO and is named."""

from __future__ import annotations

import msgspec
import pytest

from checks.checklist.facts import Facts, State
from checks.checklist.golive.verdict import INCIDENTS, evidence_lines, leaves
from checks.checklist.judge import LiveJudge
from checks.checklist.ledger.record import Entry
from checks.checklist.model import Line, Live
from checks.checklist.table.all import LINES
from checks.checklist.table.benchmarks import QUALITY
from checks.checklist.table.golive import CRITERIA, SIGNATURES
from daemon.rollback.incident_log import LoggedIncident
from tests.checks.checklist.facts_samples import ADDRESS, elsewhere, facts, proof
from tests.checks.checklist.golive.all_holds import (
    BY_ID,
    ROLES,
    failing,
    live_judges,
    signed_home,
    verdict,
)
from tests.checks.evidence_samples import NOW_S

# One line of each of the eight criteria, that no other criterion contains.
ONLY = {
    "golive.tests-passed": "algorithms.ppo",
    "golive.burn-in": "golive.burn-in",
    "golive.curriculum": "quality.stages",
    "golive.success": "quality.success",
    "golive.no-leaks": "burn-in.growth-linear",
    "golive.recovery": "rollback.resumed",
    "golive.dashboard": "before.dashboard",
    "golive.team": "golive.team",
}
# Of the success criteria too, which therefore fail with them.
ALSO = {"quality.stages", "quality.success"}


def test_all_holds_is_go() -> None:
    found = verdict(signed_home())
    assert found.go
    assert found.word == "GO"
    assert (len(found.criteria), len(found.quality), len(found.signatures)) == (8, 12, 4)
    assert found.steps == []
    assert found.blocking == []


def test_in_a_home_without_evidence_it_is_no_go_and_nothing_is_claimed() -> None:
    nothing: dict[str, State] = dict.fromkeys(BY_ID, "open")
    found = verdict(facts(), live_judges(nothing))
    assert not found.go
    assert not [one.id for one in (*found.criteria, *found.quality) if one.state == "holds"]


def test_there_is_a_case_for_each_criterion() -> None:
    assert list(ONLY) == [line.id for line in CRITERIA.lines]


@pytest.mark.parametrize("criterion", list(ONLY))
def test_one_criterion_that_fails_is_no_go_and_named(criterion: str) -> None:
    found = verdict(*_failing(BY_ID[ONLY[criterion]]))
    assert found.word == "NO-GO"
    expected = {criterion} | ({ONLY[criterion]} & ALSO)
    assert {one.id for one in (*found.criteria, *found.quality) if one.state != "holds"} == expected
    # The signatures, which were given while it held, do not count any more.
    assert {one.state for one in found.signatures} == {"stale"}
    assert found.steps[0].do == BY_ID[ONLY[criterion]].remedy
    assert found.steps[0].lines == [ONLY[criterion]]
    assert [step.do for step in found.steps[1:]] == [
        f"landerctl signoff {role} --by NAME" for role in ROLES
    ]


@pytest.mark.parametrize("line", QUALITY.lines, ids=lambda line: line.id)
def test_one_success_criterion_that_fails_is_no_go(line: Line) -> None:
    found = verdict(*_failing(leaves(line)[0]))
    assert line.id in [one.id for one in found.blocking]


@pytest.mark.parametrize("part", ["version", "fingerprint", "run"])
def test_what_was_signed_of_something_else_is_no_go(part: str) -> None:
    home = msgspec.structs.replace(signed_home(), address=elsewhere(part))  # type: ignore[arg-type]
    found = verdict(home)
    assert {one.state for one in found.signatures} == {"stale"}
    assert not found.go


def test_without_one_signature_it_is_no_go() -> None:
    missing = SIGNATURES.lines[2]
    found = verdict(signed_home(failing(missing)))
    assert [one.id for one in found.blocking] == [missing.id]
    assert [step.do for step in found.steps] == [missing.remedy]


def test_an_open_incident_is_no_go() -> None:
    home = signed_home()
    crash = LoggedIncident("20261129-064512", "Rollback to 000012", NOW_S, "")
    home = msgspec.structs.replace(home, incident_log=(crash,))
    found = verdict(home)
    assert not found.go
    assert [one.id for one in found.incidents] == ["20261129-064512"]
    assert found.steps[0].lines == [INCIDENTS]
    closed = Entry(
        kind="incident",
        subject=crash.id,
        time_s=NOW_S,
        address=ADDRESS,
        holds=True,
        by="Ada",
        text="a bad disk",
    )
    home = msgspec.structs.replace(signed_home(closed), incident_log=(crash,))
    assert verdict(home).go


def test_incidents_that_cannot_be_read_are_no_go() -> None:
    home = msgspec.structs.replace(signed_home(), incident_log=None)
    assert not verdict(home).go


def test_a_recommendation_blocks_nothing() -> None:
    states: dict[str, State] = {line.id: "fails" for line in LINES if not line.required}
    assert verdict(signed_home(), live_judges(states)).go


def test_a_later_report_shows_every_override() -> None:
    override = Entry(
        kind="golive",
        subject="override",
        time_s=NOW_S,
        address=elsewhere("run"),
        by="Bob",
        text="the launch window",
    )
    found = verdict(signed_home(override))
    assert found.go
    assert [(one.entry.by, one.entry.text) for one in found.overrides] == [
        ("Bob", "the launch window")
    ]


def test_every_required_line_of_a_criterion_is_signed_for() -> None:
    signed = {line.id for line in evidence_lines()}
    for line in (*CRITERIA.lines, *QUALITY.lines):
        assert {one.id for one in leaves(line) if one.required} <= signed


def test_one_step_serves_all_lines_of_a_remedy() -> None:
    found = verdict(facts(), live_judges())
    steps = {step.do: step.lines for step in found.steps}
    assert len(steps["landerctl drill rollback"]) == 10
    assert list(steps)[-4:] == [f"landerctl signoff {role} --by NAME" for role in ROLES]


def _failing(line: Line) -> tuple[Facts, dict[str, LiveJudge]]:
    """A signed home in which this line fails, and its judges."""
    if isinstance(line.judge, Live):
        return signed_home(), live_judges({line.id: "fails"})
    return signed_home(failing(line)), live_judges()


def test_a_line_that_is_recorded_again_holds_again() -> None:
    line = BY_ID["rollback.resumed"]
    assert verdict(signed_home(failing(line), proof(line, time_s=NOW_S))).go


def test_what_only_lacks_training_time_needs_no_remedy() -> None:
    line = BY_ID["burn-in.growth-linear"]
    states: dict[str, State] = {"burn-in.tensorboard": "fails", line.id: "open"}
    found = verdict(signed_home(), live_judges(states | {"golive.burn-in": "open"}))
    assert found.steps[0].do == "landerctl burn-in"
    assert found.steps[0].lines == ["golive.burn-in", line.id]
    without_run = msgspec.structs.replace(ADDRESS, run=None)
    home = msgspec.structs.replace(signed_home(), address=without_run)
    found = verdict(home, live_judges({line.id: "open"}))
    assert found.steps[0].do == "landerctl start"
