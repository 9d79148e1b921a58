"""Collecting what the current run did since it began, for the checks of its first hour and day.

Reads like :mod:`checks.gather`, and asks the store for single samples and seldom events alone:
`check` runs every few minutes beside the training.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from checks.evidence import Evidence, HistoryEvidence, SpanEvidence
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, read_manifest
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Event, RunRecord

HOUR_S = 3600.0
DAY_S = 86_400.0
SUCCESS = "episode/success_rate_100"
STAGE = "curriculum/current_stage"
EPISODE_STEPS = "rollout/ep_len_mean"
LEARNING_RATE = "train/learning_rate"
GROWTH = "memory/growth_gb_per_day"
_TRAINED = "time/trained_s"
_SERIES = (SUCCESS, STAGE, EPISODE_STEPS, LEARNING_RATE, GROWTH)
ERRORS = ("trainer.crashed", "trainer.hung", "trainer.fatal", "checkpoint.failed")
ADVANCES = ("stage.passed", "stage.ramped")
NAMES = (
    *ERRORS,
    *ADVANCES,
    "trainer.running",
    "training.not_finite",
    "training.diverging",
    "training.steady",
    "rollback.done",
    "stage.failed",
    "stage.regressed",
    "evaluation.done",
)
_MOST_EVENTS = 2000
REQUIRED_FILES = ("model.zip", "vecnormalize.npz", "vecnormalize.pkl", "training_state.json")


class _Fleet(msgspec.Struct):
    control_interval_s: float


class _Stage(msgspec.Struct):
    time_limit_s: float


class _Curriculum(msgspec.Struct):
    stages: list[_Stage]


class _Limits(msgspec.Struct):
    """The part of a run's frozen configuration that limits an episode."""

    fleet: _Fleet
    curriculum: _Curriculum


def with_history(evidence: Evidence, paths: StatePaths) -> Evidence:
    """The evidence with the current run's history, where there is a run and its store is whole."""
    record = evidence.status.run if evidence.status else None
    if record is None:
        return evidence
    try:
        with StoreReader.open(paths.store) as store:
            history = _history(store, evidence, record, paths.run(record.id))
    except StoreError:
        return evidence
    return msgspec.structs.replace(evidence, history=history)


def _history(
    store: StoreReader, evidence: Evidence, record: RunRecord, run: RunPaths
) -> HistoryEvidence:
    events = store.seldom_events(record.id, NAMES, _MOST_EVENTS)
    began = next((event for event in events if event.name == "trainer.running"), None)
    saved = []
    if began is not None:
        names = ["checkpoint.saved"]
        saved = store.events(after_id=began.id, names=names, run_id=record.id, limit=1)
    now_s, since_s = evidence.now_s, record.created_s
    trained = store.last_sample(_TRAINED, since_s=since_s, until_s=now_s)
    trained_s = trained.value if trained else 0.0
    hour, day = (_span(store, record, trained_s, length_s, now_s) for length_s in (HOUR_S, DAY_S))
    return HistoryEvidence(
        trained_s=trained_s,
        began_s=began.time_s if began else None,
        first_checkpoint_s=saved[0].time_s if saved else None,
        events=tuple(events),
        hour=hour,
        day=day,
        success_quarters=_success_quarters(store, events, since_s, day.until_s),
        episode_limits=_episode_limits(run),
        checkpoint_problem=_checkpoint_problem(evidence, run),
        tensorboard_s=_newest_file_s(run.tensorboard),
        evaluated=_newest_file_s(run.evaluations) is not None,
    )


def _span(
    store: StoreReader, record: RunRecord, trained_s: float, length_s: float, now_s: float
) -> SpanEvidence:
    since_s, until_s = record.created_s, now_s
    if trained_s >= length_s:
        # It cannot have trained for longer than it exists.
        reached = store.first_sample(_TRAINED, since_s=since_s + length_s, at_least=length_s)
        until_s = reached.time_s if reached else now_s
    found = {name: store.last_sample(name, since_s=since_s, until_s=until_s) for name in _SERIES}
    succeeded = store.last_sample(SUCCESS, since_s=since_s, until_s=until_s, above=0.0)
    return SpanEvidence(
        length_s=length_s,
        until_s=until_s,
        full=trained_s >= length_s,
        newest={name: sample.value for name, sample in found.items() if sample},
        succeeded=succeeded is not None,
    )


def _success_quarters(
    store: StoreReader, events: list[Event], since_s: float, until_s: float
) -> tuple[float, float] | None:
    """Means read every sample: they are taken only where no advance shows that it goes on."""
    quarter_s = (until_s - since_s) / 4
    middle_s = until_s - quarter_s
    if any(e.name in ADVANCES and middle_s <= e.time_s <= until_s for e in events):
        return None
    before = store.mean(SUCCESS, since_s=middle_s - quarter_s, until_s=middle_s)
    last = store.mean(SUCCESS, since_s=middle_s, until_s=until_s)
    return None if before is None or last is None else (before, last)


def _episode_limits(run: RunPaths) -> tuple[int, ...]:
    try:
        limits = msgspec.json.decode(run.config.read_bytes(), type=_Limits)
    except (OSError, *MALFORMED):
        return ()
    interval_s = limits.fleet.control_interval_s
    return tuple(round(stage.time_limit_s / interval_s) for stage in limits.curriculum.stages)


def _checkpoint_problem(evidence: Evidence, run: RunPaths) -> str | None:
    """By names and sizes; digests, which read every byte, are verified where one is loaded."""
    if evidence.checkpoint is None:
        return None
    folder = run.checkpoints / evidence.checkpoint.id
    try:
        manifest = read_manifest(folder)
        files = manifest.files
        for name in REQUIRED_FILES:
            # A fork has what it carries over.
            if name not in files and manifest.kind != "fork":
                return f"{folder.name} has no {name}"
        for name, expected in files.items():
            size_bytes = (folder / name).stat().st_size
            if size_bytes != expected.size_bytes:
                return f"{folder.name}: {name} has {size_bytes} bytes of {expected.size_bytes}"
    except DamagedCheckpointError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename}: {os.strerror(error.errno or 0)}"
    else:
        return None
    # What was removed while we looked is not damaged.
    return problem if folder.exists() else None


def _newest_file_s(folder: Path) -> float | None:
    """When the newest of a folder's files was written; those that are being written apart."""
    try:
        with os.scandir(folder) as entries:
            times = [e.stat().st_mtime for e in entries if not e.name.startswith(".")]
    except OSError:
        return None
    return max(times, default=None)
