"""The lines of the start, the first hour and the first day."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from checks.checklist.facts import Facts
from checks.checklist.judges.deployment import JUDGES
from checks.evidence import HistoryEvidence
from tests.checks import evidence_samples
from tests.checks.checklist.facts_samples import facts
from tests.checks.evidence_samples import NOW_S

AT_ONCE = {
    "start.begins",
    "start.environments",
    "start.first-checkpoint",
    "hour.checkpoints",
    "hour.normaliser",
    "hour.state",
    "hour.tensorboard",
    "day.evaluated",
    "day.backups",
}


def with_history(found: Facts, **changes: Any) -> Facts:
    history = found.evidence.history
    assert history is not None
    return replace(found, evidence=replace(found.evidence, history=replace(history, **changes)))


def history_of(found: Facts) -> HistoryEvidence:
    assert found.evidence.history is not None
    return found.evidence.history


def happened(found: Facts, name: str, **body: Any) -> Facts:
    new = evidence_samples.happened(name, NOW_S - 5000.0, **body)
    return with_history(found, events=(*history_of(found).events, new))


def states(found: Facts) -> dict[str, str]:
    return {name: judge(found).state for name, judge in JUDGES.items()}


def test_all_hold_after_a_day_of_a_healthy_training() -> None:
    found = facts()
    assert states(found) == dict.fromkeys(JUDGES, "holds")
    for name, judge in JUDGES.items():
        assert judge(found).figures, name


def test_what_needs_the_whole_hour_or_day_is_open_before() -> None:
    found = facts()
    history = history_of(found)
    short = with_history(
        found,
        trained_s=600.0,
        hour=replace(history.hour, full=False),
        day=replace(history.day, full=False),
    )
    assert {name for name, state in states(short).items() if state == "holds"} == AT_ONCE
    assert {state for name, state in states(short).items() if name not in AT_ONCE} == {"open"}
    assert (
        "judged after 1 h 00 min of training, 50 min from now" in JUDGES["hour.reward"](short).text
    )
    # A training that is complete has no more to show.
    status = short.evidence.status
    assert status is not None and status.trainer is not None
    trainer = replace(status.trainer, state="EXITED")
    ended = replace(
        short, evidence=replace(short.evidence, status=replace(status, trainer=trainer))
    )
    assert {state for name, state in states(ended).items() if name.startswith("hour.")} == {"holds"}
    # What is wrong at once does not wait.
    crashed = happened(short, "trainer.crashed")
    assert JUDGES["start.no-errors"](crashed).state == "fails"
    assert JUDGES["day.running"](crashed).state == "fails"


@pytest.mark.parametrize(
    ("name", "body", "failing"),
    [
        ("trainer.crashed", {}, {"start.no-errors", "day.running"}),
        ("checkpoint.failed", {}, {"start.no-errors"}),
        ("training.not_finite", {}, {"hour.finite"}),
        ("training.diverging", {"sign": "reward"}, {"hour.reward"}),
        ("training.diverging", {"sign": "kl"}, {"hour.learning-rate"}),
        ("stage.regressed", {"stage": 2}, {"day.no-repeated-failures"}),
    ],
)
def test_each_event_fails_its_own_lines(name: str, body: dict[str, Any], failing: set[str]) -> None:
    found = states(happened(facts(), name, **body))
    assert {line for line, state in found.items() if state == "fails"} == failing


def test_the_start_is_judged_by_the_configured_limit() -> None:
    found = with_history(facts(), began_s=NOW_S - 7200.0 + 300.0)
    outcome = JUDGES["start.begins"](found)
    assert (outcome.state, outcome.text) == (
        "fails",
        "training began 5 min after the start, allowed: 2 min",
    )
    config = found.evidence.config
    assert config is not None
    loose = replace(config, checklist=replace(config.checklist, startup_s=600.0))
    found = replace(found, evidence=replace(found.evidence, config=loose))
    assert JUDGES["start.begins"](found).state == "holds"


def test_a_file_that_is_missing_fails_its_own_line() -> None:
    found = with_history(facts(), checkpoint_problem="000012 has no vecnormalize.pkl")
    names = ("hour.checkpoints", "hour.normaliser", "hour.state")
    assert [JUDGES[name](found).state for name in names] == ["fails", "fails", "open"]


def test_what_the_store_has_removed_is_open() -> None:
    """The newest samples that are left would say something of another time."""
    found = facts()
    status = found.evidence.status
    assert status is not None and status.run is not None
    old_s = NOW_S - 40 * 86_400.0
    evidence = replace(
        found.evidence, status=replace(status, run=replace(status.run, created_s=old_s))
    )
    history = history_of(found)
    until_s = NOW_S - 30 * 86_400.0
    old = with_history(
        replace(found, evidence=evidence),
        hour=replace(history.hour, until_s=until_s, newest={}),
        day=replace(history.day, until_s=until_s, newest={}),
        began_s=None,
    )
    empty = with_history(
        old,
        trained_s=0.0,
        hour=replace(history.hour, full=False, until_s=NOW_S, newest={}),
        day=replace(history.day, full=False, until_s=NOW_S, newest={}),
    )
    for one in (old, empty):
        gone = {name for name, judge in JUDGES.items() if judge(one).expired}
        assert gone == (set(JUDGES) - AT_ONCE) | {"start.begins", "start.first-checkpoint"}


def test_nothing_holds_without_a_run() -> None:
    found = facts()
    status = found.evidence.status
    assert status is not None
    evidence = replace(found.evidence, status=replace(status, run=None), history=None, run_id=None)
    assert set(states(replace(found, evidence=evidence)).values()) == {"open"}
