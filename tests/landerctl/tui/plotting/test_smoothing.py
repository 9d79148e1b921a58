from __future__ import annotations

import math

import pytest

from landerctl.tui.plotting.choice import WEIGHTS, PlotChoice
from landerctl.tui.plotting.smoothing import smooth


def published(values: list[float], weight: float) -> list[float]:
    """TensorBoard's `resmoothDataset`, line by line as in vz_line_chart2/line-chart.ts."""
    last = 0.0 if values else math.nan
    num_accum = 0
    smoothed = []
    is_constant = all(v == values[0] for v in values)
    for next_val in values:
        if is_constant or not math.isfinite(next_val):
            smoothed.append(next_val)
        else:
            last = last * weight + (1 - weight) * next_val
            num_accum += 1
            debias_weight = 1.0
            if weight != 1:
                debias_weight = 1 - math.pow(weight, num_accum)
            smoothed.append(last / debias_weight)
    return smoothed


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize(
    "values",
    [[], [3.0], [2.0, 2.0, 2.0], [1.0, 5.0, -2.0, 8.0, 8.0, 0.5], [1.0, math.inf, 2.0, 4.0]],
)
def test_it_is_tensorboards(values: list[float], weight: float) -> None:
    assert smooth(values, weight) == pytest.approx(published(values, weight))


def test_by_hand() -> None:
    # 0.6: (0.4 * 1) / 0.4 = 1; (0.6 * 0.4 + 0.4 * 2) / (1 - 0.36) = 1.625
    assert smooth([1.0, 2.0], 0.6) == pytest.approx((1.0, 1.625))


def test_the_weight_goes_up_and_down_and_stops_at_the_ends() -> None:
    choice = PlotChoice(("time/fps",))
    assert choice.smoother(-1).smoothing == 0.0
    assert choice.smoother(1).smoothing == 0.3
    for _ in range(20):
        choice = choice.smoother(1)
    assert choice.smoothing == WEIGHTS[-1]
