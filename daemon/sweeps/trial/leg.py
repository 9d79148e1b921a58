"""One leg of a trial: train to its steps under a supervisor, measure, report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Stop
from typing import Literal

import msgspec

from daemon.base.files import open_log
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import newest_whole
from daemon.checkpoint.manifest import Manifest
from daemon.checkpoint.measured import Measurement, read_measured
from daemon.config.schema import Config
from daemon.processes.lease import Lease, LeaseHeldError, kill_group
from daemon.processes.state_folder import check_home
from daemon.protocol.trainer import Progress
from daemon.store.reader import StoreError, StoreReader
from daemon.sweeps.engines.engine import TrialOrder, TrialReport
from daemon.sweeps.trial.below import Surroundings
from daemon.sweeps.trial.epoch import check_epoch, take_epoch
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.evaluation import Flight, evaluated_values, evaluation_command
from daemon.sweeps.trial.home import (
    LOCK,
    LOG,
    environment_of,
    prepare_run,
    read_report,
    write_config,
    write_report,
)
from daemon.sweeps.trial.machine import machine_of
from daemon.sweeps.trial.objectives import stored_values
from daemon.sweeps.trial.supervised import PROGRAM, KilledSupervisor, SupervisedRun

POLL_S = 2.0
HEARTBEAT_S = 20.0  # between two reports that say the same
# For an earlier process of the trial, which ends because its coordinator has.
TAKEOVER_S = 120.0
MAX_KILLED = 3
Emit = Callable[[TrialReport], None]


@dataclass(frozen=True)
class Programs:
    """What runs below a trial, and how often it is looked at; tests give others."""

    supervisor: Sequence[str] = PROGRAM
    evaluation: Callable[[RunPaths, Path, Flight], Sequence[str]] = evaluation_command
    poll_s: float = POLL_S


REAL = Programs()


class Leg:
    """One order, carried out in this process. `stop` is set when it is to save and end."""

    def __init__(
        self,
        order: TrialOrder,
        stop: Stop,
        emit: Emit,
        environ: Mapping[str, str],
        programs: Programs,
    ) -> None:
        self._order, self._stop, self._emit, self._programs = order, stop, emit, programs
        self._paths = StatePaths(order.home)
        self._around = Surroundings(environment_of(order, environ), order.home / LOG, stop)
        self._began_s = time.monotonic()
        self._gated = True  # a training of one stage passes no gates
        self._last: tuple[TrialReport, float] | None = None
        self._report = TrialReport(
            trial=order.trial,
            epoch=order.epoch,
            steps=0,
            metrics={},
            place=str(order.home),
            machine=machine_of(order.threads),
        )

    def run(self) -> TrialReport:
        """Carry it out; returns the last report.

        Raises TrialError, StoppedError, FencedOffError, ClaimError, ConfigError, StoreError,
        OSError.
        """
        order, paths = self._order, self._paths
        check_home(paths)
        take_epoch(order.home, order.epoch)
        _log_to(order.home / LOG)
        lease = self._take_lease()
        if lease is None:
            return self.ended("stopped", "it was stopped before it began")
        try:
            done = read_report(paths)
            if done is not None and done.steps >= order.target_steps:
                # Its time was counted while it trained.
                return msgspec.structs.replace(done, epoch=order.epoch, running_s=0.0)
            config = write_config(paths, order)
            run = prepare_run(paths, order, config, self._around)
            self._report = msgspec.structs.replace(self._report, run_id=run.id)
            self._gated = config.run.mode != "standard"
            reason = self._train(run, config, lease)
            if reason is not None:
                return self.ended("stopped", reason)
            return self._measure(run)
        finally:
            lease.close()

    def _take_lease(self) -> Lease | None:
        """The lock of the home, once an earlier process has let go; None if stopped first."""
        deadline_s, path = time.monotonic() + TAKEOVER_S, self._order.home / LOCK
        while True:
            try:
                lease = Lease.take(path)
            except LeaseHeldError as held:
                if time.monotonic() > deadline_s and held.pid is not None:
                    kill_group(held.pid)
                if self._stop.wait(self._programs.poll_s):
                    return None
            else:
                lease.record(os.getpid())
                return lease

    def _train(self, run: RunPaths, config: Config, lease: Lease) -> str | None:
        """Train to the leg's steps; returns why it was stopped, None if it was not.

        Raises TrialError, FencedOffError.
        """
        newest = newest_whole(run.checkpoints)
        if newest is not None and newest.kind == "final":
            return None
        killed = 0  # supervisors, since the training last went on
        while True:
            steps = self._report.steps
            supervised = SupervisedRun(
                self._paths,
                run,
                until=self._order.target_steps,
                lease=lease,
                environment=self._around.environment,
                program=self._programs.supervisor,
            )
            try:
                outcome = self._watch(supervised, run)
            finally:
                supervised.stop(config.supervision.stop_timeout_s)
            if not isinstance(outcome, KilledSupervisor):
                return outcome
            killed = 1 if self._report.steps > steps else killed + 1
            if killed == MAX_KILLED:
                raise TrialError(f"{outcome.text}, {killed} times without progress")

    def _watch(self, supervised: SupervisedRun, run: RunPaths) -> str | KilledSupervisor | None:
        """Observe a supervisor until nothing is left to train (None), a stop (why), or its end.

        Raises TrialError, FencedOffError.
        """
        while not self._stop.wait(self._programs.poll_s):
            check_epoch(self._order.home, self._order.epoch)
            look, reader = supervised.look(), supervised.reader()
            if look is not None:
                progress = look.status.progress
                if progress is not None and reader is not None:
                    self._observed(progress, run, reader)
                if look.over:
                    return None
                if look.failed is not None:
                    raise TrialError(f"the trainer is not restarted: {look.failed}")
            end = supervised.ended()
            if isinstance(end, KilledSupervisor):
                return end
            if end is not None:
                raise TrialError(end)
        return "asked to stop, or its coordinator is gone; it can continue"

    def _observed(self, progress: Progress, run: RunPaths, reader: StoreReader) -> None:
        """Report what is new, or that it still runs."""
        try:
            metrics = self._stored(reader, run, progress, {})
        except (StoreError, OSError):
            return  # it is busy; the next look will do
        report = msgspec.structs.replace(self._report, steps=progress.timesteps, metrics=metrics)
        self._report, now_s = report, time.monotonic()
        if self._last is None or self._last[0] != report or now_s - self._last[1] > HEARTBEAT_S:
            self._last = (report, now_s)
            self._emit(self._timed(report))

    def _stored(
        self,
        reader: StoreReader,
        run: RunPaths,
        at: Progress | Manifest,
        measured: Mapping[str, Measurement],
    ) -> dict[str, float]:
        passed = at.stage - 1 if self._gated else 0
        objectives = self._order.objectives
        return stored_values(
            reader, run, objectives, at.timesteps, passed=passed, measured=measured
        )

    def _measure(self, run: RunPaths) -> TrialReport:
        order = self._order
        newest = newest_whole(run.checkpoints)
        if newest is None:
            raise TrialError(f"{run.checkpoints}: no whole checkpoint after the leg's end")
        try:
            measured = read_measured(run.checkpoints / newest.id)
        except ValueError as error:
            raise TrialError(str(error)) from None
        with StoreReader.open(self._paths.store) as reader:
            values = self._stored(reader, run, newest, measured)
        evaluated = evaluated_values(
            run,
            run.checkpoints / newest.id,
            order.objectives,
            command=self._programs.evaluation,
            around=self._around,
        )
        report = self._reached(newest, values | evaluated)
        check_epoch(order.home, order.epoch)
        write_report(self._paths, report)
        return report

    def _reached(self, newest: Manifest, values: dict[str, float]) -> TrialReport:
        return msgspec.structs.replace(
            self._timed(self._report),
            steps=newest.timesteps,
            metrics=values,
            values=values,
            ended="reached",
            reason=f"{newest.timesteps:,} steps are trained",
        )

    def ended(self, kind: Literal["stopped", "crashed"], reason: str) -> TrialReport:
        """The last report of an order that was not fulfilled."""
        return msgspec.structs.replace(self._timed(self._report), ended=kind, reason=reason)

    def _timed(self, report: TrialReport) -> TrialReport:
        running_s = round(time.monotonic() - self._began_s, 3)
        return msgspec.structs.replace(report, running_s=running_s)


def _log_to(path: Path) -> None:
    """From here on messages and tracebacks are in the home's log."""
    log = open_log(path, "the trial")
    os.dup2(log, 2)
    os.close(log)
