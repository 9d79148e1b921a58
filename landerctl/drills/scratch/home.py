"""A state folder of a drill in which the real supervisor and the real trainer run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Pause
from typing import Any, TypeVar

import msgspec

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config, ConfigError, load_config
from daemon.config.as_file import config_text
from daemon.protocol.trainer import Progress
from daemon.runs.creation import create_run
from daemon.runs.run_folder import current_run, set_current
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Event, Status
from landerctl.drills.model import DrillError
from landerctl.drills.scratch.leash import Ended, leashed, run_leashed

POLL_S = 0.1
# Generous: at the lowest priority, beside a training that uses all cores, everything takes long.
START_S = 1800.0  # a first start compiles
VERB_S = 1200.0
T = TypeVar("T")
# A drill's daemon neither notifies anybody, nor touches real backups, nor takes a real port,
# unless the drill asks for it.
ISOLATED: dict[str, dict[str, Any]] = {
    "notify": {"targets": []},
    "backup": {"targets": [], "directory": ""},
    "tensorboard": {"enabled": False},
    "prometheus": {"enabled": False},
    "tracking": {"enabled": False},
    "checks": {"ping_url_file": ""},
}


class ScratchHome:
    """One state folder. What waits raises DrillError when its time is over."""

    def __init__(self, folder: Path, config: Config, **sections: Any) -> None:
        """Create it. `sections`: settings of the configuration that differ, by section.

        Without them it is isolated from what is real: see ISOLATED. Raises OSError, DrillError.
        """
        make_private_folder(folder)
        self.paths = StatePaths(folder)
        self.paths.lock.touch(mode=0o600)  # marks it as a state folder
        self.config_file = folder / "config.toml"
        settings = merged(merged(config, ISOLATED), sections)
        write_atomically(self.config_file, config_text(settings).encode())
        try:
            self.config = load_config(self.config_file).config  # as the daemon reads it
        except ConfigError as error:
            raise DrillError(f"the drill's configuration cannot be used: {error}") from None
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def run(self) -> RunPaths:
        """The current run; it is created if there is none. Raises OSError."""
        run = current_run(self.paths)
        if run is None:
            run = create_run(self.paths, self.config)
            set_current(self.paths, run.id)
        return run

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """A supervisor and its trainer; killed at the end, if they were not stopped."""
        command = [sys.executable, "-P", "-m", "daemon.supervisor", "--home", str(self.paths.home)]
        command += ["--run", self.run.id, "--config", str(self.config_file)]
        with leashed(command, self.paths.log) as process:
            self._daemon = process
            try:
                yield process
            finally:
                self._daemon = None

    def interrupt(self, timeout_s: float = VERB_S) -> int:
        """Ctrl-C on the daemon: wait until trainer and daemon have ended; returns its exit code."""
        assert self._daemon is not None
        status = self.status()
        if status is None or status.daemon is None:
            raise DrillError("the drill's daemon has no status")
        os.kill(status.daemon.pid, signal.SIGINT)
        try:
            return self._daemon.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise DrillError(f"the drill's daemon did not end within {timeout_s:g} s") from None

    def verb(self, *arguments: str, timeout_s: float = VERB_S) -> Ended:
        """Run a verb of landerctl here, to its end. Not `start`: its daemon would outlive us."""
        return run_leashed(self.command(*arguments), self.log, timeout_s=timeout_s)

    def command(self, *arguments: str) -> list[str]:
        """The command line of a verb in this state folder."""
        where = ["--home", str(self.paths.home), "--config", str(self.config_file)]
        return [sys.executable, "-P", "-m", "landerctl", *arguments, *where]

    @property
    def log(self) -> Path:
        """What the drill's own commands print to standard error."""
        return self.paths.home / "drill.log"

    def status(self) -> Status | None:
        """The status; None if the store cannot be read yet."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                return reader.status()
        except StoreError:
            return None

    def trainer_pid(self) -> int:
        """The process id of the running trainer."""
        status = self.status()
        if status is None or status.trainer is None or status.trainer.pid is None:
            raise DrillError("the drill's trainer has no process id")
        return status.trainer.pid

    def events(self, *names: str, after_id: int = -1) -> list[Event]:
        """The events with these names after one; none if the store cannot be read yet."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                return reader.events(after_id=after_id, names=names or None, limit=1000)
        except StoreError:
            return []

    def checkpoints(self) -> list[Manifest]:
        """The current run's checkpoints, oldest first. Raises OSError."""
        return list_checkpoints(self.run.checkpoints).whole

    def newest(self) -> Manifest:
        """The newest checkpoint. Raises OSError."""
        found = self.checkpoints()
        if not found:
            raise DrillError("the drill's training saved no checkpoint")
        return found[-1]

    def last_event_id(self) -> int:
        """The id of the newest event; -1 before the first."""
        events = self.events()
        return events[-1].id if events else -1

    def wait_for_event(self, *names: str, after_id: int = -1, timeout_s: float = START_S) -> Event:
        """The first of these events after one."""
        found = self.wait(
            lambda: self.events(*names, after_id=after_id), f"event {names[0]}", timeout_s
        )
        return found[0]

    def wait_for_progress(
        self,
        reached: Callable[[Progress], bool],
        what: str,
        *,
        since_s: float = 0.0,
        timeout_s: float = START_S,
    ) -> Progress:
        """The training's progress once it `reached` something, reported after `since_s` (Unix).

        Raises DrillError also if no trainer will run any more.
        """

        def probe() -> Progress | None:
            status = self.status()
            if status is None:
                return None
            trainer, progress = status.trainer, status.progress
            if trainer is not None and trainer.state in ("FATAL", "EXITED"):
                raise DrillError(f"the drill's training ended before {what}: {trainer.last_exit}")
            if progress is None or progress.time_s < since_s or not reached(progress):
                return None
            return progress

        found = self.wait(probe, what, timeout_s)
        assert found is not None
        return found

    def wait(self, condition: Callable[[], T], what: str, timeout_s: float = START_S) -> T:
        """The condition's value once it is true. Raises DrillError."""
        pause, deadline = Pause(), time.monotonic() + timeout_s
        while not (value := condition()):
            daemon = self._daemon
            if daemon is not None and daemon.poll() is not None and not condition():
                raise DrillError(f"the drill's daemon ended before {what}: {self._last_log_line()}")
            if time.monotonic() > deadline:
                raise DrillError(
                    f"{what} did not come within {timeout_s:g} s: {self._last_log_line()}"
                )
            pause.wait(POLL_S)
        return value

    def _last_log_line(self) -> str:
        """The end of the supervisor's log, which is removed with the drill."""
        try:
            lines = self.paths.log.read_text(errors="replace").split("\n")
        except OSError:
            return "it logged nothing"
        return next((line for line in reversed(lines) if line.strip()), "it logged nothing")


def merged(config: Config, sections: Mapping[str, Any]) -> Config:
    """The configuration with some settings replaced. Raises msgspec.ValidationError."""
    content = msgspec.to_builtins(config)
    for name, settings in sections.items():
        if isinstance(content[name], dict):
            content[name] = {**content[name], **settings}
        else:
            content[name] = settings
    return msgspec.convert(content, Config)
