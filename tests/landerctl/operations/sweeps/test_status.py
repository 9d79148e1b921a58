from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.base.paths import StatePaths
from daemon.sweeps.records import Note, Trial, TrialState
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.status import SweepStatus, build_status, short_values
from tests.landerctl.operations.sweeps.made_sweep import (
    BEGAN,
    BEGAN_S,
    LEGS,
    STEPS,
    TRIALS,
    trial,
)
from tests.landerctl.operations.sweeps.results.sweep_samples import spec

SWEEP = StatePaths(Path("/no-such"))


def status(
    trials: tuple[Trial, ...] = TRIALS,
    notes: tuple[Note, ...] = (BEGAN,),
    pid: int | None = 7,
    most: int | None = None,
    direction: str = "maximize",
) -> SweepStatus:
    from daemon.sweeps.paths import sweep_paths

    objective = Objective(metric="success", direction=direction)  # type: ignore[arg-type]
    return build_status(
        sweep_paths(SWEEP, "rates"),
        spec(objective),
        trials,
        LEGS,
        notes,
        total=6,
        pid=pid,
        engine="local",
        now_s=BEGAN_S + 600,
        most=most,
    )


@pytest.mark.parametrize(
    ("notes", "pid", "state"),
    [
        ((), None, "new"),
        ((), 7, "running"),
        (("began",), 7, "running"),
        (("began", "paused"), 7, "paused"),
        (("began", "paused", "continued"), 7, "running"),
        (("began", "paused"), None, "dead"),
        (("began",), None, "dead"),
        (("began", "stopped"), None, "stopped"),
        (("began", "stopped", "resumed"), 7, "running"),
        (("began", "ended"), None, "ended"),
    ],
)
def test_the_state_is_by_the_last_note_and_whether_a_coordinator_runs(
    notes: tuple[str, ...], pid: int | None, state: str
) -> None:
    made = tuple(Note(time_s=BEGAN_S, kind=kind, text=kind) for kind in notes)
    assert status(notes=made, pid=pid).state == state


def test_the_time_left_is_that_of_what_is_open_at_the_speed_of_those_that_run() -> None:
    found = status()
    # 1,000 steps/s; open: 150,000 of one that runs, and three trials whole, two still to come.
    assert found.left_s == pytest.approx((150_000 + 3 * STEPS) / 1000)
    assert found.trials[2].left_s == pytest.approx(150.0)
    assert found.trials[3].left_s is None
    assert found.elapsed_s == 600
    assert found.counts == {"completed": 1, "stopped": 1, "running": 1, "waiting": 1}


def test_a_sweep_that_does_not_run_has_no_time_left_and_ended_with_its_last_sign() -> None:
    found = status(pid=None)
    assert found.left_s is None and found.trials[2].left_s is None
    assert found.steps_per_s == 0.0
    assert found.elapsed_s == 400


@pytest.mark.parametrize(("direction", "best"), [("maximize", 0), ("minimize", 4)])
def test_a_large_sweep_lists_the_best_at_the_most_steps_and_what_runs(
    direction: str, best: int
) -> None:
    poor = replace(trial(3, TrialState.COMPLETED, STEPS), number=4, latest={"success": 0.5})
    found = status((*TRIALS, poor), most=2, direction=direction)
    assert [row.number for row in found.trials] == [best, 2]
    assert found.hidden == 3


def test_an_ended_leg_counts_more_than_what_was_observed_while_training() -> None:
    found = status()
    assert found.trials[0].objectives == {"success": 0.9}
    assert found.trials[2].objectives == {"success": 0.25}


def test_a_trial_that_was_just_started_is_given_the_speed_of_the_others() -> None:
    new = replace(trial(3, TrialState.RUNNING, 0), running_s=0.0)
    found = status((*TRIALS[:3], new))
    assert found.trials[3].steps_per_s is None
    assert found.trials[3].left_s == pytest.approx(STEPS / 1000)


def test_settings_are_named_by_their_last_word_where_that_is_clear() -> None:
    values = {"ppo.gamma": 0.99, "ppo.learning_rate": 1e-4, "network.hidden": [64, 64]}
    assert short_values(values, list(values)) == "gamma=0.99 learning_rate=0.0001 hidden=[64,64]"
    both = ["ppo.gamma", "sac.gamma"]
    assert short_values({"ppo.gamma": 0.99}, both) == "ppo.gamma=0.99"
