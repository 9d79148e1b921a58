"""Types of the store's records. Times are Unix seconds."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from daemon.config import Sources
from daemon.config.schema import Severity
from daemon.protocol.plugin import NOUNS, PluginKind
from daemon.protocol.trainer import PhaseName, Progress, Startup

TrainerState = Literal["STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL"]
AlertState = Literal["inactive", "pending", "firing"]
NoticeKind = Literal["firing", "reminder", "resolved", "test", "review"]
Body = dict[str, bool | int | float | str | None]


class Event(msgspec.Struct, frozen=True):
    """An event. `name` is one of :mod:`daemon.store.catalogs.event_catalog`."""

    id: int
    time_s: float
    name: str
    severity: Severity
    run_id: str | None
    text: str
    body: Body


class Sample(msgspec.Struct, frozen=True):
    """A measured value. `timesteps` is None for metrics that are not of the training."""

    time_s: float
    timesteps: int | None
    value: float  # NaN and infinities are stored as such


class RunRecord(msgspec.Struct, frozen=True):
    """A run as registered by the supervisor."""

    id: str
    created_s: float
    mode: str
    algorithm: str
    n_envs: int
    warm_start: str = "none"  # run.warm_start: "none" is from scratch


class TrainerStatus(msgspec.Struct, frozen=True):
    """The supervised trainer's status."""

    state: TrainerState
    since_s: float
    pid: int | None
    run_id: str | None
    phase: PhaseName | None
    phase_detail: str
    restarts: int  # since the daemon started
    last_exit: str | None  # exit code or signal, with its meaning
    restart_at_s: float | None  # in BACKOFF: when the next attempt starts
    heartbeat_s: float | None  # time of the last Progress
    startup: Startup | None = None  # while STARTING, once the trainer has reported
    report_s: float | None = None  # time of the last report of any kind
    frozen: str | None = None  # why the process is frozen


class GpuStatus(msgspec.Struct, frozen=True):
    """The newest sample of a GPU; None: not reported."""

    utilisation_percent: float | None
    memory_used_bytes: float | None
    memory_total_bytes: float | None
    temperature_c: float | None

    @property
    def memory_used_percent(self) -> float | None:
        """Share of the GPU's memory in use."""
        if self.memory_used_bytes is None or not self.memory_total_bytes:
            return None
        return 100.0 * self.memory_used_bytes / self.memory_total_bytes


class ResourceStatus(msgspec.Struct, frozen=True):
    """The newest sample of the machine, the trainer and the supervisor."""

    time_s: float
    cpu_machine_percent: float
    cpu_trainer_percent: float | None  # 100 is one core
    cpu_supervisor_percent: float
    memory_used_percent: float
    memory_trainer_bytes: int | None
    memory_supervisor_bytes: int
    disk_free_bytes: int
    disk_total_bytes: int
    cores: int  # that the daemon and the trainer may use
    gpus: list[GpuStatus] = []
    # A container's limit, of which `memory_used_percent` then is; None: of the machine's memory.
    memory_limit_bytes: int | None = None


class Acknowledgement(msgspec.Struct, frozen=True):
    """An acknowledgement of an alert: no reminder until it fires again."""

    time_s: float
    user: str
    note: str


class Silence(msgspec.Struct, frozen=True):
    """Alerts whose names match the shell pattern notify nobody until `until_s`."""

    pattern: str
    until_s: float
    user: str
    note: str
    dated_s: float = 0.0  # the time by the clock that `until_s` is of

    def in_force(self, now_s: float) -> bool:
        """Whether it is active at `now_s` (Unix)."""
        return self.until_s > now_s

    def matches(self, alert: str) -> bool:
        """Whether it silences this alert."""
        return fnmatchcase(alert, self.pattern)


class AlertRecord(msgspec.Struct, frozen=True):
    """A pending or firing alert."""

    name: str
    state: AlertState
    since_s: float
    value: float | None
    metric: str
    comparison: Literal["above", "below"]
    threshold: float
    severity: Severity
    summary: str
    acknowledged: Acknowledgement | None = None
    notified_s: float | None = None  # when someone was last notified that it fires


class Notice(msgspec.Struct, frozen=True):
    """A notification of an alert for one target, until it is delivered."""

    target: str
    kind: NoticeKind
    alert: str
    severity: Severity
    text: str
    created_s: float
    tries: int = 0
    waited_s: float = 0.0  # for how long supervisors have tried to deliver it


class ServerStatus(msgspec.Struct, frozen=True):
    """An optional server beside the training."""

    url: str | None  # where it can be reached now; None: it does not serve (yet)
    problem: str | None  # why it does not serve


class TrackingStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the run's tracking is. Samples are those of the store."""

    server: str  # URL without credentials; "": not known yet
    experiment: str
    sent: int = 0  # samples of this run, ever
    lost: int = 0  # removed by the store's retention, or refused by the server, before being sent
    behind: int = 0  # samples that are to be sent
    since_s: float | None = None  # time of the oldest of these, or since when nothing is sent
    problem: str | None = None  # why nothing is sent now; one line
    given_up: bool = False  # not tried again until the daemon is started again


class PluginStatus(msgspec.Struct, frozen=True):
    """An installed plugin, as the daemon found it at its start."""

    kind: PluginKind
    name: str
    package: str
    version: str
    faults: int = 0  # in a row
    fault: str = ""  # the newest of these
    disabled: bool = False

    @property
    def text(self) -> str:
        """``gauge (check of landerctl-example 1.0)``."""
        return f"{self.name} ({NOUNS[self.kind]} of {self.package} {self.version})"


class DaemonStatus(msgspec.Struct, frozen=True):
    """The supervisor's status. `stopped_s` is set only by a clean stop."""

    pid: int
    started_s: float
    config_path: str | None
    config_error: str | None  # a changed file that was refused; the old settings stay in force
    steps_per_s_expected: tuple[float, float]
    tensorboard_url: str | None  # where it can be reached now
    stopped_s: float | None
    stop_reason: str | None
    servers: dict[str, ServerStatus] = {}  # those enabled: tensorboard, prometheus
    config_sources: Sources | None = None  # None: of an earlier version, which read `config_path`
    plugins: list[PluginStatus] = []

    @property
    def sources(self) -> Sources:
        """What it reads its configuration from."""
        if self.config_sources is not None:
            return self.config_sources
        return Sources((self.config_path,) if self.config_path else ())


class ChecklistStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of the checklist are in which state, as of the last judgement."""

    time_s: float
    holds: int
    fails: int
    open: int
    stale: int
    not_applicable: int
    problem: str = ""  # why the evidence is refused
    burn_in_h: float | None = None
    burn_in_needed_h: float | None = None

    @property
    def counts(self) -> dict[str, int]:
        """The number of lines by state, as metrics name them."""
        names = ("holds", "fails", "stale", "open", "not_applicable")
        return {name: getattr(self, name) for name in names}

    def text(self) -> str:
        """``171 of 178 hold, 3 fail, burn-in 31 h of 72 h``."""
        parts = [f"{self.holds} of {sum(self.counts.values())} hold"]
        parts += [f"{self.fails} fail"] if self.fails else []
        parts += [f"{self.stale} stale"] if self.stale else []
        if self.burn_in_h is not None and self.burn_in_needed_h is not None:
            parts.append(f"burn-in {self.burn_in_h:.3g} h of {self.burn_in_needed_h:.3g} h")
        return ", ".join(parts)

    def samples(self) -> dict[str, float]:
        """By the metric's name."""
        found: dict[str, float | None] = {
            **{f"checklist/{name}": float(count) for name, count in self.counts.items()},
            "burn_in/hours": self.burn_in_h,
            "burn_in/needed_hours": self.burn_in_needed_h,
        }
        return {name: value for name, value in found.items() if value is not None}


class JudgedLines(msgspec.Struct, frozen=True):
    """The state of each line of the checklist, by id, and of what it was judged."""

    of: str  # version, configuration and run
    states: dict[str, str]


class Status(msgspec.Struct, frozen=True):
    """The current status, read in one transaction. None: never recorded."""

    daemon: DaemonStatus | None
    trainer: TrainerStatus | None
    progress: Progress | None
    resources: ResourceStatus | None
    alerts: list[AlertRecord]
    silences: list[Silence]
    outbox: list[Notice]
    run: RunRecord | None
    checklist: ChecklistStatus | None = None
    tracking: TrackingStatus | None = None  # None: not enabled
