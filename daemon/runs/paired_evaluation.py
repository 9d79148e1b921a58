"""The result of evaluating two pilots on the same seeds."""

from __future__ import annotations

import msgspec

from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from daemon.runs.statistics.paired import PairedRates


class PairedEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """As `landerctl evaluate A B --json` prints it. Differences are the first minus the second."""

    first: EvaluationResult
    second: EvaluationResult
    environment_run_id: str  # in whose environment both were flown
    # Settings of the second's own environment that differ: ``0.1 instead of 0.2``.
    differing: dict[str, str]
    success: PairedRates
    only_first_landed: list[int]  # seeds
    only_second_landed: list[int]
    reward: Interval  # over all seeds
    # Over the seeds where both landed; None if there are none:
    distance_m: Interval | None
    touchdown_speed_m_s: Interval | None
    touchdown_tilt_deg: Interval | None
    fuel_left: Interval | None  # share of the propellant at the start
