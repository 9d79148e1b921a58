"""Smoothing of noisy series, as TensorBoard's."""

from __future__ import annotations

import math
from collections.abc import Sequence


def smooth(values: Sequence[float], weight: float) -> tuple[float, ...]:
    """The debiased exponential moving average of `values`; `weight` from 0 (none) to below 1.

    s[i] = weight * s[i-1] + (1 - weight) * v[i] from s = 0, divided by 1 - weight ** (i + 1): the
    correction of Adam (Kingma and Ba 2015, section 3) for the start at zero. As TensorBoard's
    `resmoothDataset` (tensorboard/components/vz_line_chart2/line-chart.ts): values that are not
    finite are returned as they are and not averaged; a constant series is returned unchanged.
    It averages over samples, not over time: the same weight smooths thinned samples more.
    """
    if weight == 0.0 or all(value == values[0] for value in values):
        return tuple(values)
    last, count, smoothed = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            smoothed.append(value)
            continue
        last = last * weight + (1.0 - weight) * value
        count += 1
        smoothed.append(last / (1.0 - weight**count))
    return tuple(smoothed)
