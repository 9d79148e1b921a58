"""The supervisor below a trial, and what its home's store says of the training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Event

from daemon.base.files import open_log
from daemon.base.paths import RunPaths, StatePaths
from daemon.processes.lease import Lease, LeaseHeldError, kill_group
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Status
from daemon.sweeps.trial.home import config_file, last_line

PROGRAM = (sys.executable, "-P", "-m", "daemon.supervisor")
# Beside the time that the trainer has for its last checkpoint.
STOP_MARGIN_S = 60.0
POLL_S = 0.2


@dataclass(frozen=True)
class Look:
    """What the store says of the training of this supervisor."""

    status: Status
    over: bool  # nothing is left to train
    failed: str | None  # why the trainer is not restarted


@dataclass(frozen=True)
class KilledSupervisor:
    """The supervisor was killed from outside: another one can continue."""

    text: str  # one line for the user


class SupervisedRun:
    """A supervisor, in this process's group: it stops, saving, when this process ends."""

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        *,
        until: int,
        lease: Lease,
        environment: Mapping[str, str],
        program: Sequence[str],
    ) -> None:
        """Start it; it holds the lease of the home too. Raises OSError."""
        self._paths, self._run = paths, run
        self._reader: StoreReader | None = None
        log = open_log(paths.log, "the supervisor of the trial")
        with os.fdopen(log, "ab") as output:
            self._process = subprocess.Popen(
                [
                    *program,
                    *("--home", str(paths.home), "--run", run.id),
                    *("--config", str(config_file(paths)), "--until", str(until)),
                    "--end-with-input",
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd="/",
                pass_fds=(lease.descriptor,),
            )

    def ended(self) -> str | KilledSupervisor | None:
        """Why it ended, in one line; None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        if code < 0:
            return KilledSupervisor(
                f"the supervisor was killed by {signal.Signals(-code).name}; see {self._paths.log}"
            )
        return f"the supervisor ended: {last_line(self._paths.log)}"

    def look(self) -> Look | None:
        """The training's status; None before this supervisor has written any."""
        status = self._status()
        if status is None:
            return None
        if status.daemon is None or status.daemon.pid != self._process.pid:
            self._close()  # it may begin another store, if this one is damaged
            return None
        trainer = status.trainer
        if trainer is None or trainer.run_id != self._run.id:
            return None
        if trainer.since_s < status.daemon.started_s:
            return None  # of the supervisor before
        return Look(
            status,
            over=trainer.state == "EXITED",
            failed=trainer.last_exit or "no reason was given" if trainer.state == "FATAL" else None,
        )

    def reader(self) -> StoreReader | None:
        """The open store; None if it cannot be read (yet)."""
        if self._reader is None:
            try:
                self._reader = StoreReader.open(self._paths.store)
            except StoreError:
                return None
        return self._reader

    def stop(self, timeout_s: float) -> None:
        """Let trainer and supervisor save and end; kill what has not ended after the time."""
        assert self._process.stdin is not None
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)
            try:
                self._process.wait(timeout_s + STOP_MARGIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _end_trainer(self._run, timeout_s)
        self._close()

    def _status(self) -> Status | None:
        reader = self.reader()
        if reader is None:
            return None
        try:
            return reader.status()
        except StoreError:
            self._close()  # it was replaced, or is busy: open it again
            return None

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _end_trainer(run: RunPaths, timeout_s: float) -> None:
    """Wait for a trainer that outlived its supervisor: it saves and ends; else kill it."""
    deadline_s, pause = time.monotonic() + timeout_s, Event()
    while time.monotonic() < deadline_s + STOP_MARGIN_S:
        try:
            Lease.take(run.lease).close()
        except LeaseHeldError as held:
            if time.monotonic() > deadline_s and held.pid is not None:
                kill_group(held.pid)
        else:
            return
        pause.wait(POLL_S)
