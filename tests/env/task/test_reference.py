"""The reference: the funnel above the pad, and the acceleration demand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.guidance import (
    FUNNEL_RADIUS_M,
    TOUCHDOWN_SPEED_M_S,
    funnel_height_m,
    reference_closing_m_s,
    reference_descent_m_s,
    reference_sink_m_s,
)
from env.physics.vehicle import vehicle_record
from env.physics.vehicles import STARSHIP_HLS
from env.task.reference import LARGEST_COASTING_LEAN, acceleration_demand, velocity_error

VEHICLE = vehicle_record(STARSHIP_HLS)[0]
BRAKING = STARSHIP_HLS.braking
METRES = st.floats(-20_000.0, 20_000.0)
SPEEDS = st.floats(-300.0, 300.0)


def demand(
    x: float, y: float, height: float, velocity: tuple[float, float, float]
) -> tuple[float, float, float]:
    now = np.array(velocity)
    error = velocity_error(VEHICLE, x, y, height, now)
    asked: tuple[float, float, float] = acceleration_demand(VEHICLE, x, y, height, now, error)
    return asked


def test_above_the_pad_a_descent_is_the_braking_curve() -> None:
    heights = np.linspace(0.0, 25_000.0, 501)
    assert np.array_equal(
        reference_sink_m_s(heights, 0.5 * FUNNEL_RADIUS_M, *BRAKING),
        reference_descent_m_s(heights, *BRAKING),
    )


@given(st.floats(0.0, 20_000.0), st.floats(0.0, 20_000.0))
def test_off_the_pad_nothing_sinks_below_the_funnels_wall(height: float, distance: float) -> None:
    sink = reference_sink_m_s(height, distance, *BRAKING)
    wall = funnel_height_m(distance)
    assert 0.0 <= sink <= reference_descent_m_s(height, *BRAKING)
    if height < wall and distance > FUNNEL_RADIUS_M:
        assert sink <= TOUCHDOWN_SPEED_M_S
    if height < wall - 2.0:
        assert sink == 0.0


def test_on_the_field_the_demand_is_weight_and_the_fields_deceleration() -> None:
    height = 100.0
    sink = float(reference_sink_m_s(height, 0.0, *BRAKING))
    ax, ay, up = demand(0.0, 0.0, height, (0.0, 0.0, -sink))
    assert (ax, ay) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert up == pytest.approx(SURFACE_GRAVITY_M_S2 + BRAKING.near_m_s2)


def test_it_leans_against_a_drift_and_brakes_a_fall() -> None:
    ax, _, slow = demand(0.0, 0.0, 50.0, (3.0, 0.0, -2.0))
    _, _, fast = demand(0.0, 0.0, 50.0, (3.0, 0.0, -20.0))
    assert ax < 0.0
    assert fast > SURFACE_GRAVITY_M_S2 > slow > 0.0


def test_it_slows_down_ahead_of_the_pad() -> None:
    sink = float(reference_descent_m_s(50.0, *BRAKING))  # nothing left to coast
    closing = float(reference_closing_m_s(50.0, 20.0, sink, *BRAKING))
    ax, _, _ = demand(20.0, 0.0, 50.0, (-closing, 0.0, -sink))
    assert ax > 0.0


@given(METRES, METRES, st.floats(0.0, 20_000.0), st.tuples(SPEEDS, SPEEDS, SPEEDS))
def test_the_demand_points_up_within_the_tilt_limit(
    x: float, y: float, height: float, velocity: tuple[float, float, float]
) -> None:
    ax, ay, up = demand(x, y, height, velocity)
    assert up > 0.0
    assert math.hypot(ax, ay) <= LARGEST_COASTING_LEAN * up * (1 + 1e-9)


@given(
    altitude=st.floats(500.0, 22_000.0),
    downrange=st.floats(0.0, 0.7),
    descent=st.floats(0.0, 0.9),
    closing=st.floats(-0.3, 1.0),
    drift=st.floats(-20.0, 20.0),
)
def test_a_point_mass_that_follows_the_demand_lands_softly_on_the_pad(
    altitude: float, downrange: float, descent: float, closing: float, drift: float
) -> None:
    """From any height: shaping must reward a direct landing."""
    position = np.array([downrange * altitude, 0.0, altitude])
    fastest = float(reference_descent_m_s(altitude, *BRAKING))
    velocity = np.array([-0.5 * closing * fastest, drift, -0.5 * descent * fastest])
    interval_s, time_s, weight = 0.1, 0.0, np.array([0.0, 0.0, SURFACE_GRAVITY_M_S2])
    while position[2] > 0.0 and time_s < 400.0:
        x, y, height = position
        asked = demand(x, y, height, (velocity[0], velocity[1], velocity[2]))
        push: npt.NDArray[np.float64] = np.array(asked) - weight
        position += (velocity + 0.5 * interval_s * push) * interval_s
        velocity += interval_s * push
        time_s += interval_s
    assert math.hypot(position[0], position[1]) < 2.0
    assert np.linalg.norm(velocity) < 1.0
    assert time_s < 300.0
