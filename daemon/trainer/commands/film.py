"""`film`: one episode of one craft as a film, .mp4 or .gif."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from daemon.backup.restoring.find_state import verify_state
from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config, ConfigError, Sources, load_sources
from daemon.protocol.flight import REFERENCE
from daemon.runs.run_folder import read_run_config
from daemon.trainer.commands.episode_progress import time_left
from daemon.trainer.commands.film_file import FilmError, Picture, write_film
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.fleets import build_fleet
from daemon.trainer.health.errors import UnusableCheckpointError, UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.compilation.build import compile_environment
from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot
from env.pilot.pilot import ReferencePilot
from env.rendering.frame import Frame, between, end_frame, read_frame
from env.rendering.painter import Painter

FRAMES_PER_S = {".mp4": 30, ".gif": 10}
END_S = 2.5  # for which the last picture stays
REFRESH_S = 0.5


@dataclass(frozen=True)
class FilmRequest:
    """What to film."""

    run: RunPaths | None  # whose environment it is
    sources: Sources  # of the configuration without a run
    checkpoint: Path | None  # its folder; None: the reference pilot
    stage: int | None  # counted from 1; None: the checkpoint's
    seed: int
    speed: float  # of the film, factor of real time
    width: int
    height: int
    out: Path


class Film(msgspec.Struct, frozen=True):
    """The output of `landerctl film --json`."""

    file: str
    pilot: str
    stage: int
    seed: int
    outcome: str
    success: bool
    frames: int
    duration_s: float  # of the film
    flight_s: float
    made_in_s: float  # for flying, drawing and encoding


class _Setting(NamedTuple):
    fleet: LanderFleet
    pilot: Pilot
    name: str
    stage: int


def film(request: FilmRequest, startup: StartupProgress, *, as_json: bool, output: TextIO) -> int:
    """Fly, draw and write; returns 0, or 1 or a `TrainerExit` after one line. Ends `startup`."""
    try:
        with startup:
            setting = _prepare(request, startup)
        made = _make(request, setting)
    except (UnusableCheckpointError, DamagedCheckpointError) as error:
        return _fail(f"{error}; choose another, `landerctl backups` lists them", 1)
    except (ConfigError, UnusableError) as error:
        return _fail(str(error), TrainerExit.CONFIG)
    except FilmError as error:
        return _fail(str(error), 1)
    except OSError as error:
        return _fail(f"{request.out}: {error.strerror}; the film was not written", 1)
    output.write(f"{msgspec.json.encode(made).decode()}\n" if as_json else _text(made))
    return 0


def _fail(text: str, code: int) -> int:
    print(f"landerctl film: {text}", file=sys.stderr)
    return code


def _prepare(request: FilmRequest, startup: StartupProgress) -> _Setting:
    config = read_run_config(request.run) if request.run else load_sources(request.sources).config
    stage = request.stage or _own_stage(config, request.checkpoint)
    stages = config.curriculum.stages
    if stage > len(stages):
        raise UnusableError(f"--stage {stage}: allowed 1 to {len(stages)}")
    startup.next()
    compile_environment(startup.compiled)
    startup.next()
    fleet = build_fleet(config, stages[stage - 1], 1)
    pilot: Pilot
    if request.checkpoint is None:
        name = REFERENCE
        pilot = ReferencePilot(fleet.settings.vehicle, 1, config.fleet.control_interval_s)
    else:
        name = request.checkpoint.name
        pilot = PolicyPilot.load(request.checkpoint, config, fleet)
    startup.end()
    return _Setting(fleet, pilot, name, stage)


def _own_stage(config: Config, checkpoint: Path | None) -> int:
    """The stage that a checkpoint was saved in; 1 for the reference pilot."""
    if checkpoint is None:
        return 1
    manifest = verify_state(checkpoint).manifest
    return config.run.stage if config.run.mode == "standard" else manifest.stage


def _make(request: FilmRequest, setting: _Setting) -> Film:
    began_s = time.monotonic()
    moments, episode = _fly(setting, request.seed)
    rate = FRAMES_PER_S[request.out.suffix]
    interval_s = setting.fleet.settings.control_interval_s
    flight_s = (len(moments) - 1) * interval_s
    shown = max(round(flight_s * rate / request.speed), 1) + 1
    held = round(END_S * rate)

    def pictures() -> Iterator[Picture]:
        painter = Painter(setting.fleet.settings.vehicle, request.width, request.height)
        progress = _Progress(shown)
        for k in range(shown):
            at = min(k * request.speed / (rate * interval_s), len(moments) - 1.0)
            if k == shown - 1:
                at = len(moments) - 1.0
            first = min(int(at), len(moments) - 2)
            picture = painter.paint(between(moments[first], moments[first + 1], at - first))
            yield picture
            progress.show(k + 1)
        progress.clear()
        for _ in range(held):
            yield picture

    write_film(request.out, pictures(), request.width, request.height, rate)
    frames = shown + held
    return Film(
        file=str(request.out),
        pilot=setting.name,
        stage=setting.stage,
        seed=request.seed,
        outcome=episode.outcome.name.lower(),
        success=episode.success,
        frames=frames,
        duration_s=round(frames / rate, 2),
        flight_s=round(episode.time_s, 2),
        made_in_s=round(time.monotonic() - began_s, 2),
    )


def _fly(setting: _Setting, seed: int) -> tuple[list[Frame], Episode]:
    """All moments of an episode, one for each control step, and how it ended."""
    fleet, pilot = setting.fleet, setting.pilot
    fleet.set_next_seeds([0], [seed])
    observations = fleet.reset()
    moments = [read_frame(fleet, 0)]
    while True:
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        if dones[0]:
            episode: Episode = infos[0]["lander"]
            moments.append(end_frame(fleet, 0, moments[-1], episode))
            return moments, episode
        moments.append(read_frame(fleet, 0, moments[0].bearing_rad))


class _Progress:
    """One changing line on standard error if it is a terminal."""

    def __init__(self, frames: int) -> None:
        self._frames, self._terminal = frames, sys.stderr.isatty()
        self._began_s = self._shown_s = time.monotonic()

    def show(self, done: int) -> None:
        now_s = time.monotonic()
        if not self._terminal or now_s - self._shown_s < REFRESH_S:
            return
        self._shown_s = now_s
        left_s = (self._frames - done) * (now_s - self._began_s) / done
        text = f"{done:,} of {self._frames:,} frames, about {time_left(left_s)} left"
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _text(made: Film) -> str:
    outcome = made.outcome.replace("_", " ").upper()
    return (
        f"{outcome}: stage {made.stage}, seed {made.seed}, pilot {made.pilot}, "
        f"{made.flight_s:.1f} s of flight\n"
        f"{made.frames:,} frames, {made.duration_s:.1f} s, made in {made.made_in_s:.1f} s: "
        f"{made.file}\n"
    )
