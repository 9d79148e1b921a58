"""Collects what is known of the burn-in, from the store, the run's files and TensorBoard."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

from checks.checklist.burn_in.evidence import (
    BoardAnswer,
    BurnInEvidence,
    HourMean,
    Processes,
)
from checks.checklist.burn_in.gates import gate_counts, passed_gates
from checks.checklist.burn_in.sessions import NAMES, BurnIn, Session, burn_in_of
from checks.checklist.burn_in.slope import BLOCKS
from checks.checklist.burn_in.tensorboard import ask_tensorboard, unwritten_session
from checks.checklist.burn_in.training_time import TrainingTime
from checks.evidence import Evidence
from checks.liveness import liveness
from daemon.backup.catalog import backup_directory
from daemon.base.paths import RunPaths, StatePaths
from daemon.config import Config, ConfigError
from daemon.config.frozen import load_frozen
from daemon.store.catalogs.metric_names import DISTANCE
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Sample
from daemon.store.samples import Window

HOUR_S = 3600.0
MOST_EVENTS = 20_000
POINTS = 10 * BLOCKS  # of a series; ten to a block
_EVENTS = (*NAMES, "stage.passed", "checkpoint.failed")
_TRAINED = "time/trained_s"
_ZOMBIES = "process/zombies"


def window_s(burn_in_h: float) -> float:
    """An hour; for a short burn-in an eighth of it."""
    return HOUR_S * min(1.0, burn_in_h / 8.0)


def collect_burn_in(
    paths: StatePaths, evidence: Evidence, config: Config, fingerprint: str
) -> BurnInEvidence | None:
    """The current run's burn-in; None without a run, or if its store cannot be read.

    `config`: the one in use. `fingerprint`: of the version and configuration of now.
    """
    record = evidence.status.run if evidence.status else None
    if record is None:
        return None
    run = paths.run(record.id)
    try:
        frozen = load_frozen(run.config)
        with StoreReader.open(paths.store) as store:
            return _collect(store, evidence, (config, frozen), fingerprint, (paths, run))
    except (StoreError, ConfigError):
        return None


def _collect(
    store: StoreReader,
    evidence: Evidence,
    configs: tuple[Config, Config],
    fingerprint: str,
    places: tuple[StatePaths, RunPaths],
) -> BurnInEvidence:
    (config, frozen), (paths, run) = configs, places
    progress = evidence.status.progress if evidence.status else None
    trained_s = progress.trained_s if progress else None
    events = store.seldom_events(run.id, _EVENTS, MOST_EVENTS)
    burn_in = burn_in_of(
        events,
        fingerprint,
        now_s=evidence.now_s,
        trained_s=trained_s,
        died="the daemon died" if liveness(evidence) == "died" else "",
    )
    window = window_s(config.checklist.burn_in_h)
    samples = _Samples(store, burn_in, window)
    per_lander = samples.means("memory/lander_mb")
    speeds = [value for process in samples.processes("time/fps") for _, value in process]
    first_id = burn_in.sessions[0].began_id if burn_in.sessions else math.inf
    return BurnInEvidence(
        burn_in=burn_in,
        mode=frozen.run.mode,
        stages=len(frozen.curriculum.stages),
        # Off-policy algorithms save after fewer steps.
        rollout_steps=frozen.run.n_envs * frozen.ppo.n_steps,
        normalizes=frozen.normalize.observations,
        window_s=window,
        memory_bytes=samples.processes("memory/trainer_bytes"),
        descriptors=samples.processes("process/trainer_descriptors"),
        threads=samples.processes("process/trainer_threads"),
        memory_per_lander_mb=max((one.largest for one in per_lander), default=None),
        zombies_s=samples.longest_above_0(_ZOMBIES),
        cpu=_largest(samples.means("cpu/machine_percent")),
        disk_write=_largest(samples.means("disk/write_mb_s")),
        steps_per_s=median(speeds) if speeds else None,
        distance_steps=samples.newest_of_each(DISTANCE),
        failures=tuple(e for e in events if e.name == "checkpoint.failed" and e.id > first_id),
        checkpoint_problem=evidence.checkpoints_problem
        or (evidence.history and evidence.history.checkpoint_problem)
        or "",
        unwritten=unwritten_session(run.tensorboard, burn_in.sessions),
        board=_board(evidence, config, trained_s),
        gates=passed_gates(events),
        counts=gate_counts(run.checkpoints, backup_directory(config, paths) / run.id),
    )


class _Samples:
    """The samples of a burn-in's sessions."""

    def __init__(self, store: StoreReader, burn_in: BurnIn, window: float) -> None:
        self._store = store
        self._window_s = window
        self._sessions = burn_in.sessions
        self._whole_s = burn_in.trained_s
        self._times = [self._training_time(session) for session in burn_in.sessions]

    def processes(self, name: str) -> Processes:
        """A series by training time, of each session without its first window."""
        found = []
        for session, times in zip(self._sessions, self._times, strict=True):
            from_s = session.trained_from_s + self._window_s
            points = times.dated(self._series(name, session))
            found.append(tuple(point for point in points if point[0] >= from_s))
        return tuple(found)

    def means(self, name: str) -> list[Window]:
        """The means over the whole windows of each session, by date."""
        return [
            window
            for session in self._sessions
            for window in self._store.windows(
                name, since_s=session.since_s, until_s=session.until_s, width_s=self._window_s
            )
        ]

    def newest_of_each(self, name: str) -> tuple[float | None, ...]:
        """The newest value of each session."""
        found = [
            self._store.last_sample(name, since_s=one.since_s, until_s=one.until_s)
            for one in self._sessions
        ]
        return tuple(None if sample is None else sample.value for sample in found)

    def longest_above_0(self, name: str) -> float | None:
        """The longest time (s) in which every sample was above 0; None without a sample."""
        longest_s: float | None = None
        for session in self._sessions:
            if self._store.last_sample(name, since_s=session.since_s, until_s=session.until_s):
                longest_s = max(longest_s or 0.0, self._longest(name, session))
        return longest_s

    def _longest(self, name: str, session: Session) -> float:
        first = self._store.first_sample(name, since_s=session.since_s, at_least=1.0)
        if first is None or first.time_s > session.until_s:
            return 0.0
        longest_s, began_s = 0.0, math.nan
        for sample in self._store.series(name, since_s=first.time_s, until_s=session.until_s):
            if not sample.value > 0.0:
                began_s = math.nan
                continue
            began_s = sample.time_s if math.isnan(began_s) else began_s
            longest_s = max(longest_s, sample.time_s - began_s)
        return longest_s

    def _training_time(self, session: Session) -> TrainingTime:
        to_s = math.inf if session.end == "running" else session.trained_to_s
        return TrainingTime(self._series(_TRAINED, session), session.trained_from_s, to_s)

    def _series(self, name: str, session: Session) -> list[Sample]:
        share = session.trained_s / self._whole_s if self._whole_s else 1.0
        return self._store.series(
            name,
            since_s=session.since_s,
            until_s=session.until_s,
            max_points=max(2, round(POINTS * share)),
        )


def _largest(windows: Iterable[Window]) -> HourMean | None:
    largest = max(windows, key=lambda one: one.mean, default=None)
    return None if largest is None else HourMean(largest.mean, largest.since_s)


def _board(evidence: Evidence, config: Config, trained_s: float | None) -> BoardAnswer:
    if not config.tensorboard.enabled:
        return BoardAnswer("off", "tensorboard.enabled is false")
    daemon = evidence.status.daemon if evidence.status else None
    if daemon is None or not evidence.lock_held or daemon.stopped_s is not None:
        return BoardAnswer("no server", "no daemon runs that would serve it")
    server = daemon.servers.get("tensorboard")
    if server is None:
        return BoardAnswer("off", "the daemon was started without it")
    if server.url is None:
        if server.problem is None:
            return BoardAnswer("no server", "it is starting")
        return BoardAnswer("silent", f"it is not served: {server.problem}")
    return ask_tensorboard(server.url, trained_s)
