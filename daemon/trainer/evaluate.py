"""`evaluate`: deterministic episodes of a checkpoint, as a table or as JSON, kept in the run."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

import msgspec

from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError, verify
from daemon.config import ConfigError
from daemon.files import make_private_folder, write_atomically
from daemon.paths import RunPaths
from daemon.runs import read_run_config
from daemon.trainer.errors import UnusableError
from daemon.trainer.evaluation import EvaluationResult, Interval, fly_episodes, summarize
from daemon.trainer.fleets import build_fleet
from daemon.trainer.normalizer import build_normalizer
from daemon.trainer.saving import load_model


def evaluate(
    run: RunPaths,
    *,
    checkpoint: Path | None,
    episodes: int | None,
    stage: int | None,
    as_json: bool,
    output: TextIO,
) -> int:
    """Fly and print; the exit code is 0, or 1 after one line of explanation on stderr."""
    try:
        result = _evaluate(run, checkpoint, episodes, stage)
    except (ConfigError, UnusableError, DamagedCheckpointError) as error:
        print(f"landerctl evaluate: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"landerctl evaluate: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    content = msgspec.json.encode(result)
    make_private_folder(run.evaluations)
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{result.checkpoint}.json"
    write_atomically(run.evaluations / name, content + b"\n")
    output.write(content.decode() + "\n" if as_json else _table(result))
    output.flush()
    return 0


def _evaluate(
    run: RunPaths, checkpoint: Path | None, episodes: int | None, stage: int | None
) -> EvaluationResult:
    config = read_run_config(run)
    if checkpoint is None:
        newest = newest_whole(run.checkpoints)
        if newest is None:
            raise UnusableError(f"{run.id} has no whole checkpoint yet; wait for the first one")
        folder, manifest = run.checkpoints / newest.id, newest
    else:
        folder, manifest = checkpoint, verify(checkpoint)
    stages = config.curriculum.stages
    number = stage if stage is not None else manifest.stage
    if config.run.mode == "standard" and stage is None:
        number = config.run.stage
    if not 1 <= number <= len(stages):
        raise UnusableError(f"--stage {number}: allowed 1 to {len(stages)}")
    count = episodes if episodes is not None else config.evaluation.episodes
    if count < 1:
        raise UnusableError(f"--episodes {count}: at least 1")
    fleet = build_fleet(config, stages[number - 1], min(count, config.run.n_envs))
    normalizer = build_normalizer(config, fleet, training=False)
    model = load_model(folder, config, normalizer, replay=False)
    began = time.monotonic()

    def show(ended: int) -> bool:
        nonlocal began
        if sys.stderr.isatty() and time.monotonic() - began > 0.5:
            began = time.monotonic()
            print(f"\r{ended} of {count} episodes", end="", file=sys.stderr, flush=True)
        return True

    flown = fly_episodes(
        model,
        normalizer,
        fleet,
        first_seed=config.evaluation.seed,
        episodes=count,
        between_steps=show,
    )
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return summarize(flown, checkpoint=manifest.id, stage=number, first_seed=config.evaluation.seed)


def _table(result: EvaluationResult) -> str:
    outcomes = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in result.outcomes.items())
    rows = [
        ("checkpoint", result.checkpoint),
        ("episodes", f"{result.episodes} of stage {result.stage}, mean action"),
        ("outcomes", outcomes),
        ("success rate", _show(result.success_rate, "%", 100.0, 1)),
        ("reward", _show(result.reward, "", 1.0, 0)),
        ("episode length", _show(result.episode_steps, "steps", 1.0, 0)),
        ("distance from the pad", _show(result.distance_m, "m", 1.0, 2)),
        ("touchdown speed", _show(result.touchdown_speed_m_s, "m/s", 1.0, 2)),
        ("touchdown tilt", _show(result.touchdown_tilt_deg, "deg", 1.0, 2)),
        ("fuel left", _show(result.fuel_left, "%", 100.0, 1)),
    ]
    return "".join(f"{name:<22} {text}\n" for name, text in rows)


def _show(interval: Interval | None, unit: str, scale: float, digits: int) -> str:
    if interval is None:
        return "no landing"
    low, high = interval.low * scale, interval.high * scale
    text = f"{interval.mean * scale:.{digits}f} {unit}".rstrip()
    return f"{text}   (95%: {low:.{digits}f} to {high:.{digits}f})"
