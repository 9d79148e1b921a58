"""A run's figures from a store that its own writer wrote, with a moved clock."""

from __future__ import annotations

import statistics
from contextlib import closing
from pathlib import Path

import pytest

from checks.checklist.performance.collect import performance_of
from checks.checklist.performance.curves import load_curves
from checks.checklist.performance.facts import RunPerformance
from checks.checklist.performance.run_estimate import estimate_completion, pace_of
from checks.gather import gather, with_config
from checks.milestones.history import with_history
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.records import Body, RunRecord
from daemon.store.writer import StoreWriter

BEGAN_S = 1_800_000_000.0
STEPS_PER_S = 10_000
STEP_S = 20.0


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    paths = StatePaths(tmp_path)
    made = create_run(paths, load_config(None).config)
    set_current(paths, made.id)
    with closing(StoreWriter.open(paths.store)) as store, store.transaction():
        # An earlier run, which was faster.
        store.add_session(BEGAN_S - 5000.0, "another")
        store.add_samples(BEGAN_S - 100.0, {"time/fps": 99_999.0, "time/trained_s": 9000.0}, 9)
        store.add_session(BEGAN_S, made.id)
        store.put_run(RunRecord(made.id, BEGAN_S, "curriculum", "ppo", 128))
    return made


def train(
    run: RunPaths,
    since_s: float,
    until_s: float,
    difficulty: float,
    *,
    paused_s: float = 0.0,
    **metrics: float,
) -> None:
    """Samples from one time of training to another, `paused_s` later by the clock."""
    paths = StatePaths(run.folder.parents[1])
    values = {name.replace("__", "/"): value for name, value in metrics.items()}
    with closing(StoreWriter.open(paths.store)) as store, store.transaction():
        for step in range(int(since_s / STEP_S), int(until_s / STEP_S)):
            trained_s = step * STEP_S
            known = {
                "time/trained_s": trained_s,
                "curriculum/difficulty": difficulty,
                "curriculum/current_stage": float(int(difficulty)),
            }
            steps = int(trained_s * STEPS_PER_S)
            store.add_samples(BEGAN_S + paused_s + trained_s, known | values, steps)


def pass_gate(run: RunPaths, stage: int, trained_s: float, success_rate: float = 0.5) -> None:
    paths = StatePaths(run.folder.parents[1])
    body: Body = {
        "stage": stage,
        "timesteps": int(trained_s * STEPS_PER_S),
        "trained_s": trained_s,
        "success_rate": success_rate,
    }
    with closing(StoreWriter.open(paths.store)) as store:
        store.add_event("stage.passed", "", time_s=BEGAN_S + trained_s, run_id=run.id, body=body)


def performance(run: RunPaths, after_s: float) -> RunPerformance | None:
    paths = StatePaths(run.folder.parents[1])
    evidence = with_config(gather(paths, BEGAN_S + after_s), paths, (), {})
    return performance_of(paths, with_history(evidence, paths), 5)


def trained(run: RunPaths, after_s: float) -> RunPerformance:
    found = performance(run, after_s)
    assert found is not None
    return found


def test_without_training_there_is_nothing(run: RunPaths) -> None:
    assert performance(run, 10.0) is None


def test_medians_are_of_the_last_hour_of_training_and_the_first_hour_is_kept(
    run: RunPaths,
) -> None:
    train(run, 0.0, 3700.0, 1.0, time__fps=20_000.0, memory__lander_mb=5.0)
    train(run, 3700.0, 8000.0, 1.0, paused_s=90_000.0, time__fps=8_000.0, memory__lander_mb=6.0)
    found = trained(run, 99_000.0)
    assert found.medians == {"time/fps": 8_000.0, "memory/lander_mb": 6.0}
    assert found.first_hour == {"time/fps": 20_000.0, "memory/lander_mb": 5.0}


def test_the_first_hour_is_unknown_until_it_is_full(run: RunPaths) -> None:
    train(run, 0.0, 3000.0, 1.0, time__fps=20_000.0)
    found = trained(run, 3000.0)
    assert found.first_hour == {}


def test_the_last_stage_counts_after_its_ramp_only(run: RunPaths) -> None:
    train(run, 0.0, 1000.0, 4.95, landing__fuel_left=0.9)
    found = trained(run, 1000.0)
    assert found.last_stage == {}
    train(run, 1000.0, 2000.0, 5.0, landing__fuel_left=0.4, episode__success_rate_100=0.7)
    found = trained(run, 2000.0)
    assert found.last_stage == {"landing/fuel_left": 0.4, "episode/success_rate_100": 0.7}


def test_stage_1_is_judged_at_its_gate_and_before_it_by_its_last_value(run: RunPaths) -> None:
    train(run, 0.0, 100.0, 1.0, episode__success_rate_100=0.3)
    found = trained(run, 100.0)
    assert found.stage_1_success == 0.3
    pass_gate(run, 1, 70.0, success_rate=0.55)
    found = trained(run, 100.0)
    assert found.stage_1_success == 0.55


def test_a_gate_that_a_rollback_took_back_is_not_passed(run: RunPaths) -> None:
    pass_gate(run, 1, 90.0)
    pass_gate(run, 2, 500.0)
    train(run, 0.0, 200.0, 1.0)
    found = trained(run, 600.0)
    assert [gate.stage for gate in found.gates] == [1]


def test_the_pace_is_relative_to_the_recorded_speed_in_the_same_stage(run: RunPaths) -> None:
    train(run, 0.0, 300.0, 1.0)
    found = trained(run, 300.0)
    curves = load_curves()
    recorded = statistics.median(c.timesteps[0] / c.trained_s[0] for c in curves.of("ppo"))
    assert pace_of(found, curves) == pytest.approx(STEPS_PER_S / recorded)
    estimated = estimate_completion(found)
    assert estimated is not None
    assert [gate.gate for gate in estimated.gates] == [1, 2, 3, 4, 5]


def test_a_minute_of_training_gives_no_estimate(run: RunPaths) -> None:
    train(run, 0.0, 60.0, 1.0)
    found = trained(run, 60.0)
    assert estimate_completion(found) is None
