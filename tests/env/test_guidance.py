"""The reference field: consistent with constant deceleration, smooth, and bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from env.guidance import (
    FAR_DECELERATION_M_S2,
    FINAL_HEIGHT_M,
    LARGEST_DESCENT_HEIGHT_M,
    LARGEST_DESCENT_M_S,
    NEAR_ALTITUDE_M,
    TOUCHDOWN_SPEED_M_S,
    braking_deceleration_m_s2,
    braking_rate_m_s,
    closing_m_s,
    coast_time_s,
    far_braking_time_s,
    near_time_s,
    reference_closing_m_s,
    reference_descent_m_s,
)
from env.moon import SURFACE_GRAVITY_M_S2

HEIGHTS = st.floats(0.0, 25_000.0)
SPEEDS = st.floats(0.0, 400.0)


@given(st.floats(FINAL_HEIGHT_M + 0.1, 20_000.0).filter(lambda h: abs(h - NEAR_ALTITUDE_M) > 0.1))
def test_the_descent_decelerates_as_it_says(height: float) -> None:
    """v dv/dh is the deceleration, by central difference."""
    step = 0.01
    above, below = braking_rate_m_s(height + step), braking_rate_m_s(height - step)
    slope = (above**2 - below**2) / (4.0 * step)
    assert slope == pytest.approx(braking_deceleration_m_s2(height), rel=1e-3)


def test_the_descent_ends_at_touchdown_speed_and_never_rises_towards_the_ground() -> None:
    heights = np.concatenate([np.linspace(0.0, 200.0, 2001), np.linspace(200.0, 25_000.0, 1001)])
    rates = reference_descent_m_s(heights)
    assert rates[-1] == LARGEST_DESCENT_M_S
    assert rates[0] == TOUCHDOWN_SPEED_M_S
    assert np.all(np.diff(rates) >= 0.0)
    assert np.all(np.diff(rates) < 0.2 * np.maximum(np.diff(heights), 1.0) + 3.0)


@given(HEIGHTS, SPEEDS)
def test_a_fall_of_the_coasting_time_meets_the_reference(height: float, descent: float) -> None:
    coast = coast_time_s(height, descent)
    if descent >= braking_rate_m_s(height):
        assert coast == 0.0
        return
    rate = descent + SURFACE_GRAVITY_M_S2 * coast
    meeting = height - 0.5 * (descent + rate) * coast
    assert coast >= 0.0
    if meeting > FINAL_HEIGHT_M:
        assert rate == pytest.approx(braking_rate_m_s(meeting), abs=1e-3)


def test_the_times_of_the_phases_are_those_of_constant_deceleration() -> None:
    high, gate = braking_rate_m_s(2_000.0), braking_rate_m_s(NEAR_ALTITUDE_M)
    mean = 0.5 * (high + gate)
    assert far_braking_time_s(2_000.0) == pytest.approx((2_000.0 - NEAR_ALTITUDE_M) / mean)
    mean = 0.5 * (gate + TOUCHDOWN_SPEED_M_S)
    assert near_time_s(2_000.0) == pytest.approx((NEAR_ALTITUDE_M - FINAL_HEIGHT_M) / mean)
    assert far_braking_time_s(100.0) == 0.0


@given(st.floats(0.0, 20_000.0), st.floats(0.0, 100.0), st.floats(0.0, 60.0), st.floats(0.0, 20.0))
def test_the_closing_speed_is_bounded_by_what_can_be_braked(
    distance: float, coast: float, braking: float, near: float
) -> None:
    speed = closing_m_s(distance, coast, braking, near)
    assert speed >= 0.0
    assert speed**2 <= 2.0 * FAR_DECELERATION_M_S2 * distance + 1e-9
    assert speed <= closing_m_s(distance + 1.0, coast, braking, near)
    assert speed * (coast + 1e-9) <= distance + 1e-6


def test_the_largest_rate_is_braked_from_its_height() -> None:
    assert braking_rate_m_s(LARGEST_DESCENT_HEIGHT_M) == pytest.approx(LARGEST_DESCENT_M_S)
    above, below = LARGEST_DESCENT_HEIGHT_M + 1.0, LARGEST_DESCENT_HEIGHT_M - 1.0
    for distance in (10.0, 1_000.0):
        closing = reference_closing_m_s(np.array([below, above]), distance)
        assert closing[1] == pytest.approx(closing[0], rel=1e-2)


def test_the_field_is_still_over_the_pad() -> None:
    assert reference_closing_m_s(1_000.0, 0.0) == 0.0
    assert reference_closing_m_s(50.0, 10.0) < reference_closing_m_s(50.0, 20.0)
