"""The composition root: creates every part of a supervisor, in order of dependency.

Two configurations: `trained`, the run's frozen one, for training; `loaded` for everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from daemon.backup.catalog import backup_directory
from daemon.base.clocks.record import observe_clock
from daemon.base.clocks.trust import look
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config, LoadedConfig
from daemon.plugins.installed import Plugin
from daemon.processes.state_folder import write_errors
from daemon.processes.trainer_commands import TrainerCommands
from daemon.rollback.limits import StartedRollbacks
from daemon.runs.run_folder import read_run_config
from daemon.store.async_recorder import Recorder
from daemon.store.integrity import prepare_store
from daemon.store.records import Body, Event
from daemon.store.writer import StoreWriter
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.aio.exclusive import ExclusiveOperation
from daemon.supervisor.aio.light_child import LightChildren
from daemon.supervisor.alerting.alert_manager import AlertManager
from daemon.supervisor.alerting.engine import AlertEngine
from daemon.supervisor.alerting.event_counters import EventCounters
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.alerting.silences import Silences
from daemon.supervisor.backups.backup_service import BackupService
from daemon.supervisor.backups.host import DaemonBackupHost
from daemon.supervisor.backups.offsite_targets import OffsiteTargets
from daemon.supervisor.context import Context
from daemon.supervisor.control.handler import RequestHandler
from daemon.supervisor.control.server import ControlServer
from daemon.supervisor.judging.judging import Judging
from daemon.supervisor.judging.reviewing import Reviewing
from daemon.supervisor.lifecycle.clock_watch import ClockWatch
from daemon.supervisor.lifecycle.config_reload import ConfigReload
from daemon.supervisor.lifecycle.config_watch import ConfigWatch
from daemon.supervisor.lifecycle.daemon_record import DaemonRecord
from daemon.supervisor.lifecycle.hot_config import HotConfig
from daemon.supervisor.lifecycle.previous_session import load_previous_session, newest_date_s
from daemon.supervisor.lifecycle.shutdown import Shutdown
from daemon.supervisor.monitoring.curve_keeper import CurveKeeper
from daemon.supervisor.monitoring.exporter import Exporter
from daemon.supervisor.monitoring.exposition import read_exposed
from daemon.supervisor.monitoring.monitor import Monitor
from daemon.supervisor.monitoring.resources import ResourceSampler
from daemon.supervisor.plugins.register import PluginRegister, status_of
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer
from daemon.supervisor.rollback.host import DaemonHost
from daemon.supervisor.rollback.service import RollbackService
from daemon.supervisor.rollback.triggers import RollbackTriggers
from daemon.supervisor.rollback.verification import RollbackVerification
from daemon.supervisor.sidecars.servers import Sidecars
from daemon.supervisor.supervisor import Parts, Supervisor


def build(
    paths: StatePaths,
    run: RunPaths,
    loaded: LoadedConfig,
    *,
    started_s: float,
    commands: TrainerCommands,
    clock: Clock,
    plugins: Sequence[Plugin] = (),
) -> Supervisor:
    """Create every part; start none. The caller holds the state folder's lock.

    `started_s`: Unix time; `plugins`: those that are installed. Raises ConfigError (the run's
    frozen configuration) and StoreError.
    """
    config, now = loaded.config, clock()
    trained = read_run_config(run)
    hot = HotConfig(loaded, paths)
    damaged_store = prepare_store(paths.store, now.unix_s)
    directory = backup_directory(config, paths)
    with write_errors(paths):
        known, wall = observe_clock(paths.clock, look(), lambda: newest_date_s(paths, directory))
    previous = load_previous_session(paths, run, wall, config.alerts)
    last = previous.status

    def timed(events: list[Event]) -> list[tuple[Event, float]]:
        return [(event, now.monotonic_s - wall.age_s(event.time_s)) for event in events]

    counters = EventCounters(timed(previous.counted))
    started = StartedRollbacks(timed(previous.rollbacks))
    engine = AlertEngine(config.alerts, now, last.alerts, wall.age_s, previous.seen)

    def note(name: str, body: Body | None) -> None:
        counters.note(name, clock().monotonic_s, body)
        started.note(name, clock().monotonic_s, body)
        if name == "rollback.done":
            engine.disarm()

    recorder = Recorder(StoreWriter.open(paths.store), run.id, lambda: clock().unix_s, note)
    context = Context(paths, run, directory, recorder, clock)
    record = DaemonRecord(loaded, started_s, recorder, [status_of(one) for one in plugins])
    register = PluginRegister(
        plugins, recorder, lambda found: record.update(plugins=found), loaded.left_out
    )
    clock_watch = ClockWatch(paths, recorder, known, wall)
    shutdown, exclusive = Shutdown(), ExclusiveOperation()

    offsite = OffsiteTargets(
        config.backup, context.backups, clock_record=paths.clock, recorder=recorder
    )
    backups = BackupService(
        context,
        settings=config.backup,
        keep=trained.checkpoints.keep,
        on_backup=offsite.made,
        clock_trusted=clock_watch.trusted,
    )
    trainer = SupervisedTrainer(
        context,
        commands.train(run),
        config.supervision,
        on_checkpoint=backups.sweep_soon,
        on_error=shutdown.fail,
    )

    verification = RollbackVerification(
        context, lambda: hot.config.rollback, commands=commands, trainer=trainer
    )
    host = DaemonHost(
        context,
        algorithm=trained.run.algorithm,
        commands=commands,
        trainer=trainer,
        backup_service=backups,
        verification=verification,
        firing=engine.firing,
    )
    rollbacks = RollbackService(host, exclusive)
    triggers = RollbackTriggers(
        context, lambda: hot.config.rollback, service=rollbacks, trainer=trainer, started=started
    )

    notifier = Notifier(
        config.notify, recorder=recorder, clock=clock, plugins=register, outbox=last.outbox
    )
    alerts = AlertManager(
        context,
        engine,
        notifier,
        config.notify,
        stop_training=trainer.stop_soon,
        roll_back=triggers.alert_fires,
        silences=Silences(last.silences, now, wall.age_s),
    )
    sampler = ResourceSampler(paths.home, trained.run.n_envs)
    exporter = Exporter(
        config.prometheus.port,
        lambda: read_exposed(paths, directory, values=monitor.values, alerts=alerts.records),
    )
    servers = Sidecars(config, context, exporter=exporter, on_change=record.server)
    monitor = Monitor(
        context,
        sampler,
        alerts,
        counters,
        notifier=notifier,
        trainer=trainer,
        offsite=offsite,
        servers=servers.metrics,
        checklist=lambda: judging.metrics,
        interval_s=config.resources.interval_s,
    )

    children = LightChildren(run)
    judging = Judging(
        context,
        children,
        trainer,
        lambda: hot.config.checklist,
    )

    reviewing = Reviewing(
        context,
        children,
        notifier,
        config=lambda: hot.config,
        sources=lambda: hot.sources,
        trainer=trainer,
        clock_trusted=clock_watch.trusted,
        run_began_s=previous.run_began_s or now.unix_s,
    )

    def apply(changed: Config) -> None:
        alerts.reconfigure(changed.alerts, changed.notify)
        monitor.reconfigure(changed.resources.interval_s)

    reload = ConfigReload(hot, apply, recorder=recorder, record=record).reload
    handler = RequestHandler(
        trainer,
        rollbacks,
        alerts,
        backups=DaemonBackupHost(context, trainer, backups),
        reviewing=reviewing,
        exclusive=exclusive,
        recorder=recorder,
        shutdown=shutdown,
        plugins=register,
    )
    parts = Parts(
        context=context,
        trained=trained,
        previous=previous,
        damaged_store=damaged_store,
        open_files=loaded.open_files,
        shutdown=shutdown,
        record=record,
        plugins=register,
        clock_watch=clock_watch,
        trainer=trainer,
        exclusive=exclusive,
        backups=backups,
        offsite=offsite,
        rollbacks=rollbacks,
        notifier=notifier,
        monitor=monitor,
        curves=CurveKeeper(context),
        judging=judging,
        reviewing=reviewing,
        servers=servers,
        control=ControlServer(paths.socket, handler.handle),
        config_watch=ConfigWatch(hot.watched, reload),
    )
    return Supervisor(parts, reload)
