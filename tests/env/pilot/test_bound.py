"""The bound's closed forms."""

from __future__ import annotations

import math

import pytest

from env.base.moon import MU_M3_S2, RADIUS_M, SURFACE_GRAVITY_M_S2
from env.physics.vehicle import STANDARD_GRAVITY_M_S2
from env.physics.vehicles import STARSHIP_HLS
from env.pilot.bound import (
    best_isp_s,
    delta_v_bound_m_s,
    delta_v_m_s,
    fall_speed_m_s,
    propellant_kg,
)


def test_a_fall_from_far_away_arrives_at_escape_speed() -> None:
    escape = math.sqrt(2.0 * MU_M3_S2 / RADIUS_M)
    assert fall_speed_m_s(1e15, 0.0, RADIUS_M) == pytest.approx(escape, rel=1e-6)


def test_near_the_ground_it_is_the_school_formula() -> None:
    fall = fall_speed_m_s(RADIUS_M + 50.0, 3.0, RADIUS_M)
    assert fall == pytest.approx(math.sqrt(9.0 + 2.0 * SURFACE_GRAVITY_M_S2 * 50.0), rel=1e-4)


def test_a_coast_changes_nothing() -> None:
    """Free fall keeps the energy, so the bound is the same from anywhere along it."""
    high, low = RADIUS_M + 20_000.0, RADIUS_M + 3_000.0
    faster = math.sqrt(150.0**2 + 2.0 * MU_M3_S2 * (1.0 / low - 1.0 / high))
    assert delta_v_bound_m_s(high, 150.0, RADIUS_M) == pytest.approx(
        delta_v_bound_m_s(low, faster, RADIUS_M), rel=1e-12
    )


def test_constant_thrust_against_a_vertical_fall_takes_more_and_approaches_it() -> None:
    """Braking with thrust A from speed v at h = v^2 / 2 (A - g) takes A v / (A - g)."""
    excess = []
    for thrust in (2.0, 8.0, 30.0, 1000.0):
        net = thrust - SURFACE_GRAVITY_M_S2
        height = 100.0**2 / (2.0 * net)
        taken = thrust * 100.0 / net
        bound = delta_v_bound_m_s(RADIUS_M + height, 100.0, RADIUS_M)
        excess.append(taken / bound - 1.0)
    assert all(value > 0.0 for value in excess)
    assert excess == sorted(excess, reverse=True)
    assert excess[-1] < 1e-3


def test_propellant_and_delta_v_are_inverse_by_the_rocket_equation() -> None:
    used = propellant_kg(STARSHIP_HLS, 150_000.0, 400.0)
    assert delta_v_m_s(STARSHIP_HLS, 150_000.0, used) == pytest.approx(400.0, rel=1e-12)
    exhaust = best_isp_s(STARSHIP_HLS) * STANDARD_GRAVITY_M_S2
    assert exhaust * math.log(150_000.0 / (150_000.0 - used)) == pytest.approx(400.0, rel=1e-12)
