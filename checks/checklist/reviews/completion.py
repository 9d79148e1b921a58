"""The estimated end of a run, for a review of a span that is not long over."""

from __future__ import annotations

from checks.checklist.performance.collect import performance_of
from checks.checklist.performance.run_estimate import estimate_completion
from checks.checklist.reviews.facts import Completion
from checks.gather import gather
from checks.milestones.history import DAY_S, with_history
from daemon.base.paths import StatePaths
from daemon.config import Config


def completion_of(
    paths: StatePaths, config: Config, until_s: float, now_s: float
) -> Completion | None:
    """The estimate at `now_s` (Unix); None if there is none, or if the span ended a day before.

    Of the time then nothing is known but what earlier reviews recorded.
    """
    if now_s - until_s > DAY_S:
        return None
    evidence = with_history(gather(paths, now_s), paths)
    run = performance_of(paths, evidence, len(config.checklist.stage_success_rates))
    estimate = None if run is None else estimate_completion(run)
    if estimate is None:
        return None
    end_s = estimate.end_s
    return Completion(end_s.expected, end_s.low, end_s.high, estimate.trained_s)
