"""The state folder of a run that trained for a fortnight, by the store's own writer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from checks.checklist.reviews.collect import Reviewed
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.config import load_config
from daemon.protocol.trainer import EpisodesEnded, OutcomeCount
from daemon.runs.creation import create_run
from daemon.runs.run_folder import set_current
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from tests.evaluation_samples import keep_evaluation, trajectories

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
STEP_S = 600.0
STEPS_PER_S = 100  # environment steps of training time
FLOWN = trajectories(("landed",) * 18 + ("crashed", "timeout"))


def fortnight(home: Path, began_s: float, days: int = 14) -> Reviewed:
    """A run that trains from `began_s` (Unix) on; a sample every STEP_S.

    Stage 1 on the first day, stage 2 to the seventh, then stage 3. The reward rises by 1 an hour;
    on day 10 an alert fires for 2 h; on day 12 the trainer crashes.
    """
    paths, config = StatePaths(home), load_config(None).config
    run = create_run(paths, config, began_s)
    set_current(paths, run.id)
    with closing(StoreWriter.open(paths.store)) as store, store.transaction():
        store.put_run(RunRecord(run.id, began_s, "curriculum", "ppo", 128))
        store.add_session(began_s, run.id)
        for after_s in _every(days * DAY_S):
            hours = after_s / HOUR_S
            wave = math.sin(hours)
            store.add_samples(
                began_s + after_s,
                {
                    "time/trained_s": after_s,
                    "rollout/ep_rew_mean": 100.0 + hours + wave,
                    "episode/success_rate_100": 0.5 + 0.001 * hours + 0.01 * wave,
                    "curriculum/difficulty": float(_stage(after_s)),
                    "cpu/machine_percent": 80.0 + 5.0 * wave,
                    "memory/used_percent": 40.0 + wave,
                    "memory/trainer_bytes": 1.2e9,
                    "memory/growth_gb_per_day": 0.01,
                    "disk/free_gb": 100.0 - hours / 24.0,
                    "time/fps": 16_000.0 + wave,
                },
                timesteps=int(after_s * STEPS_PER_S),
            )
        for name, day, body in (
            ("stage.passed", 1.0, {"stage": 1, "trained_s": DAY_S}),
            ("stage.passed", 7.0, {"stage": 2, "trained_s": 7 * DAY_S}),
            ("alert.firing", 10.0, {"alert": "memory-high"}),
            ("alert.resolved", 10.0 + 2.0 / 24.0, {"alert": "memory-high"}),
            ("trainer.crashed", 12.0, {}),
        ):
            if day < days:
                when_s = began_s + day * DAY_S
                store.add_event(name, "", time_s=when_s, run_id=run.id, body=dict(body))
        for day in range(days):
            counts = [
                OutcomeCount(_stage(day * DAY_S), outcome, count)
                for outcome, count in (("landed", 700), ("crashed", 300))
            ]
            time_s = began_s + (day + 0.5) * DAY_S
            store.add_episodes(run.id, EpisodesEnded(time_s, counts, []))
    for day in (2.0, 6.0):
        _keep_best(run, began_s, day * DAY_S)
    return Reviewed(paths, run, config)


def _keep_best(run: RunPaths, began_s: float, after_s: float) -> None:
    """An evaluation in training, and the checkpoint of the best model that it makes."""
    timesteps = int(after_s * STEPS_PER_S)
    keep_evaluation(run.evaluations, FLOWN, pilot=f"{timesteps}-steps", created_s=began_s + after_s)
    commit_checkpoint(
        run.checkpoints,
        build=_write_model,
        run_id=run.id,
        kind="best",
        created_s=began_s + after_s + 1.0,
        algorithm="ppo",
        timesteps=timesteps,
        stage=2,
        versions={},
    )


def _write_model(folder: Path) -> None:
    (folder / "model.zip").write_bytes(b"model")


def _stage(after_s: float) -> int:
    return 1 if after_s < DAY_S else 2 if after_s < 7 * DAY_S else 3


def _every(until_s: float) -> Iterator[float]:
    return (number * STEP_S for number in range(int(until_s / STEP_S)))
