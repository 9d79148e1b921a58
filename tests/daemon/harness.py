"""A state folder and a supervisor process to test with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.environment_version import environment_versions
from daemon.checkpoint.manifest import Manifest
from daemon.config import Sources, load_config
from daemon.config.schema import CheckpointKind
from daemon.processes.lease import Lease, LeaseHeldError
from daemon.protocol.control import Answer, Request, answer_decoder
from daemon.runs.creation import create_run
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Status
from daemon.store.schema import StoreError
from daemon.supervisor.lifecycle.launch import Ready
from tests.daemon.fake_state import FakeState
from tests.waiting import PATIENCE_S, eventually

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
# Short intervals, and no alerts about the test machine.
CONFIG = """
alerts = []
[supervision]
startup_timeout_s = {startup_timeout_s}
heartbeat_timeout_s = {heartbeat_timeout_s}
stop_timeout_s = {stop_timeout_s}
backoff_initial_s = {backoff_initial_s}
max_crashes = {max_crashes}
[resources]
interval_s = 0.1
{tensorboard}"""
NO_TENSORBOARD = "[tensorboard]\nenabled = false\n"

# Fires as soon as the fake trainer reports.
SPEED_LOW = """
[[alerts]]
name = "speed-low"
metric = "time/fps"
comparison = "below"
threshold = 1e12
for_s = 0.0
severity = "warning"
summary = "Too slow"
"""
# Of a configuration: each notice is appended to the file `notices` of `str.format`.
NOTICES_IN_A_FILE = """
[notify]
group_wait_s = 0.0
[[notify.targets]]
name = "file"
command = ["sh", "-c", "cat >> {notices}"]
"""


def config_text(
    *,
    startup_timeout_s: float = 10.0,
    heartbeat_timeout_s: float = 10.0,
    stop_timeout_s: float = 5.0,
    backoff_initial_s: float = 0.05,
    max_crashes: int = 3,
    tensorboard: str = NO_TENSORBOARD,
) -> str:
    return CONFIG.format(
        startup_timeout_s=startup_timeout_s,
        heartbeat_timeout_s=heartbeat_timeout_s,
        stop_timeout_s=stop_timeout_s,
        backoff_initial_s=backoff_initial_s,
        max_crashes=max_crashes,
        tensorboard=tensorboard,
    )


def save_checkpoint(
    run: RunPaths,
    *,
    kind: CheckpointKind = "interval",
    timesteps: int = 1000,
    stage: int = 1,
    reward_mean: float | None = None,
    success_rate: float | None = None,
    episodes: int = 0,
    algorithm: str = "ppo",
    model_bytes: int = 500,
) -> Manifest:
    """A checkpoint that the fake trainer can resume from."""

    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(os.urandom(model_bytes))
        (folder / "training_state.json").write_bytes(msgspec.json.encode(FakeState(timesteps)))

    return commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind=kind,
        created_s=1.0,
        algorithm=algorithm,
        timesteps=timesteps,
        stage=stage,
        versions=environment_versions(),
        reward_mean=reward_mean,
        success_rate=success_rate,
        episodes=episodes,
    )


class Home:
    """A state folder with one run, and the supervisor processes that a test starts in it."""

    def __init__(self, folder: Path) -> None:
        self.paths = StatePaths(folder)
        self.run = create_run(self.paths, load_config(None, {"checkpoints": {"keep": 3}}).config)
        self.config = folder / "config.toml"
        self.config.write_text(config_text())
        self.config.chmod(0o600)
        self.sources: Sources | None = None  # of the next daemon; None: `config` alone
        self.daemons: list[subprocess.Popen[bytes]] = []

    def spawn(self, *behaviour: str) -> tuple[subprocess.Popen[bytes], int]:
        """Start a supervisor with the fake trainer; also returns the pipe of its start report."""
        reading, writing = os.pipe()
        command = [sys.executable, "-m", "tests.daemon.supervise_fake"]
        command += ["--home", str(self.paths.home), "--run", self.run.id]
        sources = self.sources or Sources((str(self.config),))
        command += [*sources.arguments(), "--ready-fd", str(writing), "--", *behaviour]
        environ = os.environ | sources.variables
        with (self.paths.home / "supervisor.log").open("ab") as log:
            daemon = subprocess.Popen(
                command, pass_fds=(writing,), cwd=ROOT, stderr=log, env=environ
            )
        self.daemons.append(daemon)
        os.close(writing)
        return daemon, reading

    def start(self, *behaviour: str) -> tuple[subprocess.Popen[bytes], Ready]:
        """Start a supervisor with the fake trainer; returns when it has reported its start."""
        daemon, reading = self.spawn(*behaviour)
        with os.fdopen(reading, "rb") as pipe:
            line = pipe.readline()
        return daemon, msgspec.json.decode(line, type=Ready)

    def started(self, *behaviour: str) -> subprocess.Popen[bytes]:
        daemon, ready = self.start(*behaviour)
        assert ready == Ready(True)
        return daemon

    def stop(self, daemon: subprocess.Popen[bytes]) -> None:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE_S) == 0

    def close(self) -> None:
        """End all processes that the test started."""
        for daemon in self.daemons:
            daemon.kill()
            daemon.wait()
        eventually(lambda: not self.trainer_lives(), "the trainers end with their supervisors")

    def trainer_lives(self) -> bool:
        """Whether any process holds the run's lease."""
        try:
            Lease.take(self.run.lease).close()
        except LeaseHeldError:
            return True
        except FileNotFoundError:
            return False  # a test removed the folder
        return False

    def status(self) -> Status:
        with StoreReader.open(self.paths.store) as reader:
            return reader.status()

    def events(self, *names: str) -> list[Event]:
        with StoreReader.open(self.paths.store) as reader:
            return reader.events(names=names or None, limit=1000)

    def event(self, name: str, count: int = 1) -> Event:
        """Wait for the count-th event with this name."""

        def probe() -> Event | None:
            try:
                found = self.events(name)
            except StoreError:
                return None
            return found[count - 1] if len(found) >= count else None

        return eventually(probe, f"event {name}, number {count}")

    def trainer_state(self, state: str) -> Status:
        """Wait until the trainer is in this state; returns the status."""

        def probe() -> Status | None:
            status = self.status()
            return status if status.trainer and status.trainer.state == state else None

        return eventually(probe, f"trainer {state}")

    def ask(self, request: Request) -> list[Answer]:
        """All answers to one request."""
        return ask(self.paths.socket, msgspec.json.encode(request) + b"\n")


def ask(path: Path, line: bytes) -> list[Answer]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(path))
        client.sendall(line)
        with client.makefile("rb") as stream:
            return [answer_decoder.decode(answer) for answer in stream]
