"""Several seeds' curves as one: their mean and the middle half. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from landerctl.operations.sweeps.results.curves import TrialCurve

_POINTS = 300
_AS_LONG = 0.9  # of the longest: such curves end together
_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Over environment steps. `low`, `high`: the quartiles of the seeds, NaN below two seeds."""

    steps: _Numbers
    mean: _Numbers
    low: _Numbers
    high: _Numbers


def band(curves: Sequence[TrialCurve]) -> Band | None:
    """Each seed counts as far as it was trained; between its points it is straight.

    None if no seed has a point.
    """
    having = [curve.points for curve in curves if curve.points]
    if not having:
        return None
    # Where the seeds' first and last points are not quite at the same steps, the mean would jump.
    first = max(points[0].timesteps for points in having)
    longest = max(points[-1].timesteps for points in having)
    ends = [points[-1].timesteps for points in having]
    last = min(end for end in ends if end >= _AS_LONG * longest)
    steps = np.linspace(min(first, last), last, _POINTS)
    table = np.array(
        [
            np.interp(
                steps,
                [point.timesteps for point in points],
                [point.value for point in points],
                right=np.nan,
            )
            for points in having
        ]
    )
    few = np.sum(~np.isnan(table), axis=0) < 2
    low, high = np.nanquantile(table, [0.25, 0.75], axis=0)
    low[few] = high[few] = np.nan
    return Band(steps, np.nanmean(table, axis=0), low, high)
