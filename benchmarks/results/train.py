"""Trains with the real commands in a separate state folder, and records the result."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Pause

import msgspec

from benchmarks.results.record import Gate, Kill, RunResult, cores, processor, versions
from daemon.base.paths import StatePaths
from daemon.protocol.trainer import Progress
from daemon.runs.evaluations import EvaluationResult
from daemon.store.reader import StoreReader
from daemon.store.records import Event

FRESH_SEED = 500_000_003  # not used by training or by the evaluations that chose the model
EPISODES = 500
POLL_S = 1.0
COMMAND = str(Path(sys.executable).with_name("landerctl"))


@dataclass(frozen=True)
class Request:
    """What to train."""

    name: str
    home: Path
    algorithm: str
    seed: int
    mode: str
    settings: str  # TOML on top of the defaults
    until_stage: int | None  # stop at this gate; None: train to the end
    kills: int
    kills_within: int | None  # environment steps; None: all of the training
    note: str


class TrainingFailedError(Exception):
    """The training did not end as requested."""


def train(request: Request) -> RunResult:
    """Train, then evaluate the best model and the reference pilot on fresh seeds.

    A training that is there already is followed to its end and measured.
    """
    home = StatePaths(request.home)
    if not home.store.exists():
        _start(request)
    kills = _follow(home, request)
    events = _events(home)
    gates = [
        Gate(
            stage=int(event.body["stage"] or 0),
            timesteps=int(event.body["timesteps"] or 0),
            trained_s=float(event.body["trained_s"] or 0.0),
            success_rate=float(event.body["success_rate"] or 0.0),
            reward_mean=float(event.body["reward_mean"] or 0.0),
        )
        for event in events
        if event.name == "stage.passed"
    ]
    with StoreReader.open(home.store) as store:
        speeds = [sample.value for sample in store.series("time/fps")]
        trained = store.series("time/trained_s")[-1]
    last = gates[-1].stage if gates else 1
    return RunResult(
        name=request.name,
        algorithm=request.algorithm,
        seed=request.seed,
        mode=request.mode,
        settings=request.settings,
        n_envs=int(next(e for e in events if e.name == "run.started").body["n_envs"] or 0),
        timesteps=_timesteps(home),
        trained_s=trained.value,
        steps_per_s=statistics.median(speeds),
        gates=gates,
        final=_evaluate(request.home, "best", last),
        pilot=_evaluate(request.home, "--pilot=reference", last),
        kills=kills,
        cpu=processor(),
        cores=cores(),
        versions=versions(),
        note=request.note,
    )


def _start(request: Request) -> None:
    request.home.mkdir(parents=True, mode=0o700)
    # Intended crashes must not make the supervisor give up.
    text = f"{request.settings}\n[supervision]\nmax_crashes = {request.kills + 3}\n"
    (request.home / "config.toml").write_text(text, encoding="utf-8")
    start = ("--algorithm", request.algorithm, "--seed", str(request.seed), "--mode", request.mode)
    _landerctl(request.home, "start", "--fresh", *start)


def _follow(home: StatePaths, request: Request) -> list[Kill]:
    """Wait for the end or the requested gate; kill at random moments in the meantime."""
    pause, draw = Pause(), random.Random(request.seed)
    kills: list[Kill] = []
    while (progress := _progress(home)) is None:
        pause.wait(POLL_S)
    within = request.kills_within or progress.total_timesteps
    moments = sorted(draw.randrange(within) for _ in range(request.kills))
    while True:
        names = {event.name for event in _events(home)}
        if "run.completed" in names:
            return kills
        if "trainer.fatal" in names:
            raise TrainingFailedError(f"{request.home}: the training gave up")
        passed = [e.body["stage"] for e in _events(home) if e.name == "stage.passed"]
        if request.until_stage in passed:
            _landerctl(request.home, "stop")
            return kills
        if moments and _timesteps(home) >= moments[0]:
            moments.pop(0)
            kills.append(_kill(home, request.home, draw.choice(("trainer", "supervisor"))))
        pause.wait(POLL_S)


def _kill(home: StatePaths, folder: Path, process: str) -> Kill:
    """SIGKILL a process, and make sure that training resumes."""
    with StoreReader.open(home.store) as store:
        status = store.status()
    assert status.daemon is not None and status.trainer is not None
    pid = status.trainer.pid if process == "trainer" else status.daemon.pid
    before, ran = _timesteps(home), _count(home, "trainer.running")
    killed_s = time.time()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    if process == "supervisor":
        _landerctl(folder, "start")
    pause = Pause()
    while _count(home, "trainer.running") == ran:
        pause.wait(POLL_S)
    for event in _events(home):
        if event.name == "trainer.resumed" and event.time_s > killed_s:
            return Kill(process, before, int(str(event.body["checkpoint"]).split("-")[1]))
    return Kill(process, before, 0)  # there was no checkpoint yet


def _count(home: StatePaths, name: str) -> int:
    return sum(event.name == name for event in _events(home))


def _events(home: StatePaths) -> list[Event]:
    names = (
        "run.started",
        "run.completed",
        "stage.passed",
        "trainer.running",
        "trainer.resumed",
        "trainer.fatal",
    )
    with StoreReader.open(home.store) as store:
        return store.events(names=names, limit=10_000)


def _progress(home: StatePaths) -> Progress | None:
    with StoreReader.open(home.store) as store:
        return store.status().progress


def _timesteps(home: StatePaths) -> int:
    progress = _progress(home)
    return progress.timesteps if progress else 0


def _evaluate(home: Path, pilot: str, stage: int) -> EvaluationResult:
    options = ("--episodes", str(EPISODES), "--first-seed", str(FRESH_SEED), "--json")
    text = _landerctl(home, "evaluate", pilot, "--stage", str(stage), *options)
    return msgspec.convert(json.loads(text), EvaluationResult)


def _landerctl(home: Path, *arguments: str) -> str:
    command = [COMMAND, *arguments, "--home", str(home)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
