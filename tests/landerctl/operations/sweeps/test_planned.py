"""What `sweep run --dry-run` and `seeds` plan, and how long it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.cgroup import read_limits, usable_cpus
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.config.layering.assign import Assignment
from daemon.runs.creation import create_run
from daemon.runs.curves import Row, RunCurves, write_curves
from daemon.sweeps.records import Leg, TrialState
from daemon.sweeps.spec.load import parse_sweep
from landerctl.failure import Failure
from landerctl.operations.sweeps.estimate import estimate_sweep
from landerctl.operations.sweeps.planned import PlannedSweep, plan_sweep
from landerctl.operations.sweeps.seeds import seeds_text
from tests.landerctl.operations.sweeps.made_sweep import TEXT, made_sweep, trial

BASE = load_config(None).config


def planned(text: str, folder: Path, most: int | None = None) -> PlannedSweep:
    spec = parse_sweep(Path("rates.toml"), text)
    return plan_sweep(StatePaths(folder), [], "rates", spec, BASE, most=most)


def test_a_grid_lists_every_trial(tmp_path: Path) -> None:
    found = planned(TEXT, tmp_path)
    assert [(one.values["ppo.learning_rate"], one.seed) for one in found.trials] == [
        (1e-4, 1),
        (1e-4, 2),
        (4e-4, 1),
        (4e-4, 2),
    ]
    assert (found.total, found.hidden, found.later) == (4, 0, 0)
    assert planned(TEXT, tmp_path, most=3).hidden == 1


def test_a_trial_that_cannot_fly_says_why_and_a_sweep_of_none_is_refused(tmp_path: Path) -> None:
    some = TEXT.replace("ppo.learning_rate", "fleet.control_interval_s")
    some = some.replace("1e-4, 4e-4", "0.1, 0.07")
    found = planned(some, tmp_path)
    assert [bool(one.fault) for one in found.trials] == [False, False, True, True]
    with pytest.raises(Failure, match=r"no trial can fly: .*control_interval"):
        planned(some.replace("0.1, ", ""), tmp_path)


def test_the_time_is_by_this_machines_newest_sweep_else_run_else_recorded_trainings(
    tmp_path: Path,
) -> None:
    paths = StatePaths(tmp_path)
    spec = parse_sweep(Path("rates.toml"), TEXT + "[search]\n")
    config = load_config(None, {"fleet": {"threads": 1}}).config

    def estimated(*sweeps: str) -> tuple[float, str]:
        found = [made_sweep(paths, name) for name in sweeps]
        one = estimate_sweep(paths, found, spec, config, 4)
        assert one.training_s == -(-4 // one.at_once) * 300_000 / one.steps_per_s
        return one.steps_per_s, one.basis

    assert "recorded on another machine" in estimated()[1]
    run = create_run(paths, BASE, name="measured")
    rows = tuple(Row(float(k), k, float(k), {"time/fps": 2000.0}) for k in range(3))
    write_curves(run, RunCurves(rows=rows))
    # That run has two threads, a trial one: at least half as fast.
    assert estimated() == (
        1000.0,
        f"run {run.id}: 2,000 steps/s with 128 landers and 2 threads, for 128 and 1",
    )
    # Two legs: 100,000 steps in 100 s, 300,000 in 300 s.
    assert estimated("rates") == (1000.0, "the trials of sweep rates")


def test_a_fork_counts_with_its_own_steps(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    spec = parse_sweep(Path("rates.toml"), TEXT)
    fork = trial(0, TrialState.COMPLETED, 300_000, forked_steps=200_000)
    leg = Leg(trial=0, steps=300_000, values={}, running_s=100.0, time_s=0.0)
    sweep = made_sweep(paths, trials=[fork], legs=[leg])
    assert estimate_sweep(paths, [sweep], spec, BASE, 4).steps_per_s == 1000.0


def test_no_more_run_at_once_than_this_machine_has_cores_for(tmp_path: Path) -> None:
    text = TEXT.replace("steps = 300_000", "steps = 300_000\nparallel = 5000")
    spec = parse_sweep(Path("rates.toml"), text)
    paths = StatePaths(tmp_path)
    cores = usable_cpus(read_limits())
    most = max(1, cores // spec.limits.threads)
    assert estimate_sweep(paths, [], spec, BASE, 10_000).at_once == most
    assert estimate_sweep(paths, [], spec, BASE, 10_000, here=False).at_once == 5000


@pytest.mark.parametrize(
    ("settings", "steps", "metrics", "limit"),
    [
        ([], None, ["gate", "success"], BASE.run.timesteps),
        ([Assignment("run.mode", "standard"), Assignment("run.stage", 2)], 5, ["success"], 5),
        ([Assignment("run.timesteps", 1_000)], None, ["gate", "success"], 1_000),
    ],
)
def test_seeds_are_a_sweep_without_parameters(
    settings: list[Assignment], steps: int | None, metrics: list[str], limit: int
) -> None:
    spec = parse_sweep(Path("seeds"), seeds_text(5, 3, settings, BASE, steps))
    assert (spec.seeds.count, spec.seeds.first, spec.parameters) == (5, 3, [])
    assert [one.metric for one in spec.objectives] == metrics
    assert spec.limits.steps == limit
