"""The supervisor put together: what it starts, how a change reaches it, how it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

import msgspec

from daemon.backup.catalog import backup_directory
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config, LoadedConfig
from daemon.processes.state_folder import ClaimError
from daemon.processes.trainer_commands import TrainerCommands
from daemon.protocol.trainer import CheckpointSaved
from daemon.runs.run_folder import read_run_config
from daemon.store.async_recorder import Recorder
from daemon.store.integrity import prepare_store
from daemon.store.records import DaemonStatus
from daemon.store.writer import StoreWriter
from daemon.supervisor.aio.clock import Clock, system_clock
from daemon.supervisor.aio.tasks import guarded, log_fault
from daemon.supervisor.alerting.alert_manager import AlertDesk
from daemon.supervisor.alerting.engine import AlertEngine
from daemon.supervisor.alerting.event_counters import Tally
from daemon.supervisor.alerting.notifier import Messenger
from daemon.supervisor.backups.backup_service import Housekeeping
from daemon.supervisor.backups.checkpoint_watch import CheckpointWatch
from daemon.supervisor.backups.offsite_targets import Offsite
from daemon.supervisor.control.handler import RequestHandler
from daemon.supervisor.control.server import ControlServer
from daemon.supervisor.lifecycle.config_watch import ConfigWatch
from daemon.supervisor.lifecycle.hot_config import FileRefused, HotConfig
from daemon.supervisor.lifecycle.previous_session import read_before
from daemon.supervisor.lifecycle.startup_events import record_start
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.monitoring.monitor import Monitor
from daemon.supervisor.monitoring.resources import ResourceSampler
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.service import RollbackDesk
from daemon.supervisor.sidecars.servers import Servers
from daemon.supervisor.sidecars.systemd import ServiceManager

_log = logging.getLogger(__name__)


class Supervisor:
    """One daemon's life over one run. The caller holds the state folder's lock.

    Two configurations: the run's frozen one says what is trained, `loaded` how it is kept.
    """

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        loaded: LoadedConfig,
        *,
        started_s: float,
        commands: TrainerCommands,
        clock: Clock = system_clock,
    ) -> None:
        """Raises ConfigError (the run's frozen configuration) and StoreError; starts nothing."""
        self._paths = paths
        self._run = run
        self._trained = read_run_config(run)
        self._hot = HotConfig(loaded.config, loaded.path, paths)
        self._clock = clock
        self._set_aside = prepare_store(paths.store, clock().unix_s)
        self._before = read_before(paths, run, clock().unix_s)
        self._tally = Tally(self._before.counted)
        self._recorder = Recorder(
            StoreWriter.open(paths.store),
            run.id,
            lambda: self._clock().unix_s,
            self._tally.note,
        )
        self._daemon = DaemonStatus(
            pid=os.getpid(),
            started_s=started_s,
            config_path=str(loaded.path) if loaded.path else None,
            config_error=None,
            steps_per_s_expected=loaded.config.expected.steps_per_s,
            tensorboard_url=None,
            stopped_s=None,
            stop_reason=None,
        )
        self._trainer = SupervisedTrainer(
            commands.train(run),
            run,
            loaded.config.supervision,
            recorder=self._recorder,
            clock=clock,
            on_checkpoint=self._checkpoint_saved,
            on_fault=self._fail,
        )
        self._backups = backup_directory(loaded.config, paths)
        self._offsite = Offsite(loaded.config.backup, paths, self._backups, recorder=self._recorder)
        self._housekeeping = Housekeeping(
            paths,
            run,
            self._backups,
            settings=loaded.config.backup,
            keep=self._trained.checkpoints.keep,
            recorder=self._recorder,
            clock=clock,
            on_backup=self._offsite.made,
        )
        self._rollback_desk = RollbackDesk(
            paths,
            run,
            self._backups,
            lambda: self._hot.config.rollback,
            algorithm=self._trained.run.algorithm,
            commands=commands,
            trainer=self._trainer,
            housekeeping=self._housekeeping,
            recorder=self._recorder,
            clock=clock,
            firing=lambda: [a.name for a in self._desk.records if a.state == "firing"],
        )

    async def run(self, ready: Callable[[], None]) -> None:
        """Live until asked to stop; `ready` is called once all stands.

        Raises ClaimError if it cannot listen. A fault in a part ends it by an exception and
        without a record of a clean end; the trainer then saves and ends itself.
        """
        self._ending: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.Event()
        self._monitor = self._make_monitor(self._hot.config)
        self._requests = requests = self._make_requests()
        control = ControlServer(self._paths.socket, requests.handle)
        arrivals = CheckpointWatch(self._run.checkpoints, self._housekeeping.sweep_soon)
        servers = self._make_servers(self._hot.config)
        try:
            await control.open()
        except OSError as error:
            raise ClaimError(f"{self._paths.socket}: {error.strerror}") from None
        watch = self._watch_config()
        arrivals.open()
        self._heed_signals()
        record_start(
            self._recorder,
            self._run,
            self._trained,
            self._before,
            set_aside=self._set_aside,
            now_s=self._clock().unix_s,
        )
        self._recorder.daemon(self._daemon)
        self._rollback_desk.recover()
        self._trainer.start()
        self._rollback_desk.take_up(self._fail)
        self._offsite.start()
        servers.start()
        manager = ServiceManager(os.environ)
        rounds = [
            guarded(self._monitor.run(), "monitor", self._fail),
            guarded(self._recorder.thin_regularly(), "retention", log_fault),
            guarded(self._housekeeping.sweep_regularly(), "sweeps", log_fault),
        ]
        delivering = guarded(self._messenger.run(), "messenger", log_fault)
        await self._recorder.flush()
        ready()
        manager.ready()
        pinging = guarded(manager.ping(), "watchdog", log_fault)
        reason = await self._ending
        manager.stopping()
        await requests.interrupt()
        await self._rollback_desk.close()
        await self._trainer.stop(reason)
        await self._housekeeping.finish()
        await self._offsite.finish()
        for task in rounds:
            task.cancel()
        await self._messenger.finish(delivering)
        self._monitor.close()
        watch.close()
        arrivals.close()
        await servers.stop()
        self._record_end(reason)
        await self._recorder.flush_at_end()
        self._ended.set()
        await control.close()
        await self._recorder.close()
        pinging.cancel()

    def _watch_config(self) -> ConfigWatch:
        watch = ConfigWatch(self._hot.watched, self._reload)
        try:
            watch.open()
        except OSError as error:
            _log.warning("%s is not watched (%s); SIGHUP reads it again", self._hot.watched, error)
        return watch

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask_to_end, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload)

    def _make_requests(self) -> RequestHandler:
        return RequestHandler(
            self._trainer,
            self._housekeeping,
            self._rollback_desk.rollbacks,
            self._desk,
            run=self._run,
            backups=self._backups,
            recorder=self._recorder,
            stop_daemon=self._stop_as_asked,
        )

    def _make_monitor(self, config: Config) -> Monitor:
        before = self._before.status
        self._messenger = Messenger(
            config.notify, recorder=self._recorder, clock=self._clock, outbox=before.outbox
        )
        self._desk = AlertDesk(
            AlertEngine(config.alerts, self._clock(), before.alerts),
            self._messenger,
            config.notify,
            recorder=self._recorder,
            clock=self._clock,
            stop_training=self._stop_training,
            roll_back=self._roll_back,
            silences=before.silences,
        )
        return Monitor(
            ResourceSampler(self._paths.home, self._trained.run.n_envs),
            self._desk,
            self._tally,
            self._messenger,
            self._trainer,
            offsite=self._offsite,
            recorder=self._recorder,
            clock=self._clock,
            interval_s=config.resources.interval_s,
        )

    def _make_servers(self, config: Config) -> Servers:
        exporter = Exporter(
            config.prometheus.port, lambda: self._monitor.values, lambda: self._desk.records
        )
        servers = Servers(config, self._paths, self._run, exporter)
        self._update(tensorboard_url=servers.tensorboard_url)
        return servers

    def _record_end(self, reason: str) -> None:
        self._recorder.event("daemon.stopped", f"Stopped: {reason}", body={"reason": reason})
        self._update(stopped_s=self._clock().unix_s, stop_reason=reason)

    def _update(self, **changes: object) -> None:
        self._daemon = msgspec.structs.replace(self._daemon, **changes)
        self._recorder.daemon(self._daemon)

    def _ask_to_end(self, reason: str) -> None:
        if not self._ending.done():
            self._ending.set_result(reason)

    def _fail(self, fault: BaseException) -> None:
        if not self._ending.done():
            self._ending.set_exception(fault)
        else:
            _log.error("a fault while ending", exc_info=fault)

    async def _stop_as_asked(self, reason: str) -> str:
        self._ask_to_end(reason)
        await self._ended.wait()
        return f"Stopped; the trainer: {self._trainer.last_exit or self._trainer.state}"

    def _stop_training(self, reason: str) -> None:
        """Stop the trainer and stay, so that the alert is told and can be looked at."""
        self._stopping = guarded(self._trainer.stop(reason), "stop by alert", self._fail)

    def _roll_back(self, alert: str, seen: str) -> None:
        work = self._rollback_desk.automatic.roll_back(alert, seen, self._requests.carry_out)
        self._rolling_back = guarded(work, "rollback by alert", log_fault)

    def _checkpoint_saved(self, saved: CheckpointSaved) -> None:
        self._housekeeping.sweep_soon()

    def _reload(self) -> None:
        outcome = self._hot.reload()
        path = str(self._hot.watched)
        if isinstance(outcome, FileRefused):
            self._recorder.event(
                "config.refused",
                f"{outcome.error}; the settings before stay in force",
                body={"path": path},
            )
            self._update(config_error=outcome.error)
            return
        if not outcome.changed:
            return
        config = outcome.config
        self._desk.reconfigure(config.alerts, config.notify)
        self._monitor.reconfigure(config.resources.interval_s)
        self._recorder.event(
            "config.reloaded", f"{path} is in force{outcome.delays}", body={"path": path}
        )
        self._update(
            config_path=str(outcome.path) if outcome.path else None,
            config_error=None,
            steps_per_s_expected=config.expected.steps_per_s,
        )
