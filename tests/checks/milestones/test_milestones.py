"""The first-hour and first-day checks: each line failing alone, and when it is a WARNING."""

from __future__ import annotations

import math

import msgspec
import pytest

from checks.evidence import BackupEvidence, Evidence
from checks.registry import run_checks
from checks.verdict import Level, Verdict
from tests.checks.evidence_samples import NOW_S, change, happened, healthy, history

HOUR_END_S, DAY_END_S = NOW_S - 3000.0, NOW_S - 60.0


def judged(check: str, evidence: Evidence) -> Verdict:
    [verdict] = run_checks(evidence, [check])
    return verdict


def changed(span: str = "", **changes: object) -> Evidence:
    """Healthy evidence with a changed history; `span`: the changed part, `newest` is merged."""
    record = history()
    if span:
        part = getattr(record, span)
        if isinstance(newest := changes.get("newest"), dict):
            merged = part.newest | newest
            changes["newest"] = {name: v for name, v in merged.items() if v is not None}
        changes = {span: msgspec.structs.replace(part, **changes)}
    return change(healthy(), history=msgspec.structs.replace(record, **changes))


def begun(trained_s: float, **changes: object) -> Evidence:
    """A run that has not trained for an hour yet."""
    record = history()
    parts = {
        name: msgspec.structs.replace(part, full=False, until_s=NOW_S, newest={}, succeeded=False)
        for name, part in (("hour", record.hour), ("day", record.day))
    }
    record = msgspec.structs.replace(record, trained_s=trained_s, **(parts | changes))
    return change(healthy(), history=record)


HOUR_FAULTS: list[tuple[str, Evidence]] = [
    ("started", changed(began_s=NOW_S - 7200.0 + 121.0)),
    ("no-errors", changed(events=(happened("trainer.crashed", HOUR_END_S),))),
    ("first-checkpoint", changed(first_checkpoint_s=NOW_S - 7200.0 + 908.0)),
    ("first-checkpoint", changed(first_checkpoint_s=None)),
    ("reward", changed(events=(happened("training.diverging", HOUR_END_S, sign="reward"),))),
    ("updates", changed(events=(happened("training.diverging", HOUR_END_S, sign="kl"),))),
    ("updates", changed(events=(happened("training.diverging", HOUR_END_S, sign="value_loss"),))),
    ("updates", changed("hour", newest={"train/learning_rate": math.nan})),
    ("updates", changed("hour", newest={"train/learning_rate": None})),
    ("episode-length", changed("hour", newest={"rollout/ep_len_mean": 900.0})),
    ("episode-length", changed("hour", newest={"rollout/ep_len_mean": math.nan})),
    ("episode-length", changed("hour", newest={"rollout/ep_len_mean": None})),
    ("success", changed("hour", succeeded=False)),
    ("finite", changed(events=(happened("training.not_finite", HOUR_END_S),))),
    ("checkpoints", changed(checkpoint_problem="000012 has no vecnormalize.npz")),
    ("checkpoints", change(healthy(), checkpoints_problem="000011 is damaged")),
    ("checkpoints", change(healthy(), checkpoints=())),
    ("tensorboard", changed(tensorboard_s=NOW_S - 121.0)),
    ("tensorboard", changed(tensorboard_s=None)),
]
DAY_FAULTS: list[tuple[str, Evidence]] = [
    ("no-crashes", changed(events=(*history().events, happened("trainer.crashed", DAY_END_S)))),
    ("memory", changed("day", newest={"memory/growth_gb_per_day": 5.1})),
    ("stage-1", changed("day", newest={"curriculum/current_stage": None})),
    ("success-improving", changed(events=(), success_quarters=(0.4, 0.3))),
    ("success-improving", changed(events=())),
    ("attempts", changed(events=(*history().events, happened("stage.regressed", DAY_END_S)))),
    (
        "attempts",
        changed(events=(*history().events, *[happened("stage.failed", DAY_END_S, stage=2)] * 2)),
    ),
    ("checkpoints", changed(checkpoint_problem="000012 has no vecnormalize.npz")),
    ("evaluation", changed(evaluated=False)),
    (
        "backups",
        change(healthy(), backups=BackupEvidence(1, NOW_S, None, 0.0, "b1 damaged")),
    ),
]
FAULTS = [("first-hour", *one) for one in HOUR_FAULTS] + [("first-day", *one) for one in DAY_FAULTS]


@pytest.mark.parametrize("check", ["first-hour", "first-day"])
def test_all_lines_hold(check: str) -> None:
    verdict = judged(check, healthy())
    assert verdict.level is Level.OK
    assert {finding.holds for finding in verdict.findings} == {True}
    assert verdict.text.endswith(f"{len(verdict.findings)} of {len(verdict.findings)} hold")


@pytest.mark.parametrize(("check", "name", "evidence"), FAULTS)
def test_a_line_that_does_not_hold_is_named(check: str, name: str, evidence: Evidence) -> None:
    verdict = judged(check, evidence)
    [bad] = [finding for finding in verdict.findings if finding.holds is not True]
    assert (bad.name, bad.holds) == (name, False)
    assert verdict.level is Level.WARNING
    assert f"{name}: {bad.text}; judged " in verdict.text


@pytest.mark.parametrize(
    ("check", "events"),
    [
        ("first-hour", [happened("trainer.crashed", HOUR_END_S + 1.0)]),
        ("first-hour", [happened("training.not_finite", HOUR_END_S + 1.0)]),
        ("first-hour", [happened("training.diverging", HOUR_END_S + 1.0, sign="reward")]),
        (
            "first-hour",
            [
                happened("training.diverging", HOUR_END_S - 9.0, sign="reward"),
                happened("training.steady", HOUR_END_S, sign="reward"),
            ],
        ),
        (
            "first-hour",
            [
                happened("training.diverging", HOUR_END_S - 9.0, sign="kl"),
                happened("rollback.done", HOUR_END_S),
            ],
        ),
        ("first-day", [happened("trainer.crashed", DAY_END_S + 1.0)]),
        ("first-day", [happened("trainer.crashed", DAY_END_S - 86_400.0)]),
        ("first-day", [happened("stage.failed", DAY_END_S, stage=stage) for stage in (1, 2)]),
    ],
)
def test_later_or_resolved_events_do_not_count(check: str, events: list[object]) -> None:
    evidence = changed(events=(*history().events, *events))
    assert judged(check, evidence).level is Level.OK


@pytest.mark.parametrize(
    "evidence",
    [
        changed(events=(happened("stage.ramped", DAY_END_S),), success_quarters=(0.4, 0.3)),
        changed(events=(), success_quarters=(0.3, 0.3)),
        change(
            changed(events=(), success_quarters=(0.98, 0.97)),
            progress__gate_passed=True,
        ),
    ],
)
def test_what_counts_as_improving(evidence: Evidence) -> None:
    assert judged("first-day", evidence).level is Level.OK


def test_before_it_is_due_it_says_when_and_how_many_hold() -> None:
    verdict = judged("first-hour", begun(1560.0))
    assert verdict.level is Level.OK
    assert verdict.text == "judged in 34 min; so far: 7 of 10 hold"
    unknown = {finding.name for finding in verdict.findings if finding.holds is None}
    assert unknown == {"episode-length", "success", "updates"}
    assert judged("first-day", begun(1560.0)).text.startswith("judged in 23 h 34 min; so far: ")


@pytest.mark.parametrize(
    ("check", "changes", "name"),
    [
        ("first-hour", {"events": (happened("training.not_finite", NOW_S - 9),)}, "finite"),
        ("first-hour", {"events": (happened("checkpoint.failed", NOW_S - 9),)}, "no-errors"),
        ("first-hour", {"began_s": None, "first_checkpoint_s": None}, "started"),
        ("first-hour", {"first_checkpoint_s": None}, "first-checkpoint"),
        ("first-day", {"events": (happened("trainer.crashed", NOW_S - 9),)}, "no-crashes"),
    ],
)
def test_certain_failures_warn_at_once(check: str, changes: dict[str, object], name: str) -> None:
    verdict = judged(check, begun(1560.0, **changes))
    assert verdict.level is Level.WARNING
    assert verdict.text.startswith(f"{name}: ")
    assert "; judged in " in verdict.text


def test_recoverable_failures_do_not_warn_before_they_are_due() -> None:
    evidence = begun(1560.0, events=(happened("training.diverging", NOW_S - 9, sign="reward"),))
    verdict = judged("first-hour", evidence)
    assert verdict.level is Level.OK
    assert False in {finding.holds for finding in verdict.findings}


@pytest.mark.parametrize(
    "over",
    [
        {"trainer__state": "EXITED"},
        {"trainer__state": "FATAL"},
        {"lock_held": False},
        {"lock_held": False, "daemon__stopped_s": NOW_S - 5.0},
    ],
)
def test_an_ended_run_is_judged_by_its_history(over: dict[str, object]) -> None:
    evidence = change(begun(1560.0, tensorboard_s=NOW_S - 999.0), **over)
    verdict = judged("first-hour", evidence)
    assert verdict.level is Level.OK, "it had no time for what it did not come to"
    assert " ago: 7 of 10 hold" in verdict.text
    fallen = begun(1560.0, events=(happened("training.diverging", NOW_S - 9, sign="reward"),))
    assert judged("first-hour", change(fallen, **over)).level is Level.WARNING


def test_a_past_failure_is_a_warning_for_a_day() -> None:
    evidence = changed(began_s=NOW_S - 7200.0 + 121.0)
    assert (
        judged("first-hour", change(evidence, now_s=HOUR_END_S + 86_400.0)).level is Level.WARNING
    )
    later = judged("first-hour", change(evidence, now_s=HOUR_END_S + 86_401.0))
    assert later.level is Level.OK
    assert "started: training began 2 min after the start" in later.text


def test_without_a_store_the_verdict_is_unknown() -> None:
    for check in ("first-hour", "first-day"):
        assert judged(check, change(healthy(), history=None)).level is Level.UNKNOWN
