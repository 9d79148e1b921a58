"""Collects what a review is made of, from the run's store and folders."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from checks.checklist.ledger.ledger import Ledger
from checks.checklist.reviews.earlier import earlier_estimates
from checks.checklist.reviews.facts import (
    DIFFICULTY,
    RESOURCES,
    REWARD,
    SUCCESS,
    TRAINED,
    ReviewFacts,
    SpanFacts,
)
from daemon.backup.catalog import backup_directory, scan
from daemon.backup.restoring.restorable import restorables
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.best import best_first, unfit_as_best
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.review_schedule import Span
from daemon.runs.run_folder import read_run_config
from daemon.store.reader import StoreReader
from daemon.store.records import Sample
from daemon.store.samples import Session, spans_of

MOST_SAMPLES = 2000  # of a series in a span: more are read as so many, evenly spread
SPACING_S = 60.0  # the store keeps one sample a minute of what is older than six hours
EVENTS = (
    "stage.started",
    "stage.passed",
    "stage.regressed",
    "alert.firing",
    "alert.resolved",
    "alert.acknowledged",
    "trainer.crashed",
    "trainer.hung",
    "trainer.fatal",
    "trainer.interrupted",
    "daemon.recovered",
    "daemon.stopped",
    "rollback.done",
    "run.completed",
)
MOST_EVENTS = 20_000


@dataclass(frozen=True)
class Reviewed:
    """The run of a state folder, and the configuration in use."""

    paths: StatePaths
    run: RunPaths
    config: Config


def collect(of: Reviewed, ledger: Ledger, span: Span, before: Span) -> ReviewFacts:
    """The facts of a run's span and of the span before it.

    Raises StoreError, ConfigError and OSError.
    """
    run, config = of.run, of.config
    stages = read_run_config(run).curriculum.stages
    states = restorables(
        run.id, list_checkpoints(run.checkpoints), scan(backup_directory(config, of.paths), run.id)
    )
    manifests = [state.manifest for state in states if state.accepted]
    evaluations = [one.result for one in list_evaluations(run.evaluations).whole]
    best = best_until(manifests, span.until_s)
    with StoreReader.open(of.paths.store) as store:
        found = store.seldom_events(run.id, EVENTS, MOST_EVENTS)
        reading = _Reading(store, run.id, manifests, evaluations)
        now, earlier = reading.span(span), reading.span(before)
        trained_s, _ = reading.trained(span.until_s)
    events = tuple(event for event in found if event.time_s < span.until_s)
    return ReviewFacts(
        run_id=run.id,
        stages=tuple(stage.name for stage in stages),
        gates=tuple(stage.gate_success_rate for stage in stages),
        now=now,
        before=earlier,
        events=events,
        episodes=config.checklist.review_episodes,
        trained_s=trained_s,
        completed=any(event.name == "run.completed" for event in events),
        best_id=best.id if best else None,
        earlier=earlier_estimates(ledger, run.id, span.until_s),
    )


def best_until(manifests: Sequence[Manifest], until_s: float) -> Manifest | None:
    """The state that was the best at a time (Unix), of those that still exist."""
    existing = [manifest for manifest in manifests if manifest.created_s < until_s]
    return next((one for one in best_first(existing) if unfit_as_best(one) is None), None)


def evaluation_of(
    manifest: Manifest, evaluations: Sequence[EvaluationResult], until_s: float
) -> EvaluationResult | None:
    """The newest evaluation of a state in its stage before `until_s` (Unix).

    One in training is named by its steps, one by `landerctl evaluate` by the state's id.
    """
    names = (manifest.id, f"{manifest.timesteps}-steps")
    return next(
        (
            one
            for one in reversed(evaluations)
            if one.pilot in names and one.stage == manifest.stage and one.created_s < until_s
        ),
        None,
    )


class _Reading:
    """Reads one run's spans."""

    def __init__(
        self,
        store: StoreReader,
        run_id: str,
        manifests: Sequence[Manifest],
        evaluations: Sequence[EvaluationResult],
    ) -> None:
        self._store, self._run_id = store, run_id
        self._sessions: list[Session] = store.sessions()
        self._manifests, self._evaluations = manifests, evaluations

    def span(self, span: Span) -> SpanFacts:
        """The facts of one span."""
        until_s, until_steps = self.trained(span.until_s)
        since_s, since_steps = self.trained(span.since_s)
        difficulty = self._series(DIFFICULTY, span)
        best = best_until(self._manifests, span.until_s)
        return SpanFacts(
            span=span,
            trained_s=max(0.0, until_s - since_s),
            timesteps=until_steps - since_steps,
            difficulty=difficulty[-1].value if difficulty else None,
            rewards=by_difficulty(self._series(REWARD, span), difficulty),
            successes=by_difficulty(self._series(SUCCESS, span), difficulty),
            resources={name: _values(self._series(name, span)) for name in RESOURCES},
            outcomes=tuple(
                self._store.outcomes(
                    self._run_id, stage=None, since_s=span.since_s, until_s=span.until_s
                )
            ),
            best=evaluation_of(best, self._evaluations, span.until_s) if best else None,
        )

    def trained(self, until_s: float) -> tuple[float, int]:
        """Training time (s) and environment steps of the run until a time (Unix)."""
        found = self._store.newest_of_run(TRAINED, self._run_id, until_s=until_s)
        return (found.value, found.timesteps or 0) if found else (0.0, 0)

    def _series(self, name: str, span: Span) -> list[Sample]:
        """A series in the span, at most one sample in SPACING_S and MOST_SAMPLES in all."""
        parts = [
            (max(began_s, span.since_s), min(end_s, span.until_s))
            for began_s, end_s in spans_of(self._sessions, self._run_id)
            if began_s < span.until_s and end_s > span.since_s
        ]
        spacing_s = max(SPACING_S, sum(end_s - began_s for began_s, end_s in parts) / MOST_SAMPLES)
        return [
            sample
            for began_s, end_s in parts
            for sample in self._store.series(
                name,
                since_s=began_s,
                until_s=end_s,
                max_points=max(2, round((end_s - began_s) / spacing_s)),
            )
        ]


def by_difficulty(
    samples: Sequence[Sample], difficulty: Sequence[Sample]
) -> dict[float, tuple[float, ...]]:
    """The finite values of `samples` by the difficulty at their time; both ascend in time."""
    times_s = [one.time_s for one in difficulty]
    found: dict[float, list[float]] = {}
    for sample in samples:
        index = bisect_right(times_s, sample.time_s) - 1
        if index >= 0 and math.isfinite(sample.value):
            found.setdefault(round(difficulty[index].value, 6), []).append(sample.value)
    return {key: tuple(values) for key, values in found.items()}


def _values(samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(one.value for one in samples if math.isfinite(one.value))
