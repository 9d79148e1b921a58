"""What a report or a verdict makes of a trial."""

from __future__ import annotations

import msgspec
import pytest

from daemon.sweeps.coordinator.step import (
    Before,
    after_report,
    after_verdict,
    delay_s,
    forked,
    start_order,
    started,
)
from daemon.sweeps.engines.engine import EndKind, TrialReport
from daemon.sweeps.records import Trial, TrialState
from daemon.sweeps.scheduling.scheduler import Verdict
from daemon.sweeps.spec.schema import Limits

LIMITS = Limits(steps=9000, attempts=2)
RUNNING = Trial(
    number=3,
    group=3,
    values={"ppo.gamma": 0.9},
    seed=1,
    state=TrialState.RUNNING,
    target_steps=3000,
    epoch=2,
    place="/trials",
    running_s=50.0,
)


def report(ended: EndKind | None = None, **fields: object) -> TrialReport:
    made = TrialReport(
        trial=3,
        epoch=2,
        steps=3072,
        metrics={"gate": 1.0},
        ended=ended,
        values={"gate": 2.0} if ended == "reached" else {},
        running_s=7.0,
    )
    return msgspec.structs.replace(made, **fields)


@pytest.mark.parametrize(
    ("ended", "attempts", "target_steps", "state"),
    [
        (None, 0, 3000, TrialState.RUNNING),
        ("reached", 0, 3000, TrialState.PAUSED),
        ("reached", 0, 9000, TrialState.COMPLETED),
        ("stopped", 0, 3000, TrialState.WAITING),
        ("lost", 0, 3000, TrialState.WAITING),
        ("crashed", 0, 3000, TrialState.WAITING),
        ("crashed", 1, 3000, TrialState.FAILED),
    ],
)
def test_the_table(
    ended: EndKind | None, attempts: int, target_steps: int, state: TrialState
) -> None:
    trial = msgspec.structs.replace(RUNNING, attempts=attempts, target_steps=target_steps)
    after, leg = after_report(trial, report(ended), Before(30.0, 50.0), LIMITS, 99.0)
    assert (after.state, after.steps, after.running_s) == (state, 3072, 57.0)
    assert after.attempts == attempts + (ended == "crashed")
    assert (leg is not None) == (ended == "reached")
    if leg is not None:  # at the rung, with all its time since the last one
        assert (leg.steps, leg.values, leg.running_s) == (target_steps, {"gate": 2.0}, 27.0)


def test_what_is_not_known_stays_and_a_restored_trial_has_fewer_steps() -> None:
    trial = msgspec.structs.replace(RUNNING, steps=2000, latest={"gate": 1.0})
    waits = report(steps=0, metrics={}, place="", reason="waits for a node")
    after, _ = after_report(trial, waits, Before(0.0, 50.0), LIMITS, 99.0)
    assert (after.steps, after.latest, after.place) == (2000, {"gate": 1.0}, "/trials")
    assert after.reason == "waits for a node"
    assert (
        after_report(after, report(steps=1024), Before(0.0, 50.0), LIMITS, 99.0).trial.steps == 1024
    )


def test_a_trial_that_is_lost_again_and_again_without_getting_further_is_given_up() -> None:
    trial = msgspec.structs.replace(RUNNING, state=TrialState.WAITING, steps=3072)
    for attempts, state in ((1, TrialState.WAITING), (2, TrialState.FAILED)):
        trial, _ = after_report(
            started(trial), report("lost", epoch=trial.epoch + 1), Before(0.0, 0.0), LIMITS, 1.0
        )
        assert (trial.state, trial.attempts, trial.place) == (state, attempts, "")
    assert "trained no further" in trial.reason


def test_a_lost_trial_has_no_place() -> None:
    after, _ = after_report(RUNNING, report("lost"), Before(0.0, 0.0), LIMITS, 99.0)
    assert after.place == ""


@pytest.mark.parametrize("fields", [{"epoch": 1}, {"epoch": 3}])
def test_another_epoch_changes_nothing(fields: dict[str, int]) -> None:
    late = report("reached", **fields)
    assert after_report(RUNNING, late, Before(0.0, 0.0), LIMITS, 1.0).trial is RUNNING


def test_what_does_not_run_and_what_is_not_new_changes_nothing() -> None:
    paused = msgspec.structs.replace(RUNNING, state=TrialState.PAUSED)
    assert after_report(paused, report("lost"), Before(0.0, 0.0), LIMITS, 1.0).trial is paused
    seen, _ = after_report(RUNNING, report(), Before(0.0, 50.0), LIMITS, 1.0)
    assert after_report(seen, report(), Before(0.0, 50.0), LIMITS, 1.0).trial is seen


def test_verdicts() -> None:
    paused = msgspec.structs.replace(RUNNING, state=TrialState.PAUSED)
    stopped = after_verdict(paused, Verdict(trial=3, steps=3000, kind="stop", reason="4th of 4"))
    assert (stopped.state, stopped.reason) == (TrialState.STOPPED, "4th of 4")
    goes_on = after_verdict(
        paused, Verdict(trial=3, steps=3000, kind="continue", target_steps=9000, reason="best")
    )
    assert (goes_on.state, goes_on.target_steps) == (TrialState.WAITING, 9000)
    verdict = Verdict(
        trial=3,
        steps=3000,
        kind="fork",
        target_steps=9000,
        parent=1,
        values={"ppo.gamma": 0.99},
        reason="poor",
    )
    assert after_verdict(paused, verdict).state is TrialState.STOPPED
    fork = forked(paused, verdict, 8, "/trials/1:r/s")
    assert (fork.number, fork.group, fork.parent) == (8, 8, 1)
    assert fork.values == {"ppo.gamma": 0.99}
    assert (fork.state, fork.steps, fork.target_steps) == (TrialState.WAITING, 3000, 9000)
    assert (fork.fork_from, fork.forked_steps, fork.own_steps) == ("/trials/1:r/s", 3000, 0)
    assert fork.reason == "a fork of trial 1 at 3,000 steps, in place of trial 3"


def test_the_furthest_start_first() -> None:
    new = msgspec.structs.replace(RUNNING, number=1)
    promoted = msgspec.structs.replace(RUNNING, number=2, target_steps=9000)
    assert sorted([RUNNING, new, promoted], key=start_order) == [promoted, new, RUNNING]


def test_the_delay_doubles_to_a_bound() -> None:
    assert [delay_s(n) for n in (1, 2, 3, 20)] == [10.0, 20.0, 40.0, 600.0]
