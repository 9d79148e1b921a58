"""Runs with evaluations and samples, with no training behind them."""

from __future__ import annotations

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.evaluations import Evaluation
from daemon.runs.metadata import Parent
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from tests.evaluation_samples import keep_evaluation, trajectories

BEGAN_S = 1_800_000_000.0


def make_run(
    paths: StatePaths, name: str, *, desired_kl: float = 0.008, parent: Parent | None = None
) -> RunPaths:
    """A run of the demo's configuration."""
    settings = {"run": {"mode": "demo"}, "ppo": {"desired_kl": desired_kl}}
    config = load_config(None, settings).config
    return create_run(paths, config, BEGAN_S, name=name, parent=parent)


def evaluate(
    run: RunPaths, landed: int, crashed: int, *, pilot: str = "1000-steps", created_s: float = 1e9
) -> Evaluation:
    """An evaluation in which the first seeds landed."""
    flown = trajectories(("landed",) * landed + ("crashed",) * crashed)
    return keep_evaluation(run.evaluations, flown, pilot=pilot, created_s=created_s)


def train(
    paths: StatePaths, run: RunPaths, *, began_s: float = BEGAN_S, first: int = 0, count: int = 60
) -> None:
    """Samples of `count` iterations, a second and 1,000 steps each, after `first` ones.

    The success rate rises by 0.01 an iteration; the gate of stage 1 is passed in the middle.
    """
    writer = StoreWriter.open(paths.store)
    with writer.transaction():
        writer.put_run(RunRecord(run.id, began_s, "demo", "ppo", 8))
        writer.add_session(began_s, run.id)
        for number in range(1, count + 1):
            done = first + number
            values = {
                "time/trained_s": float(done),
                "episode/success_rate_100": done / 100,
                "curriculum/current_stage": 1.0,
                "time/fps": 1000.0,
            }
            writer.add_samples(began_s + number, values, timesteps=1000 * done)
            if number == count // 2:
                body = {
                    "stage": 1,
                    "timesteps": 1000 * done,
                    "trained_s": float(done),
                    "success_rate": 0.9,
                    "reward_mean": 1300.0,
                }
                writer.add_event(
                    "stage.passed",
                    "passed",
                    time_s=began_s + number,
                    run_id=run.id,
                    body=dict(body),
                )
    writer.close()
