"""The kept samples of a training, with shared stores and restarts from checkpoints."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

from daemon.config import Config, load_config
from daemon.store.reader import StoreReader
from daemon.store.records import Body, Sample
from daemon.store.writer import StoreWriter
from landerctl.plots.history import (
    StepBack,
    find_step_backs,
    kept_samples,
    read_history,
    to_curve,
)

CONFIG = load_config(None).config
STAGE = "curriculum/current_stage"


def test_a_step_back_drops_what_was_trained_beyond_it() -> None:
    timeline = [Sample(t, n, 0.0) for t, n in ((1, 100), (2, 200), (3, 300), (4, 200), (5, 300))]
    step_backs = find_step_backs(timeline)
    assert step_backs == [StepBack(4, 200)]
    reported = [Sample(1.5, 100, 0.1), Sample(2.5, 200, 0.2), Sample(3.5, 300, 0.3)]
    reported += [Sample(5.5, 300, 0.5), Sample(6.0, None, 0.6)]
    assert [sample.value for sample in kept_samples(reported, step_backs)] == [0.1, 0.5]


def test_curves_skip_values_that_are_not_finite() -> None:
    curve = to_curve([Sample(1, 10, 1.0), Sample(2, 20, math.nan), Sample(3, 30, math.inf)])
    assert (curve.timesteps.tolist(), curve.values.tolist()) == ([10.0], [1.0])


def fill(path: Path) -> None:
    """Run b: stage 1 to 300 steps, a crash that went back to 200, its gate at 300, then stage 2.

    Another run is trained in between.
    """
    with closing(StoreWriter.open(path)) as writer:

        def trainer_started(run: str, time_s: float) -> None:
            writer.add_session(time_s, run)

        def rollout(time_s: float, timesteps: int, stage: int, success: float) -> None:
            values = {STAGE: float(stage), "rollout/success_rate": success}
            writer.add_samples(time_s, values, timesteps)

        def passed_at(time_s: float, timesteps: int) -> None:
            body: Body = {"stage": 1, "timesteps": timesteps}
            writer.add_event("stage.passed", "", time_s=time_s, run_id="b", body=body)

        trainer_started("a", 0.0)
        rollout(1.0, 999, 1, 0.99)
        trainer_started("b", 2.0)
        for time_s, timesteps, success in ((3.0, 100, 0.1), (4.0, 200, 0.2), (5.0, 300, 0.3)):
            rollout(time_s, timesteps, 1, success)
        passed_at(5.5, 300)
        trainer_started("a", 6.0)
        rollout(7.0, 1100, 1, 0.98)
        trainer_started("b", 8.0)
        rollout(9.0, 200, 1, 0.25)
        rollout(10.0, 400, 1, 0.4)
        passed_at(10.5, 400)
        rollout(11.0, 500, 2, 0.05)
        writer.add_samples(11.0, {"disk/free_gb": 5.0})


def read(path: Path, run: str, config: Config = CONFIG) -> tuple[list[float], list[float]]:
    with StoreReader.open(path) as store:
        history = read_history(store, run, config)
    assert history is not None
    curve = history.rollout_success
    return curve.timesteps.tolist(), curve.values.tolist()


def test_each_run_has_its_own_kept_samples(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path)
    assert read(path, "a") == ([999.0, 1100.0], [0.99, 0.98])
    assert read(path, "b") == ([100.0, 200.0, 400.0, 500.0], [0.1, 0.25, 0.4, 0.05])


def test_stages_with_their_gates(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path)
    with StoreReader.open(path) as store:
        history = read_history(store, "b", CONFIG)
        assert read_history(store, "no-such-run", CONFIG) is None
    assert history is not None
    first, second = history.stages
    assert (first.number, first.first, first.last, first.passed) == (1, 0.0, 400.0, 400.0)
    assert (second.number, second.first, second.last, second.passed) == (2, 400.0, 500.0, None)
    assert second.name == CONFIG.curriculum.stages[1].name
    assert second.gate_success_rate == CONFIG.curriculum.stages[1].gate_success_rate
    assert second.gate_mean_reward == CONFIG.curriculum.stages[1].gate_mean_reward


def test_a_run_of_one_stage_names_that_stage_and_has_no_gate(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path)
    config = load_config(None, {"run": {"mode": "standard", "stage": 3}}).config
    with StoreReader.open(path) as store:
        history = read_history(store, "a", config)
    assert history is not None
    (span,) = history.stages
    assert (span.number, span.name) == (3, CONFIG.curriculum.stages[2].name)
    assert (span.gate_success_rate, span.gate_mean_reward) == (None, None)
