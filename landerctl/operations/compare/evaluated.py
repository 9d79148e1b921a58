"""Which evaluations of several runs are compared. Pure but for reading them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import Evaluation

Which = Literal["newest", "best"]


@dataclass(frozen=True)
class Evaluated:
    """The compared evaluations of one kind: one of each run, None where it has none."""

    which: Which
    stage: int  # counted from 1
    evaluations: tuple[Evaluation | None, ...]


def choose(found: Sequence[Sequence[Evaluation]]) -> list[Evaluated]:
    """The newest and the best evaluation of each run, both of the highest stage that most have.

    Of a run's evaluations of that stage those on the seeds that most runs have flown count, if it
    has such. `found`: of each run its evaluations, ascending in time; the reference pilot's do not
    count. `best`: with the highest lower bound of the success rate, then of the reward.
    """
    policies = [[one for one in run if one.result.pilot != REFERENCE] for run in found]
    stage = _most_common([{one.result.stage for one in run} for run in policies])
    if stage is None:
        return []
    runs = [[one for one in run if one.result.stage == stage] for run in policies]
    seed = _most_common([{one.result.first_seed for one in run} for run in runs])
    runs = [[one for one in run if one.result.first_seed == seed] or run for run in runs]
    newest = Evaluated("newest", stage, tuple(run[-1] if run else None for run in runs))
    best = Evaluated("best", stage, tuple(max(run, key=_merit, default=None) for run in runs))
    return [newest] if best.evaluations == newest.evaluations else [newest, best]


def _most_common(runs: Sequence[set[int]]) -> int | None:
    """What most runs have; of several the highest; None if no run has any."""
    counts = Counter(number for numbers in runs for number in numbers)
    return max(counts, key=lambda number: (counts[number], number), default=None)


def _merit(evaluation: Evaluation) -> tuple[float, float, float]:
    result = evaluation.result
    success, reward = result.success_rate.low, result.reward.low
    return _bound(success), _bound(reward), result.created_s


def _bound(low: float | None) -> float:
    return -math.inf if low is None else low
