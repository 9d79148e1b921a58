"""Collects a run's figures from its store: medians over hours of training, and its passed gates.

An hour of training is measured by `time/trained_s`, so pauses do not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from checks.checklist.performance.facts import Leg, PassedGate, RunPerformance
from checks.evidence import Evidence
from checks.milestones.history import HOUR_S, SUCCESS
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, load_config
from daemon.config.frozen import load_frozen
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import RunRecord, Sample
from daemon.store.samples import spans_of

SPEED, LANDER_MB = "time/fps", "memory/lander_mb"
FUEL, DISTANCE, EPISODE_STEPS = "landing/fuel_left", "landing/distance_m", "rollout/ep_len_mean"
REWARD = "curriculum/reward_100"
_TRAINED, _DIFFICULTY = "time/trained_s", "curriculum/difficulty"
_MACHINE = (SPEED, LANDER_MB)  # what depends on the machine
_LAST_STAGE = (SUCCESS, REWARD, FUEL, DISTANCE, EPISODE_STEPS)
POINTS = 240  # of an hour, evenly spread: a median needs no more


def performance_of(paths: StatePaths, evidence: Evidence, stages: int) -> RunPerformance | None:
    """The current run's figures; None without a run that has trained, or a readable store.

    `stages`: how many the document's curriculum has; its last one is judged.
    """
    record = evidence.status.run if evidence.status else None
    if record is None or evidence.history is None:
        return None
    try:
        frozen = load_frozen(paths.run(record.id).config)
        with StoreReader.open(paths.store) as store:
            trained = store.newest_of_run(_TRAINED, record.id)
            if trained is None or trained.timesteps is None or not math.isfinite(trained.value):
                return None
            gates = _gates(evidence, trained.timesteps)
            read = _Reading(store, record, trained.time_s)
            hour_s = read.hour_began_s(trained.value)
            stage_s = read.last_stage_began_s(hour_s, stages)
            first = evidence.history.hour
            return RunPerformance(
                algorithm=record.algorithm,
                n_envs=record.n_envs,
                timesteps_limit=frozen.run.timesteps,
                default_stages=frozen.run.mode == "curriculum"
                and frozen.curriculum == load_config(None).config.curriculum,
                timesteps=trained.timesteps,
                trained_s=trained.value,
                gates=gates,
                legs=_legs(read.points(_TRAINED, hour_s, math.inf), gates),
                medians=read.medians(_MACHINE, hour_s, math.inf),
                last_stage={} if stage_s is None else read.medians(_LAST_STAGE, stage_s, math.inf),
                stage_1_success=read.stage_1_success(gates),
                first_hour=read.medians(_MACHINE, record.created_s, first.until_s)
                if first.full
                else {},
            )
    except (ConfigError, StoreError):
        return None


class _Reading:
    """Reads samples of one run."""

    def __init__(self, store: StoreReader, record: RunRecord, newest_s: float) -> None:
        self._store = store
        self._record = record
        self._newest_s = newest_s
        self._spans = spans_of(store.sessions(), record.id)

    def hour_began_s(self, trained_s: float) -> float:
        """When the last hour of training began (Unix)."""
        before = self._store.last_sample(
            _TRAINED,
            since_s=self._record.created_s,
            until_s=self._newest_s,
            below=trained_s - HOUR_S,
        )
        return self._record.created_s if before is None else before.time_s

    def last_stage_began_s(self, since_s: float, stages: int) -> float | None:
        """From when on, since a time, the last stage is flown after its ramp; None: not now."""
        newest = self._store.newest_of_run(_DIFFICULTY, self._record.id)
        if newest is None or newest.value < stages:
            return None
        easier = self._store.last_sample(
            _DIFFICULTY, since_s=since_s, until_s=newest.time_s, below=float(stages)
        )
        return since_s if easier is None else math.nextafter(easier.time_s, math.inf)

    def stage_1_success(self, gates: Sequence[PassedGate]) -> float | None:
        """At the gate of stage 1, or the last value in that stage."""
        for gate in gates:
            if gate.stage == 1:
                return gate.success_rate
        created_s = self._record.created_s
        in_stage = self._store.last_sample(
            "curriculum/current_stage", since_s=created_s, until_s=self._newest_s, below=2.0
        )
        if in_stage is None or gates:
            return None
        last = self._store.last_sample(SUCCESS, since_s=created_s, until_s=in_stage.time_s)
        return None if last is None or not math.isfinite(last.value) else last.value

    def medians(self, names: Sequence[str], since_s: float, until_s: float) -> dict[str, float]:
        """The median of each series that has finite values between two times (Unix)."""
        found = {}
        for name in names:
            values = [
                point.value
                for point in self.points(name, since_s, until_s)
                if math.isfinite(point.value)
            ]
            if values:
                found[name] = median(values)
        return found

    def points(self, name: str, since_s: float, until_s: float) -> list[Sample]:
        """Samples of a series between two times (Unix), ascending; of each session at most
        POINTS.
        """
        return [
            point
            for began_s, end_s in self._spans
            if began_s < until_s and end_s > since_s
            for point in self._store.series(
                name,
                since_s=max(since_s, began_s),
                until_s=min(until_s, end_s),
                max_points=POINTS,
            )
        ]


def _gates(evidence: Evidence, timesteps: int) -> tuple[PassedGate, ...]:
    """The newest passing of each gate up to these steps: a rollback takes back later ones."""
    assert evidence.history is not None
    found: dict[int, PassedGate] = {}
    for event in evidence.history.events:
        stage, at = event.body.get("stage"), event.body.get("timesteps")
        trained_s, success = event.body.get("trained_s"), event.body.get("success_rate")
        if (
            event.name == "stage.passed"
            and isinstance(stage, int)
            and isinstance(at, int)
            and isinstance(trained_s, int | float)
            and isinstance(success, int | float)
            and at <= timesteps
        ):
            found[stage] = PassedGate(stage, at, trained_s, success)
    return tuple(found[stage] for stage in sorted(found))


def _legs(points: Sequence[Sample], gates: Sequence[PassedGate]) -> tuple[Leg, ...]:
    """Steps and training time between neighbours, by the gates that were passed by then."""
    legs: dict[int, Leg] = {}
    for before, after in pairwise(points):
        if before.timesteps is None or after.timesteps is None:
            continue
        steps, trained_s = after.timesteps - before.timesteps, after.value - before.value
        if steps <= 0 or not 0 < trained_s < math.inf:
            continue  # a restart or a rollback in between
        passed = sum(gate.timesteps <= before.timesteps for gate in gates)
        so_far = legs.get(passed, Leg(passed, 0, 0.0))
        legs[passed] = Leg(passed, so_far.steps + steps, so_far.trained_s + trained_s)
    return tuple(legs[gates_passed] for gates_passed in sorted(legs))
