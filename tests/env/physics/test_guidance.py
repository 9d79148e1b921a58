"""The reference field: each vehicle's descent is consistent, bounded, and within its thrust."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.guidance import (
    FINAL_HEIGHT_M,
    LARGEST_DESCENT_M_S,
    TOUCHDOWN_SPEED_M_S,
    Braking,
    braking_deceleration_m_s2,
    braking_rate_m_s,
    closing_m_s,
    coast_time_s,
    far_braking_time_s,
    near_time_s,
    reference_closing_m_s,
    reference_descent_m_s,
)
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle, vehicle_record
from env.physics.vehicles import VEHICLES

EVERY = pytest.mark.parametrize(
    "braking", [craft.braking for craft in VEHICLES.values()], ids=list(VEHICLES)
)
LARGEST_DELTA_V_M_S = 1200.0  # on board in any stage
HEIGHTS = st.floats(0.0, 25_000.0)
SPEEDS = st.floats(0.0, 400.0)


@pytest.mark.parametrize("craft", VEHICLES.values(), ids=list(VEHICLES))
def test_the_field_brakes_within_the_thrust_of_its_vehicle(craft: Vehicle) -> None:
    """Upright at maximum mass with a margin; one engine suffices, also when nearly empty."""
    exhaust_m_s = craft.engine_isp_s * STANDARD_GRAVITY_M_S2
    heavy_kg = craft.hub_mass_kg * math.exp(LARGEST_DELTA_V_M_S / exhaust_m_s)
    fine_n = float(vehicle_record(craft)["fine_thrust_n"][0])
    assert heavy_kg * (craft.braking.near_m_s2 + SURFACE_GRAVITY_M_S2) < 0.95 * fine_n
    far_m_s2 = craft.braking.far_m_s2 + SURFACE_GRAVITY_M_S2
    assert heavy_kg * far_m_s2 < 0.8 * craft.engine_thrust_n
    assert craft.hub_mass_kg * far_m_s2 > craft.engine_minimum_throttle * craft.engine_thrust_n


@EVERY
@given(height=st.floats(FINAL_HEIGHT_M + 0.1, 20_000.0))
def test_the_descent_has_the_stated_deceleration(braking: Braking, height: float) -> None:
    """v dv/dh is the deceleration, by central difference."""
    assume(abs(height - braking.near_altitude_m) > 0.1)
    step = 0.01
    above = braking_rate_m_s(height + step, *braking)
    below = braking_rate_m_s(height - step, *braking)
    slope = (above**2 - below**2) / (4.0 * step)
    assert slope == pytest.approx(braking_deceleration_m_s2(height, *braking), rel=1e-3)


@EVERY
def test_the_descent_ends_at_touchdown_speed_and_never_rises_towards_the_ground(
    braking: Braking,
) -> None:
    heights = np.unique(np.r_[np.linspace(0.0, 200.0, 2001), np.linspace(200.0, 25_000.0, 1001)])
    rates = reference_descent_m_s(heights, *braking)
    assert rates[-1] == LARGEST_DESCENT_M_S
    assert rates[0] == TOUCHDOWN_SPEED_M_S
    assert np.all(np.diff(rates) >= 0.0)
    decelerations = 0.5 * np.diff(rates**2) / np.diff(heights)
    assert np.all(decelerations <= max(braking.near_m_s2, braking.far_m_s2) * (1 + 1e-9))


@EVERY
@given(height=HEIGHTS, descent=SPEEDS)
def test_a_fall_of_the_coasting_time_meets_the_reference(
    braking: Braking, height: float, descent: float
) -> None:
    coast = coast_time_s(height, descent, *braking)
    if descent >= braking_rate_m_s(height, *braking):
        assert coast == 0.0
        return
    rate = descent + SURFACE_GRAVITY_M_S2 * coast
    meeting = height - 0.5 * (descent + rate) * coast
    assert coast >= 0.0
    if meeting > FINAL_HEIGHT_M:
        assert rate == pytest.approx(braking_rate_m_s(meeting, *braking), abs=1e-3)


@EVERY
def test_the_times_of_the_phases_are_those_of_constant_deceleration(braking: Braking) -> None:
    near_altitude = braking.near_altitude_m
    high, gate = braking_rate_m_s(np.array([2_000.0, near_altitude]), *braking)
    mean = 0.5 * (high + gate)
    took = far_braking_time_s(2_000.0, *braking)
    assert took == pytest.approx((2_000.0 - near_altitude) / mean)
    mean = 0.5 * (gate + TOUCHDOWN_SPEED_M_S)
    took = near_time_s(2_000.0, *braking)
    assert took == pytest.approx((near_altitude - FINAL_HEIGHT_M) / mean)
    assert far_braking_time_s(100.0, *braking) == 0.0


@EVERY
@given(
    distance=st.floats(0.0, 20_000.0),
    coast=st.floats(0.0, 100.0),
    far=st.floats(0.0, 150.0),
    near=st.floats(0.0, 20.0),
)
def test_the_closing_speed_is_bounded_by_what_can_be_braked(
    braking: Braking, distance: float, coast: float, far: float, near: float
) -> None:
    speed = closing_m_s(distance, coast, far, near, braking.far_m_s2)
    assert speed >= 0.0
    assert speed**2 <= 2.0 * braking.far_m_s2 * distance + 1e-9
    assert speed <= closing_m_s(distance + 1.0, coast, far, near, braking.far_m_s2)
    assert speed * (coast + 1e-9) <= distance + 1e-6


@EVERY
def test_a_craft_that_falls_slowly_has_longer_to_close(braking: Braking) -> None:
    """In a long coast it closes nearly as fast as distance over fall time."""
    height, distance = 20_000.0, 14_000.0
    descents = np.array([100.0, 150.0, 200.0])
    closing = reference_closing_m_s(height, distance, descents, *braking)
    assert (np.diff(closing) > 0.0).all()
    coasts = coast_time_s(height, descents, *braking)
    assert (closing * coasts < distance).all()
    fall_s = (np.sqrt(descents**2 + 2.0 * SURFACE_GRAVITY_M_S2 * height) - descents) / (
        SURFACE_GRAVITY_M_S2
    )
    assert (closing * fall_s > 0.8 * distance).all()


@EVERY
def test_the_field_has_no_horizontal_speed_over_the_pad(braking: Braking) -> None:
    assert reference_closing_m_s(1_000.0, 0.0, 20.0, *braking) == 0.0
    nearer, farther = reference_closing_m_s(50.0, np.array([10.0, 20.0]), 5.0, *braking)
    assert nearer < farther
