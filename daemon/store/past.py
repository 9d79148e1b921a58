"""The status as it was at a time: as recorded, else as it follows from events and samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from daemon.config.schema import AlertRule, Stage
from daemon.protocol.trainer import Progress
from daemon.store.catalogs.metric_names import GPU_PREFIX
from daemon.store.episodes import MINUTE_S
from daemon.store.history import rebuild
from daemon.store.history.read import RecordedStatus
from daemon.store.history.uptime import BOUNDS, SAME_START_S, Uptime, uptime_at
from daemon.store.reader import StoreReader
from daemon.store.records import (
    AlertRecord,
    DaemonStatus,
    Event,
    GpuStatus,
    ResourceStatus,
    RunRecord,
    Sample,
    Status,
    TrainerState,
    TrainerStatus,
)

RECENT_S = 120.0  # a machine's sample older than this is not of the time asked for
MOST_BOUNDS = 10_000
MOST_ALERT_EVENTS = 2_000
SIGN_SERIES = "cpu/machine_percent"  # sampled whenever a daemon runs

# The trainer's state after each of its events.
TRAINER_STATES: dict[str, TrainerState] = {
    "trainer.started": "STARTING",
    "trainer.running": "RUNNING",
    "trainer.interrupted": "BACKOFF",
    "trainer.crashed": "BACKOFF",
    "trainer.hung": "BACKOFF",
    "trainer.exited": "STOPPED",
    "trainer.fatal": "FATAL",
    "run.completed": "EXITED",
    "run.paused": "EXITED",
}
_OF_PROGRESS = {
    rebuild.SUCCESS: "success_rate",
    rebuild.REWARD: "reward_mean",
    rebuild.SPEED: "steps_per_s",
    rebuild.TRAINED: "trained_s",
}


@dataclass(frozen=True)
class PastStatus:
    """The status at `at_s` (Unix)."""

    at_s: float
    status: Status
    uptime: Uptime
    not_recorded: tuple[str, ...]  # parts of the status that are unknown at that time


def read_past(
    store: StoreReader,
    at_s: float,
    *,
    present: Status,
    rules: Sequence[AlertRule],
    stages_of: Callable[[str], Sequence[Stage]],
    runs_now: bool,
) -> PastStatus:
    """The status at `at_s` (Unix). Raises StoreError.

    `present`: the status now, for what does not change; `rules`: of the alerts, now; `stages_of`:
    the stages of a run; `runs_now`: whether a daemon runs now.
    """
    recorded = store.recorded_status(at_s)
    sessions = store.sessions()
    bounds = store.events(names=BOUNDS, limit=MOST_BOUNDS)

    def last_sign_s(since_s: float, until_s: float) -> float:
        return last_moment(store, until_s, since_s=since_s) or since_s

    starts_s = [session.began_s for session in sessions]
    uptime = uptime_at(at_s, starts_s, bounds, last_sign_s, runs_now=runs_now)
    run_id = next((one.run_id for one in reversed(sessions) if one.began_s <= at_s), None)
    trainer = recorded.trainer
    if "trainer" not in recorded.names and run_id is not None:
        seen = store.events(names=list(TRAINER_STATES), run_id=run_id, until_s=at_s, limit=1)
        trainer = trainer_of(seen[-1]) if seen else None
    alerts = recorded.alerts
    if alerts is None:
        changes = store.events(
            names=["alert.firing", "alert.resolved"], until_s=at_s, limit=MOST_ALERT_EVENTS
        )
        alerts = alerts_of(changes, rules)
    progress = recorded.progress
    if run_id is not None and (progress is not None or "progress" not in recorded.names):
        until_s = math.nextafter(at_s, math.inf)
        newest = {
            name: store.newest_of_run(name, run_id, until_s=until_s) for name in rebuild.SERIES
        }
        if progress is not None:
            progress = progress_with(progress, newest)
        elif present.progress is not None and present.run and present.run.id == run_id:
            progress = _rebuilt(
                store, at_s, present.progress, newest, run_id=run_id, stages=stages_of(run_id)
            )
    status = Status(
        daemon=_daemon(recorded, uptime, present.daemon, bounds),
        trainer=trainer,
        progress=progress,
        resources=_resources(store, at_s, present.resources),
        alerts=alerts,
        silences=recorded.silences or [],
        outbox=[],
        run=_run(store, recorded, present, run_id, at_s),
        checklist=recorded.checklist,
    )
    return PastStatus(at_s, status, uptime, _missing(recorded, status))


def last_moment(store: StoreReader, until_s: float, *, since_s: float = 0.0) -> float | None:
    """Time of the last event or sample between two times (Unix), `until_s` excluded."""
    until_s = math.nextafter(until_s, -math.inf)
    sample = store.last_sample(SIGN_SERIES, since_s=since_s, until_s=until_s)
    events = store.events(since_s=since_s, until_s=until_s, limit=1)
    times = [one.time_s for one in (sample, *events) if one is not None]
    return max(times, default=None)


def _missing(recorded: RecordedStatus, status: Status) -> tuple[str, ...]:
    unknown = {"trainer": status.trainer is None, "resources": status.resources is None}
    if not recorded.names:  # the store was of an older version
        unknown |= {"progress": status.progress is None, "silences": True, "checklist": True}
    return tuple(name for name, missing in unknown.items() if missing)


def _daemon(
    recorded: RecordedStatus,
    uptime: Uptime,
    present: DaemonStatus | None,
    bounds: Sequence[Event],
) -> DaemonStatus | None:
    """The daemon's record of the session; its end by `uptime`."""
    if uptime.began_s is None:
        return None
    found = recorded.daemon
    if found is None or found.started_s < uptime.began_s - SAME_START_S:
        if present is None:
            return None
        until_s = uptime.began_s + SAME_START_S
        starts = [e for e in bounds if e.name == "daemon.started" and e.time_s <= until_s]
        pid = starts[-1].body.get("pid") if starts else None
        found = msgspec.structs.replace(
            present,
            pid=pid if isinstance(pid, int) else 0,
            started_s=uptime.began_s,
            config_error=None,
            tensorboard_url=None,
            servers={},
        )
    stopped = uptime.running == "stopped"
    return msgspec.structs.replace(
        found,
        stopped_s=uptime.ended_s if stopped else None,
        stop_reason=uptime.reason or None if stopped else None,
    )


def trainer_of(event: Event) -> TrainerStatus:
    """The trainer's state after one of the events in TRAINER_STATES."""
    exit_ = event.body.get("exit") or event.body.get("reason")
    return TrainerStatus(
        state=TRAINER_STATES[event.name],
        since_s=event.time_s,
        pid=None,
        run_id=event.run_id,
        phase=None,
        phase_detail="",
        restarts=0,
        last_exit=None if exit_ is None else str(exit_),
        restart_at_s=None,
        heartbeat_s=None,
    )


def alerts_of(changes: Sequence[Event], rules: Sequence[AlertRule]) -> list[AlertRecord]:
    """The alerts that fired after events of firing and resolving, ascending; limits by `rules`."""
    by_name = {rule.name: rule for rule in rules}
    firing: dict[str, AlertRecord] = {}
    for event in changes:
        name, value = str(event.body.get("alert")), event.body.get("value")
        firing.pop(name, None)
        if event.name == "alert.firing":
            rule = by_name.get(name)
            firing[name] = AlertRecord(
                name=name,
                state="firing",
                since_s=event.time_s,
                value=float(value) if isinstance(value, int | float) else None,
                metric=rule.metric if rule else "",
                comparison=rule.comparison if rule else "above",
                threshold=rule.threshold if rule else math.nan,
                severity=event.severity,
                summary=event.text,
            )
    return list(firing.values())


def _rebuilt(
    store: StoreReader,
    at_s: float,
    of_run: Progress,
    newest: Mapping[str, Sample | None],
    *,
    run_id: str,
    stages: Sequence[Stage],
) -> Progress | None:
    """The progress of the current run at a time where none is recorded; None: not known either."""
    stage = rebuild.stage_of(newest)
    events = store.events(names=rebuild.EVENTS, run_id=run_id, until_s=at_s)
    starts = [
        index
        for index, event in enumerate(events)
        if event.name == "stage.started" and event.body.get("stage") == stage
    ]
    if not starts:
        return None
    events = events[starts[-1] :]
    began_s = events[0].time_s
    first = store.first_sample(rebuild.SPEED, since_s=began_s, at_least=-math.inf)
    # They are counted by the minute: those of the current one may be later ones.
    counts = store.outcomes(run_id, stage=stage, since_s=began_s, until_s=at_s - MINUTE_S)
    return rebuild.rebuild(
        of_run,
        stages,
        newest,
        events,
        began_timesteps=(first.timesteps if first else None) or 0,
        episodes=sum(one.count for one in counts),
    )


def progress_with(recorded: Progress, newest: Mapping[str, Sample | None]) -> Progress:
    """A progress with what was sampled after it, by the names in `_OF_PROGRESS`."""
    changes: dict[str, object] = {}
    for name, field in _OF_PROGRESS.items():
        sample = newest.get(name)
        if sample is None or sample.time_s <= recorded.time_s or math.isnan(sample.value):
            continue
        changes[field] = sample.value
        if sample.timesteps is not None:
            flown = max(0, sample.timesteps - recorded.timesteps)
            changes["time_s"] = sample.time_s
            changes["timesteps"] = recorded.timesteps + flown
            changes["stage_timesteps"] = recorded.stage_timesteps + flown
    found = msgspec.structs.replace(recorded, **changes)
    if not changes or recorded.eta_s is None or found.steps_per_s <= 0.0:
        return found
    left = max(0, found.total_timesteps - found.timesteps)
    return msgspec.structs.replace(found, eta_s=left / found.steps_per_s)


def _newest(store: StoreReader, name: str, at_s: float) -> Sample | None:
    return store.last_sample(name, since_s=at_s - RECENT_S, until_s=at_s)


def _resources(
    store: StoreReader, at_s: float, present: ResourceStatus | None
) -> ResourceStatus | None:
    """The last sample of each metric; sizes that do not change as they are now."""
    sign = _newest(store, SIGN_SERIES, at_s)
    if sign is None or present is None:
        return None

    def value(name: str) -> float | None:
        sample = _newest(store, name, at_s)
        return None if sample is None or math.isnan(sample.value) else sample.value

    trainer_bytes = value("memory/trainer_bytes")
    return msgspec.structs.replace(
        present,
        time_s=sign.time_s,
        cpu_machine_percent=sign.value,
        cpu_trainer_percent=value("cpu/trainer_percent"),
        cpu_supervisor_percent=value("cpu/supervisor_percent") or 0.0,
        memory_used_percent=value("memory/used_percent") or 0.0,
        memory_trainer_bytes=None if trainer_bytes is None else int(trainer_bytes),
        memory_supervisor_bytes=int(value("memory/supervisor_bytes") or 0),
        disk_free_bytes=int((value("disk/free_gb") or 0.0) * 1e9),
        gpus=_gpus(value, present.gpus),
    )


def _gpus(value: Callable[[str], float | None], present: Sequence[GpuStatus]) -> list[GpuStatus]:
    found = []
    for index, gpu in enumerate(present):
        prefix = GPU_PREFIX if len(present) == 1 else f"{GPU_PREFIX}{index}/"
        found.append(
            GpuStatus(
                utilisation_percent=value(f"{prefix}utilisation_percent"),
                memory_used_bytes=value(f"{prefix}memory_used_bytes"),
                memory_total_bytes=gpu.memory_total_bytes,
                temperature_c=value(f"{prefix}temperature_c"),
            )
        )
    return found


def _run(
    store: StoreReader, recorded: RecordedStatus, present: Status, run_id: str | None, at_s: float
) -> RunRecord | None:
    if run_id is None:
        return None
    for known in (recorded.run, present.run):
        if known is not None and known.id == run_id:
            return known
    begun = store.events(names=["run.started"], run_id=run_id, until_s=at_s, limit=1)
    body = begun[0].body if begun else {}
    return RunRecord(
        run_id,
        begun[0].time_s if begun else 0.0,
        str(body.get("mode", "unknown")),
        str(body.get("algorithm", "unknown")),
        int(body.get("n_envs") or 0),
        str(body.get("warm_start", "none")),
    )
