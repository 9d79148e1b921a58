"""Several seeds' curves as one."""

from __future__ import annotations

import numpy as np
import pytest

from daemon.runs.curves import Point
from landerctl.operations.sweeps.results.curves import TrialCurve
from landerctl.plots.sweep.bands import Band, band


def curve(seed: int, *points: tuple[int, float]) -> TrialCurve:
    return TrialCurve(seed, seed, tuple(Point(1e9, at, at / 1e3, value) for at, value in points))


def at(found: Band | None, steps: int) -> tuple[float, float, float]:
    assert found is not None
    low, mean, high = (
        float(np.interp(steps, found.steps, one)) for one in (found.low, found.mean, found.high)
    )
    return low, mean, high


def test_mean_and_middle_half() -> None:
    found = band([curve(n, (0, float(n)), (1000, float(n))) for n in range(5)])
    assert at(found, 500) == pytest.approx((1.0, 2.0, 3.0))


def test_seeds_that_end_almost_together_end_together() -> None:
    found = band([curve(1, (0, 1.0), (1000, 1.0)), curve(2, (100, 0.0), (960, 0.0))])
    assert found is not None and (found.steps[0], found.steps[-1]) == (100, 960)


def test_a_seed_counts_as_far_as_it_was_trained() -> None:
    found = band([curve(1, (0, 1.0), (1000, 1.0)), curve(2, (0, 0.0), (400, 0.0))])
    assert at(found, 200)[1] == pytest.approx(0.5)
    low, mean, _ = at(found, 800)
    assert mean == pytest.approx(1.0) and np.isnan(low)


def test_no_curve() -> None:
    assert band([]) is None
    assert band([curve(1)]) is None
    assert band([curve(1, (5, 1.0))]) is not None
