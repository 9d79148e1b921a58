"""How episodes ended, summed by outcome, with the typical values of the failed ones. Pure."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

import msgspec

from daemon.protocol.trainer import FailedEpisode, OutcomeCount

# Outcomes of failed episodes: the names of env.task.reward.Outcome in lower case.
CAUSES = ("crashed", "aborted", "timeout", "hard_landing", "off_target")


class OutcomeSummary(msgspec.Struct, frozen=True):
    """The episodes with one outcome. Medians are of the failed episodes kept; None: of none."""

    outcome: str
    count: int
    share: float  # of all episodes
    touchdown_speed_m_s: float | None
    distance_m: float | None  # from the pad, at the end
    fuel_fraction: float | None  # left


def summarize_outcomes(
    counts: Sequence[OutcomeCount], kept: Sequence[FailedEpisode]
) -> list[OutcomeSummary]:
    """One row for each outcome, the most frequent first."""
    totals: Counter[str] = Counter()
    for one in counts:
        totals[one.outcome] += one.count
    return [
        _summary(outcome, count, totals.total(), [one for one in kept if one.cause == outcome])
        for outcome, count in totals.most_common()
    ]


def _summary(outcome: str, count: int, total: int, kept: Sequence[FailedEpisode]) -> OutcomeSummary:
    distances_m = [
        math.hypot(one.x_m, one.y_m) for one in kept if one.x_m is not None and one.y_m is not None
    ]
    return OutcomeSummary(
        outcome,
        count,
        count / total,
        _median([one.touchdown_speed_m_s for one in kept]),
        _median(distances_m),
        _median([one.fuel_fraction for one in kept]),
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
