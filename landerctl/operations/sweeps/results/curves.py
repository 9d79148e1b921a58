"""The curves of a sweep's trials, read from their homes on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from daemon.base.paths import StatePaths
from daemon.runs.curves import SERIES, SUCCESS, Point
from daemon.runs.run_folder import find_run
from daemon.store.reader import StoreError, StoreReader
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Trial
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.compare.lines import load_curves
from landerctl.operations.compare.metrics import Metric, metric_of


@dataclass(frozen=True)
class TrialCurve:
    """What a trial measured while it trained; empty where its home is not on this machine."""

    trial: int
    seed: int
    points: tuple[Point, ...]  # ascending in steps


def curve_of(objective: Objective) -> Metric:
    """The curve that shows how an objective comes about: its own, or the success rate."""
    return metric_of(objective.metric if objective.metric in SERIES else SUCCESS)


def read_trial_curves(
    sweep: SweepPaths, trials: Iterable[Trial], metric: Metric
) -> list[TrialCurve]:
    """The curve of each trial, in the same order. Raises OSError."""
    return [
        TrialCurve(trial.number, trial.seed, _points(sweep.trial(trial.number), trial, metric))
        for trial in trials
    ]


def _points(home: StatePaths, trial: Trial, metric: Metric) -> tuple[Point, ...]:
    run = find_run(home, trial.run_id)
    if run is None:
        return ()
    # Without a readable store the curves are as far as they were kept.
    with suppress(StoreError), StoreReader.open(home.store) as store:
        return tuple(load_curves(store, run).kept().points(metric.series))
    return tuple(load_curves(None, run).kept().points(metric.series))
