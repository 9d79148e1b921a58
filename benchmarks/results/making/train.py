"""Trains with the real commands in a separate state folder, killed at random moments if asked."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from threading import Event as Pause

import msgspec

from benchmarks.results.making.fly import landerctl
from benchmarks.results.plan import Planned
from benchmarks.results.record import Kill
from daemon.base.files import write_atomically
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.protocol.trainer import Progress
from daemon.store.reader import StoreReader
from daemon.store.records import Event

POLL_S = 1.0


class TrainingFailedError(Exception):
    """The training did not end as planned."""


def train(planned: Planned, folder: Path) -> list[Kill]:
    """Train to the end, in a state folder; returns the kills.

    A training that is there already is resumed, or followed. Raises TrainingFailedError.
    """
    home = StatePaths(folder)
    if not home.store.exists():
        _start(planned, folder)
    elif not _ended(home, planned) and not lock_is_held(home):
        landerctl(folder, "start")
    return _follow(home, planned)


def _start(planned: Planned, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    # Intended crashes must not make the supervisor give up.
    crashes = f"[supervision]\nmax_crashes = {planned.kills + 3}\n"
    text = f'[fleet]\nvehicle = "{planned.vehicle}"\n{crashes}'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    landerctl(
        folder,
        "start",
        "--fresh",
        *("--algorithm", planned.algorithm, "--seed", str(planned.seed)),
        *("--name", planned.name),
    )


def _ended(home: StatePaths, planned: Planned) -> bool:
    events = _events(home)
    return any(
        event.name == "run.completed"
        or (event.name == "stage.passed" and event.body["stage"] == planned.until_stage)
        for event in events
    )


def _follow(home: StatePaths, planned: Planned) -> list[Kill]:
    """Wait for the end or the planned gate; kill at random moments in the meantime."""
    pause, draw = Pause(), random.Random(planned.seed)
    while (progress := _progress(home)) is None:
        pause.wait(POLL_S)
    record = home.home / "kills.json"
    kills = msgspec.json.decode(record.read_bytes(), type=list[Kill]) if record.exists() else []
    moments = sorted(draw.randrange(progress.total_timesteps) for _ in range(planned.kills))
    moments = [moment for moment in moments if not kills or moment > kills[-1].timesteps]
    while not _ended(home, planned):
        if any(event.name == "trainer.fatal" for event in _events(home)):
            raise TrainingFailedError(f"{home.home}: the training gave up; see its supervisor.log")
        if not lock_is_held(home) and not _ended(home, planned):
            raise TrainingFailedError(
                f"{home.home}: its daemon is gone; see its supervisor.log, or train again to resume"
            )
        if moments and _timesteps(home) >= moments[0]:
            moments.pop(0)
            kills.append(_kill(home, draw.choice(("trainer", "supervisor"))))
            write_atomically(record, msgspec.json.encode(kills))
        pause.wait(POLL_S)
    if planned.until_stage is not None and lock_is_held(home):
        landerctl(home.home, "stop")
    return kills


def _kill(home: StatePaths, process: str) -> Kill:
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
        landerctl(home.home, "start")
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
