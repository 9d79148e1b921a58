"""`evaluate`: deterministic episodes of a pilot; prints a table or JSON, stored in the run."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from daemon.backup.restoring.find_state import verify_state
from daemon.base.paths import RunPaths
from daemon.base.text.one_line import one_line
from daemon.checkpoint.catalog import list_checkpoints, newest_whole
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config import Config, ConfigError, Sources, load_sources
from daemon.config.schema import Stage
from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import SOFT_TOUCHDOWN_M_S, EvaluationResult, save_evaluation
from daemon.runs.run_folder import read_run_config
from daemon.runs.statistics.intervals import Interval
from daemon.runs.trajectories import Trajectories, encode_trajectories
from daemon.trainer.commands.fly_shown import fly_shown
from daemon.trainer.curriculum.difficulty import conditions_at
from daemon.trainer.evaluation.fly_episodes import seeded_flights, summarize
from daemon.trainer.evaluation.pilot_source import load_pilot
from daemon.trainer.evaluation.provenance import describe_provenance
from daemon.trainer.evaluation.trajectories import trajectories_of
from daemon.trainer.evaluation.workers.share import WorkerLostError
from daemon.trainer.fleets import fleet_settings
from daemon.trainer.flyable import start_conditions
from daemon.trainer.health.errors import UnusableCheckpointError, UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.compilation.build import compile_environment
from env.fleet import FleetSettings


@dataclass(frozen=True)
class Request:
    """What to fly. Without a run only the reference pilot is possible."""

    run: RunPaths | None
    sources: Sources  # of the configuration without a run
    checkpoint: Path | None  # its folder; None: the newest intact one
    reference: bool  # fly the reference pilot, no checkpoint
    episodes: int | None  # None: evaluation.episodes
    first_seed: int | None  # None: evaluation.seed
    stage: int | None  # counted from 1; None: the checkpoint's
    as_saved: bool = False  # at the difficulty it was saved at, which may be on a ramp


def evaluate(request: Request, startup: StartupProgress, *, as_json: bool, output: TextIO) -> int:
    """Fly, store and print; returns 0, or 1 after one line on stderr. Ends `startup`.

    Ctrl-C stores nothing, and returns 128 + SIGINT as shells do.
    """

    def flown() -> str:
        with startup:
            result, trajectories = _fly(request, startup)
        stored = "no" if request.as_saved else "no: there is no run"
        if request.run is not None and not request.as_saved:
            content = encode_trajectories(trajectories)
            stored = str(save_evaluation(request.run.evaluations, result, content).path)
        return f"{msgspec.json.encode(result).decode()}\n" if as_json else _table(result, stored)

    return print_flown(flown, output, request.checkpoint)


def print_flown(flown: Callable[[], str], output: TextIO, checkpoint: Path | None) -> int:
    """Print what `flown` returns, or one line about its failure; returns the exit code.

    `checkpoint`: its folder, for an error that names no file.
    """
    try:
        text = flown()
    except (UnusableCheckpointError, DamagedCheckpointError) as error:
        text = f"{error}; choose another, `landerctl backups` lists them"
        print(f"landerctl evaluate: {one_line(text)}", file=sys.stderr)
        return 1
    except (ConfigError, UnusableError) as error:
        print(f"landerctl evaluate: {error}", file=sys.stderr)
        return 1
    except WorkerLostError as error:
        print(f"landerctl evaluate: {error}; run it again", file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or checkpoint or "the run"
        print(f"landerctl evaluate: {where}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlanderctl evaluate: interrupted; nothing was stored", file=sys.stderr)
        return 128 + signal.SIGINT
    output.write(text)
    output.flush()
    return 0


class Prepared(NamedTuple):
    """What a request means."""

    config: Config
    folder: Path | None  # of the checkpoint; None: the reference pilot
    stage: int  # counted from 1
    episodes: int
    first_seed: int
    settings: FleetSettings  # of all landers, however many processes they fly in


def prepare(request: Request, startup: StartupProgress) -> Prepared:
    """Read and compile.

    Raises ConfigError, UnusableError and DamagedCheckpointError.
    """
    run = request.run
    config = load_sources(request.sources).config if run is None else read_run_config(run)
    folder, saved_in = _source(request)
    stages = config.curriculum.stages
    number = request.stage
    if number is None:
        number = config.run.stage if config.run.mode == "standard" else saved_in
    if not 1 <= number <= len(stages):
        raise UnusableError(f"--stage {number}: allowed 1 to {len(stages)}")
    count = config.evaluation.episodes if request.episodes is None else request.episodes
    if count < 1:
        raise UnusableError(f"--episodes {count}: at least 1")
    first_seed = config.evaluation.seed if request.first_seed is None else request.first_seed
    settings = fleet_settings(config, stages[number - 1], config.run.n_envs)
    compile_for(startup)
    return Prepared(config, folder, number, count, first_seed, settings)


def compile_for(startup: StartupProgress) -> None:
    """Compile what flies; ends `startup`."""
    startup.next()
    compile_environment(startup.compiled)
    startup.end()


def _fly(request: Request, startup: StartupProgress) -> tuple[EvaluationResult, Trajectories]:
    run = request.run
    config, folder, number, count, first_seed, settings = prepare(request, startup)
    stages = config.curriculum.stages
    if request.as_saved:
        assert folder is not None
        difficulty = _difficulty(verify_state(folder).manifest, stages)
        start = conditions_at([start_conditions(stage) for stage in stages], difficulty)
        settings = replace(settings, start=start)
    source = load_pilot(folder, config)
    flown = fly_shown(source, settings, seeded_flights(first_seed, count), record=True)
    result = summarize(
        [one.episode for one in flown],
        run_id=run.id if run else None,
        pilot=folder.name if folder else REFERENCE,
        created_s=time.time(),
        vehicle=config.fleet.vehicle,
        stage=number,
        stage_name=stages[number - 1].name,
        first_seed=first_seed,
        provenance=None
        if request.as_saved
        else describe_provenance(
            config,
            stages[number - 1],
            policy=source.digest,
            first_seed=first_seed,
            episodes=count,
        ),
    )
    return result, trajectories_of(flown, settings.vehicle)


def _difficulty(manifest: Manifest, stages: Sequence[Stage]) -> float:
    ramp_steps = stages[manifest.stage - 1].ramp_steps
    return manifest.stage - 1 + manifest.ramp_step / ramp_steps


def _source(request: Request) -> tuple[Path | None, int]:
    """The folder of the checkpoint to fly, and the stage that it was saved in.

    The reference pilot has no folder, and the stage of the run's newest checkpoint.
    """
    run = request.run
    if request.reference:
        checkpoints = list_checkpoints(run.checkpoints).whole if run else []
        return None, checkpoints[-1].stage if checkpoints else 1
    if request.checkpoint is not None:
        return request.checkpoint, verify_state(request.checkpoint).manifest.stage
    newest = newest_whole(run.checkpoints) if run else None
    if run is None or newest is None:
        raise UnusableError("the run has no intact checkpoint yet; wait for the first one")
    return run.checkpoints / newest.id, newest.stage


def _table(result: EvaluationResult, stored: str) -> str:
    outcomes = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in result.outcomes.items())
    how = "" if result.pilot == REFERENCE else ", mean action"
    rows = [
        ("pilot", result.pilot),
        ("episodes", f"{result.episodes} of stage {result.stage}, {result.stage_name}{how}"),
        ("outcomes", outcomes),
        ("success rate", _show(result.success_rate, "%", 100.0, 1)),
        ("reward", _show(result.reward, "", 1.0, 0)),
        ("episode length", _show(result.episode_steps, "steps", 1.0, 0)),
        ("action roughness", _show(result.roughness, "", 1.0, 4)),
        ("distance from the pad", _show(result.distance_m, "m", 1.0, 2)),
        ("touchdown speed", _show(result.touchdown_speed_m_s, "m/s", 1.0, 2)),
        (f"  below {SOFT_TOUCHDOWN_M_S:g} m/s", _show(result.soft_landings, "%", 100.0, 1)),
        ("touchdown tilt", _show(result.touchdown_tilt_deg, "deg", 1.0, 2)),
        ("fuel left", _show(result.fuel_left, "%", 100.0, 1)),
        ("stored", stored),
    ]
    return "".join(f"{name:<22} {text}\n" for name, text in rows)


def _show(interval: Interval | None, unit: str, scale: float, digits: int) -> str:
    if interval is None:
        return "no landing"
    text = f"{interval.mean * scale:.{digits}f} {unit}".rstrip()
    if interval.low is None or interval.high is None:
        return text
    low, high = interval.low * scale, interval.high * scale
    return f"{text}   (95%: {low:.{digits}f} to {high:.{digits}f})"
