"""Runs a supervisor: start the parts, serve, stop them in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import syslog
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from daemon.backup.identity import reserve_sequences
from daemon.config import Config
from daemon.processes.signals import DUMPED, dump_tracebacks
from daemon.processes.state_folder import ClaimError
from daemon.store.schema import StoreError
from daemon.supervisor.aio.clock import RUNNING_TIME
from daemon.supervisor.aio.exclusive import ExclusiveOperation
from daemon.supervisor.aio.tasks import log_error, log_tasks, spawn_task
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.backups.backup_service import BackupService
from daemon.supervisor.backups.offsite_targets import OffsiteTargets
from daemon.supervisor.context import Context
from daemon.supervisor.control.server import ControlServer
from daemon.supervisor.judging.judging import Judging
from daemon.supervisor.judging.reviewing import Reviewing
from daemon.supervisor.lifecycle.clock_watch import ClockWatch
from daemon.supervisor.lifecycle.config_watch import ConfigWatch
from daemon.supervisor.lifecycle.daemon_record import DaemonRecord
from daemon.supervisor.lifecycle.home_watch import HomeLostError, HomeWatch
from daemon.supervisor.lifecycle.previous_session import PreviousSession
from daemon.supervisor.lifecycle.shutdown import Shutdown
from daemon.supervisor.lifecycle.startup_events import record_start
from daemon.supervisor.monitoring.curve_keeper import CurveKeeper
from daemon.supervisor.monitoring.monitor import Monitor
from daemon.supervisor.plugins.register import PluginRegister
from daemon.supervisor.process.orphans import reap_orphans_regularly
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.service import RollbackService
from daemon.supervisor.sidecars.sd_notify import SystemdNotifier
from daemon.supervisor.sidecars.servers import Sidecars

_log = logging.getLogger(__name__)

RECORDED_PAUSE_S = 10.0


@dataclass(frozen=True)
class Parts:
    """What `daemon.supervisor.build` creates."""

    context: Context
    trained: Config  # the run's frozen configuration
    previous: PreviousSession
    damaged_store: Path | None  # the new path of a damaged store
    open_files: list[str]  # a line for each file with a secret that others can read
    shutdown: Shutdown
    record: DaemonRecord
    plugins: PluginRegister
    clock_watch: ClockWatch
    trainer: SupervisedTrainer
    exclusive: ExclusiveOperation
    backups: BackupService
    offsite: OffsiteTargets
    rollbacks: RollbackService
    notifier: Notifier
    monitor: Monitor
    curves: CurveKeeper
    judging: Judging
    reviewing: Reviewing
    servers: Sidecars
    control: ControlServer
    config_watch: ConfigWatch


class Supervisor:
    """Runs the parts. The caller holds the state folder's lock."""

    def __init__(self, parts: Parts, reload: Callable[[], None]) -> None:
        self._parts = parts
        self._reload = reload
        self._home_lost: str | None = None

    async def run(self, ready: Callable[[], None]) -> None:
        """Run until asked to stop; `ready` is called once everything is ready.

        Raises ClaimError if it cannot listen, StoreError if the start cannot be recorded (then
        nothing trains), HomeLostError after a stop because the state folder is gone, and any
        exception of an essential part, without recording a clean stop; the trainer then saves and
        exits by itself.
        """
        parts = self._parts
        watch = HomeWatch(parts.context.paths, self._stop_without_home)
        try:
            await parts.control.open()
        except OSError as error:
            raise ClaimError(f"{parts.context.paths.socket}: {error.strerror}") from None
        self._handle_signals()
        RUNNING_TIME.on_gap = self._record_pause
        parts.config_watch.open()
        self._record_start()
        if not await parts.context.recorder.flush():
            raise StoreError(str(parts.context.recorder.problem))
        self._start()
        fail = parts.shutdown.fail
        manager = SystemdNotifier(os.environ)
        recorder = parts.context.recorder
        self._store_check = spawn_task(recorder.check_regularly(), "store", log_error)
        periodic = [
            spawn_task(parts.monitor.run(), "monitor", fail),
            spawn_task(parts.judging.run(), "checklist", log_error),
            spawn_task(parts.reviewing.run(), "reviews", log_error),
            spawn_task(parts.clock_watch.run(), "clock", log_error),
            spawn_task(self._retain(), "retention", log_error),
            spawn_task(parts.curves.run(), "curves", log_error),
            spawn_task(parts.backups.sweep_regularly(), "sweeps", log_error),
            spawn_task(watch.run(), "home", fail),
            spawn_task(reap_orphans_regularly(), "orphans", log_error),
            self._store_check,
        ]
        delivering = spawn_task(parts.notifier.run(), "notifier", log_error)
        await parts.context.recorder.flush()
        ready()
        manager.ready()
        pinging = spawn_task(manager.ping(), "watchdog", log_error)
        reason = await parts.shutdown.wait()
        manager.stopping()
        await self._stop(reason, periodic, delivering)
        await parts.context.recorder.flush_at_end()
        if self._home_lost is None:
            await parts.curves.extend()
        parts.shutdown.recorded.set()
        await parts.control.close()
        await parts.context.recorder.close()
        pinging.cancel()
        if self._home_lost is not None:
            raise HomeLostError(f"{self._home_lost}; the daemon has stopped")

    def _record_start(self) -> None:
        parts = self._parts
        record_start(
            parts.context.recorder,
            parts.context.run,
            parts.trained,
            parts.previous,
            damaged_store=parts.damaged_store,
            open_files=parts.open_files,
            now_s=parts.context.clock().unix_s,
        )
        parts.record.update(servers=parts.servers.status)
        parts.plugins.record_start()

    def _start(self) -> None:
        parts = self._parts
        self._reserve_sequences()
        parts.rollbacks.recover()
        parts.trainer.start()
        parts.rollbacks.resume(parts.shutdown.fail)
        parts.offsite.start(parts.backups.cleaned)
        parts.servers.start()

    async def _retain(self) -> None:
        """What the store is about to lose is in the runs' curves first."""
        await self._parts.curves.catch_up()
        await self._parts.context.recorder.thin_regularly(self._parts.clock_watch.trusted)

    def _reserve_sequences(self) -> None:
        context = self._parts.context
        try:
            reserve_sequences(context.run, context.backups)
        except OSError as error:
            # A checkpoint with a backup's id then fails to be backed up, which is an alert.
            _log.warning("%s: the backups' ids are not reserved: %s", context.backups, error)

    async def _stop(
        self, reason: str, periodic: list[asyncio.Task[None]], delivering: asyncio.Task[None]
    ) -> None:
        """What depends on the trainer stops before it, what reports on it after."""
        parts = self._parts
        await parts.exclusive.close()
        await parts.rollbacks.close()
        await parts.trainer.stop(reason)
        await parts.backups.finish()
        await parts.offsite.finish()
        for task in periodic:
            task.cancel()
        await parts.notifier.finish(delivering)
        parts.monitor.close()
        parts.config_watch.close()
        await parts.servers.stop()
        parts.context.recorder.event(
            "daemon.stopped", f"Stopped: {reason}", body={"reason": reason}
        )
        parts.record.update(stopped_s=parts.context.clock().unix_s, stop_reason=reason)

    def _stop_without_home(self, what: str) -> None:
        """Stop, and say so wherever somebody may still see it."""
        self._home_lost = what
        self._store_check.cancel()  # a store that moved with its folder is sound
        text = f"{what}: training stops, the checkpoint is saved if the folder still exists"
        syslog.syslog(syslog.LOG_CRIT, f"landerctl: {text}")
        self._parts.context.recorder.event("daemon.home_lost", text, body={"what": what})
        self._parts.notifier.put_urgent("home-lost", text)
        self._parts.shutdown.request(what)

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            name = signal.Signals(number).name
            loop.add_signal_handler(number, self._parts.shutdown.request, name)
        loop.add_signal_handler(signal.SIGHUP, self._reload)

        def dump(number: int, frame: FrameType | None) -> None:
            # Not a handler of the loop, which may hang.
            dump_tracebacks(number, frame)
            loop.call_soon_threadsafe(log_tasks)

        for number in DUMPED:
            signal.signal(number, dump)

    def _record_pause(self, paused_s: float) -> None:
        if paused_s >= RECORDED_PAUSE_S:
            self._parts.context.recorder.event(
                "daemon.paused",
                f"The supervisor stood still for {paused_s:.0f} s (frozen, suspended, or "
                "blocked by a disk); time-outs were extended by it",
                body={"paused_s": round(paused_s, 1)},
            )
