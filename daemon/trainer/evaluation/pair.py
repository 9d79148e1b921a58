"""Compares two pilots' episodes seed by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from daemon.runs.evaluations import EvaluationResult
from daemon.runs.paired_evaluation import PairedEvaluation
from daemon.runs.statistics.intervals import Interval
from daemon.runs.statistics.paired import paired_interval, paired_rates
from env.fleet import Episode

Flown = tuple[EvaluationResult, Sequence[Episode]]


def pair(
    first: Flown, second: Flown, *, environment_run_id: str, differing: dict[str, str]
) -> PairedEvaluation:
    """The paired differences of two evaluations. Raises ValueError if their seeds differ."""
    (result, ours), (other, theirs) = first, second
    if [episode.seed for episode in ours] != [episode.seed for episode in theirs]:
        raise ValueError("the seeds of the two evaluations differ")
    pairs = list(zip(ours, theirs, strict=True))
    landed = [(a, b) for a, b in pairs if a.success and b.success]

    def difference(value: Callable[[Episode], float]) -> Interval | None:
        if not landed:
            return None
        return paired_interval([value(a) for a, _ in landed], [value(b) for _, b in landed])

    return PairedEvaluation(
        first=result,
        second=other,
        environment_run_id=environment_run_id,
        differing=differing,
        success=paired_rates([a.success for a in ours], [b.success for b in theirs]),
        only_first_landed=[a.seed for a, b in pairs if a.success and not b.success],
        only_second_landed=[a.seed for a, b in pairs if b.success and not a.success],
        reward=paired_interval([a.reward for a in ours], [b.reward for b in theirs]),
        distance_m=difference(lambda one: one.distance_m),
        touchdown_speed_m_s=difference(lambda one: one.touchdown_speed_m_s),
        touchdown_tilt_deg=difference(lambda one: math.degrees(one.touchdown_tilt_rad)),
        fuel_left=difference(lambda one: one.fuel_fraction),
    )
