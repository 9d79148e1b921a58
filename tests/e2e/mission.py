"""A state folder in which tests run the real program: its commands, its supervisor, its trainer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
import psutil

from daemon.base.identity import flock_is_held, lock_is_held
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import (
    MANIFEST,
    Manifest,
    digest_file,
    encode_record,
    read_manifest,
    seal,
)
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Status
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import SCRIPT, environment, landerctl
from tests.waiting import eventually

# Small, so that a rollout takes a fraction of a second, and without alerts on this machine's load.
CONFIG = """
[run]
n_envs = 8
[fleet]
threads = 1
vehicle = "{vehicle}"
[network]
hidden = [32]
[ppo]
n_steps = 64
batch_size = 128
n_epochs = 2
[checkpoints]
interval_steps = 2048
keep = 1000
[evaluation]
episodes = 8
[supervision]
stop_timeout_s = 60.0
[resources]
interval_s = 0.5
[expected]
steps_per_s = [0.001, 1e9]
[tensorboard]
enabled = false
[[alerts]]
name = "disk-low"
metric = "disk/free_gb"
comparison = "below"
threshold = {disk_threshold_gb}
for_s = 0.0
severity = "critical"
summary = "Disk space is running out"
"""
ROLLOUT_STEPS = 8 * 64
# A trainer's start imports torch and Basilisk, and compiles at the first time.
PATIENCE_S = 120.0
# Compiled code may be shared: its folder is named by a digest of the sources. One thread only.
SHARED = {
    "XDG_CACHE_HOME": str(platformdirs.user_cache_path()),
    "OMP_NUM_THREADS": "1",
}


class Mission:
    """One state folder. Waits for conditions of store, locks and disk, never for a fixed time."""

    def __init__(self, home: Path) -> None:
        home.mkdir(mode=0o700, exist_ok=True)
        self.paths = StatePaths(home)
        self.variables: dict[str, str] = {}  # of the commands' environment
        self._forgotten: int | None = None  # the newest event that does not count any more
        self.configure()

    @classmethod
    def copy(cls, home: Path, to: Path) -> Mission:
        """A copy of a state folder whose daemon is stopped."""
        shutil.copytree(home, to, symlinks=True)
        return cls(to)

    def configure(self, *, disk_threshold_gb: float = 0.001, vehicle: str = "starship-hls") -> None:
        """Replace the configuration file as an editor does."""
        new = self.paths.home / "config.toml.new"
        text = CONFIG.format(disk_threshold_gb=disk_threshold_gb, vehicle=vehicle)
        new.write_text(text, encoding="utf-8")
        new.replace(self.paths.home / "config.toml")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        variables = SHARED | self.variables
        return landerctl(self.paths.home, *arguments, timeout_s=PATIENCE_S, **variables)

    def done(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that must succeed."""
        ended = self.run(*arguments)
        assert ended.returncode == Exit.OK, (ended, self.event_log())
        return ended

    def open(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command whose output is read while it runs."""
        return subprocess.Popen(
            [str(SCRIPT), *arguments],
            env=environment(self.paths.home, **SHARED),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def current(self) -> RunPaths:
        run = current_run(self.paths)
        assert run is not None
        return run

    @property
    def status(self) -> Status:
        with StoreReader.open(self.paths.store) as store:
            return store.status()

    @property
    def view(self) -> dict[str, Any]:
        """The output of `status --json`."""
        view: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return view

    @property
    def timesteps(self) -> int:
        progress = self.status.progress
        return progress.timesteps if progress else 0

    @property
    def checkpoints(self) -> list[Manifest]:
        return list_checkpoints(self.current.checkpoints).whole

    @property
    def flown(self) -> list[int]:
        """The timesteps at the end of each rollout, in order of time."""
        with StoreReader.open(self.paths.store) as store:
            samples = store.series("time/fps")
        return [sample.timesteps for sample in samples if sample.timesteps is not None]

    def events(self, *names: str) -> list[Event]:
        with StoreReader.open(self.paths.store) as store:
            return store.events(names=names or None, limit=1000, after_id=self._forgotten)

    def forget(self) -> None:
        """Count events from now on only."""
        self._forgotten = self.events()[-1].id

    def event(self, name: str, count: int = 1) -> Event:
        """The count-th event of this name, once it is stored."""

        def probe() -> Event | None:
            found = self.events(name)
            return found[count - 1] if len(found) >= count else None

        return eventually(probe, f"event {name}, number {count}", PATIENCE_S)

    def trained_past(self, timesteps: int) -> None:
        """Wait until the newest trainer has passed these timesteps."""
        eventually(lambda: self.timesteps > timesteps, f"{timesteps} steps", PATIENCE_S)

    def saved(self, count: int) -> list[Manifest]:
        """Wait for this number of checkpoints and return them."""

        def probe() -> list[Manifest] | None:
            found = self.checkpoints
            return found if len(found) >= count else None

        return eventually(probe, f"{count} checkpoints", PATIENCE_S)

    def forge(self, folder: Path, name: str, content: bytes) -> Manifest:
        """Replace a checkpoint's file, with a matching manifest."""
        (folder / name).write_bytes(content)
        manifest = read_manifest(folder)
        files = manifest.files | {name: digest_file(folder / name)}
        manifest = seal(msgspec.structs.replace(manifest, files=files))
        (folder / MANIFEST).write_bytes(encode_record(manifest))
        return manifest

    def supervisor_pid(self) -> int:
        daemon = self.status.daemon
        assert daemon is not None
        return daemon.pid

    def trainer_pid(self) -> int:
        trainer = self.status.trainer
        assert trainer is not None and trainer.pid is not None
        return trainer.pid

    def daemon_gone(self) -> None:
        """Wait until no supervisor holds the lock."""
        eventually(lambda: not lock_is_held(self.paths), "the daemon ends", PATIENCE_S)

    def trainer_gone(self) -> None:
        """Wait until no process holds the run's lease."""
        lease = self.current.lease
        eventually(lambda: not flock_is_held(lease), "the trainer ends", PATIENCE_S)

    def event_log(self) -> list[str]:
        """The event log, for the message of a failed test."""
        return [f"{event.name}: {event.text}" for event in self.events()]

    def close(self) -> None:
        """End all processes, whatever the test did."""
        if lock_is_held(self.paths):
            trainer = self.status.trainer
            os.kill(self.supervisor_pid(), signal.SIGKILL)
            self.daemon_gone()
            # It would save and exit by itself, which is not needed here.
            if trainer and trainer.pid and flock_is_held(self.current.lease):
                os.kill(trainer.pid, signal.SIGKILL)
        if current_run(self.paths) is not None:
            self.trainer_gone()


def alive(pid: int) -> bool:
    """Whether this process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
