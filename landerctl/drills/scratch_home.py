"""A state folder of a drill in which the real supervisor and the real trainer run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from threading import Event as Pause
from typing import Any, TypeVar

import msgspec
import tomli_w

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config
from daemon.runs.run_folder import create_run, current_run, set_current
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Event, Status
from landerctl.drills.leash import leashed
from landerctl.drills.model import DrillError

POLL_S = 0.1
START_S = 600.0  # a first start compiles
T = TypeVar("T")


class ScratchHome:
    """One state folder. What waits raises DrillError when its time is over."""

    def __init__(self, folder: Path, config: Config, **sections: Mapping[str, Any]) -> None:
        """Create it. `sections`: settings of the configuration that differ, by section."""
        make_private_folder(folder)
        self.paths = StatePaths(folder)
        self.config = merged(config, sections)
        self.config_file = folder / "config.toml"
        content = tomli_w.dumps(msgspec.to_builtins(self.config))
        write_atomically(self.config_file, content.encode())

    @property
    def run(self) -> RunPaths:
        """The current run; it is created if there is none. Raises OSError."""
        run = current_run(self.paths)
        if run is None:
            run = create_run(self.paths, self.config)
            set_current(self.paths, run.id)
        return run

    @contextmanager
    def daemon(self) -> Iterator[Popen[bytes]]:
        """A supervisor and its trainer; killed at the end, if they were not stopped."""
        command = [sys.executable, "-m", "daemon.supervisor", "--home", str(self.paths.home)]
        command += ["--run", self.run.id, "--config", str(self.config_file)]
        with leashed(command, self.paths.log) as process:
            yield process

    def status(self) -> Status | None:
        """The status; None if the store cannot be read yet."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                return reader.status()
        except StoreError:
            return None

    def events(self, *names: str, after_id: int = -1) -> list[Event]:
        """The events with these names after one; none if the store cannot be read yet."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                return reader.events(after_id=after_id, names=names or None, limit=1000)
        except StoreError:
            return []

    def wait_for_event(self, *names: str, after_id: int = -1, timeout_s: float = START_S) -> Event:
        """The first of these events after one."""
        found = self.wait(
            lambda: self.events(*names, after_id=after_id), f"event {names[0]}", timeout_s
        )
        return found[0]

    def wait(self, condition: Callable[[], T], what: str, timeout_s: float = START_S) -> T:
        """The condition's value once it is true. Raises DrillError."""
        pause, deadline = Pause(), time.monotonic() + timeout_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise DrillError(
                    f"{what} did not come within {timeout_s:g} s; see {self.paths.log}"
                )
            pause.wait(POLL_S)
        return value


def merged(config: Config, sections: Mapping[str, Mapping[str, Any]]) -> Config:
    """The configuration with some settings replaced. Raises msgspec.ValidationError."""
    content = msgspec.to_builtins(config)
    for name, settings in sections.items():
        if isinstance(content[name], dict):
            content[name] = {**content[name], **settings}
        else:
            content[name] = settings
    return msgspec.convert(content, Config)
