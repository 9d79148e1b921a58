"""Whether a series grows exponentially rather than linearly: three fits compared. Pure.

By least squares: a line; an exponential a + c exp(k t), with c and k positive; and a level with one
jump, for a late jump resembles an exponential more than a line. Compared by Akaike's criterion,
n ln(RSS / n) + 2 p (Akaike, IEEE Trans. Automatic Control 19 (1974) 716), with the number of
independent blocks n (1 - r) / (1 + r), r being the correlation of the exponential fit's
neighbouring residuals: noise that wanders must not count as evidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

import msgspec

from checks.checklist.burn_in.slope import STRONGEST, Point

FEWEST_BLOCKS = 24
DECISIVE = 10.0  # difference of AIC from which on a fit has essentially no support
LEAST_GROWTH = 0.01  # share of its first level: less counts as no growth
# k times the length of the series: below, it is a line; above, a jump at the end.
_RATES = [1.0 * 20.0 ** (step / 30.0) for step in range(31)]


class Growth(msgspec.Struct, frozen=True):
    """`evidence`: by how much the AIC of the exponential is smaller than that of the better other.

    `doubling_s`: time in which the exponential part doubles. `grown`: its growth over the series,
    as a share of its first level.
    """

    evidence: float
    doubling_s: float
    grown: float

    @property
    def exponential(self) -> bool:
        """Whether it grows, and exponentially."""
        return self.evidence >= DECISIVE and self.grown >= LEAST_GROWTH


def growth_of(blocks: Sequence[Point]) -> Growth | None:
    """Compare the fits of one process's blocks; None with fewer than FEWEST_BLOCKS."""
    if len(blocks) < FEWEST_BLOCKS:
        return None
    began_s, span_s = blocks[0][0], blocks[-1][0] - blocks[0][0]
    times = [(time_s - began_s) / span_s for time_s, _ in blocks]
    values = [value for _, value in blocks]
    # What rounding leaves of a perfect fit is no evidence.
    least = len(values) * (1e-9 * max(map(abs, values), default=0.0)) ** 2 or 1e-300
    line = _squares(_residuals(times, values)[0])
    fits = [
        (rate, *_residuals([math.exp(rate * (t - 1.0)) for t in times], values)) for rate in _RATES
    ]
    rising = [fit for fit in fits if fit[2] > 0.0]
    if not rising:
        return Growth(0.0, math.inf, 0.0)
    rate, rest, height = min(rising, key=lambda fit: _squares(fit[1]))
    correlation = _neighbours(rest)
    independent = len(values) * (1.0 - correlation) / (1.0 + correlation)
    best = max(_squares(rest), least)
    against_line = independent * math.log(max(line, least) / best) - 2.0
    against_jump = independent * math.log(max(_jump(values), least) / best)
    first = abs(values[0] - rest[0]) or 1.0
    return Growth(
        evidence=min(against_line, against_jump),
        doubling_s=math.log(2.0) / rate * span_s,
        grown=height * (1.0 - math.exp(-rate)) / first,
    )


def _residuals(regressor: Sequence[float], values: Sequence[float]) -> tuple[list[float], float]:
    """What a level and a multiple of the regressor leave, and that multiple."""
    middle, level = fmean(regressor), fmean(values)
    spread = sum((x - middle) ** 2 for x in regressor)
    factor = sum((x - middle) * y for x, y in zip(regressor, values, strict=True)) / spread
    rest = [y - level - factor * (x - middle) for x, y in zip(regressor, values, strict=True)]
    return rest, factor


def _squares(residuals: Sequence[float]) -> float:
    return sum(value * value for value in residuals)


def _jump(values: Sequence[float]) -> float:
    """The sum of squares about two levels, with the best place of the jump."""
    whole, total = sum(values), sum(value * value for value in values)
    best, left = total - whole**2 / len(values), 0.0
    for count, value in enumerate(values[:-1], 1):
        left += value
        right = whole - left
        best = min(best, total - left**2 / count - right**2 / (len(values) - count))
    return max(best, 0.0)


def _neighbours(residuals: Sequence[float]) -> float:
    squares = _squares(residuals)
    if squares == 0.0:
        return 0.0
    return min(max(sum(a * b for a, b in pairwise(residuals)) / squares, 0.0), STRONGEST)
