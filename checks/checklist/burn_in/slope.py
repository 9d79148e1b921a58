"""The slope of a series over several processes, with its confidence interval. Pure.

Medians over blocks of time, so that peaks during a checkpoint or an evaluation do not count. Of
them the seasonal Kendall slope estimator: the median of the slopes between every two blocks of the
same process (Hirsch, Slack and Smith, Water Resources Research 18 (1982) 107). Blocks of different
processes are never compared: each process begins with another amount. Its 95% interval: Sen, JASA
63 (1968) 1379, by the variance of Kendall's score, summed over the processes and, as neighbouring
blocks are correlated, multiplied by (1 + r) / (1 - r), r being the correlation of neighbouring
residuals (Bayley and Hammersley, Suppl. JRSS 8 (1946) 184).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

import msgspec

from daemon.runs.statistics.intervals import Z_95

Point = tuple[float, float]  # time in s, value
Series = Sequence[Sequence[Point]]  # of each process
FEWEST_BLOCKS = 12
BLOCKS = 144  # into which a burn-in is divided
STRONGEST = 0.95  # correlation of neighbours that is assumed at most


class Slope(msgspec.Struct, frozen=True):
    """In units of the value per second; low and high are infinite if nothing is known of them."""

    estimate: float
    low: float
    high: float
    correlation: float  # of neighbouring blocks
    blocks: int


def block_medians(points: Sequence[Point], block_s: float) -> list[Point]:
    """The median of each block of time that has points, at its points' mean time."""
    blocks: dict[int, list[Point]] = {}
    for point in points:
        blocks.setdefault(int(point[0] // block_s), []).append(point)
    return [
        (fmean(time_s for time_s, _ in block), median(value for _, value in block))
        for _, block in sorted(blocks.items())
    ]


def slope_of(processes: Series) -> Slope | None:
    """The slope over the blocks of each process; None with fewer than FEWEST_BLOCKS."""
    used = [blocks for blocks in processes if len(blocks) >= 2]
    count = sum(len(blocks) for blocks in used)
    if count < FEWEST_BLOCKS:
        return None
    slopes = sorted(
        (value - earlier) / (time_s - before_s)
        for blocks in used
        for index, (time_s, value) in enumerate(blocks)
        for before_s, earlier in blocks[:index]
    )
    estimate = median(slopes)
    correlation = _neighbours(used, estimate)
    variance = sum(len(one) * (len(one) - 1) * (2 * len(one) + 5) for one in used) / 18.0
    variance *= (1.0 + correlation) / (1.0 - correlation)
    half = Z_95 * math.sqrt(variance)
    first = math.floor((len(slopes) - half) / 2.0) - 1
    last = math.ceil((len(slopes) + half) / 2.0)
    return Slope(
        estimate=estimate,
        low=slopes[first] if first >= 0 else -math.inf,
        high=slopes[last] if last < len(slopes) else math.inf,
        correlation=correlation,
        blocks=count,
    )


def _neighbours(processes: Series, slope: float) -> float:
    """The correlation of neighbouring residuals, from 0 to STRONGEST."""
    products, squares = 0.0, 0.0
    for blocks in processes:
        rest = [value - slope * time_s for time_s, value in blocks]
        middle = fmean(rest)
        rest = [value - middle for value in rest]
        products += sum(a * b for a, b in pairwise(rest))
        squares += sum(value * value for value in rest)
    if squares == 0.0:
        return 0.0
    count = sum(len(blocks) for blocks in processes)
    # Removing a line makes residuals seem less correlated: Kendall, Biometrika 41 (1954) 403.
    found = products / squares
    return min(max(found + (1.0 + 4.0 * found) / count, 0.0), STRONGEST)
