"""A closed-form lower bound of the delta-v of any landing, for any pilot.

Let w = sqrt(v^2 + 2 mu (1/R - 1/r)): the speed with which a free fall from radius r and speed v
would pass the radius R of a craft standing on the pad. Under point-mass gravity and thrust
acceleration a, the energy v^2/2 - mu/r changes at the rate v . a, so w dw/dt = v . a and

    dw/dt = (v . a) / w >= -|a| |v| / w >= -|a|,    because |v| <= w wherever r >= R.

A landing brings w from w0 to its value w1 at the first touch, hence

    delta-v = integral of |a| dt >= w0 - w1.

It is reached only by an impulse at the ground against a vertical fall: with finite thrust, gravity
acts while braking. The rocket equation with the best specific impulse turns it into propellant.
"""

from __future__ import annotations

import math

from env.base.moon import MU_M3_S2
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, Vehicle


def fall_speed_m_s(radius_m: float, speed_m_s: float, standing_radius_m: float) -> float:
    """w above: the speed of a free fall from (radius, speed) at `standing_radius_m`."""
    drop = 1.0 / standing_radius_m - 1.0 / radius_m
    return math.sqrt(max(speed_m_s**2 + 2.0 * MU_M3_S2 * drop, 0.0))


def delta_v_bound_m_s(
    radius_m: float, speed_m_s: float, standing_radius_m: float, touchdown_speed_m_s: float = 0.0
) -> float:
    """The least delta-v from (radius, speed) to a touchdown at this speed."""
    fall = fall_speed_m_s(radius_m, speed_m_s, standing_radius_m)
    return max(fall - touchdown_speed_m_s, 0.0)


def best_isp_s(vehicle: Vehicle) -> float:
    """The highest specific impulse on board."""
    return max(vehicle.engine_isp_s, vehicle.landing_isp_s, vehicle.rcs_isp_s)


def propellant_kg(vehicle: Vehicle, start_mass_kg: float, delta_v_m_s: float) -> float:
    """Propellant (kg) for the delta-v at the best specific impulse: m0 (1 - exp(-delta-v / (Isp
    g0))).
    """
    exhaust_m_s = best_isp_s(vehicle) * STANDARD_GRAVITY_M_S2
    return -start_mass_kg * math.expm1(-delta_v_m_s / exhaust_m_s)


def delta_v_m_s(vehicle: Vehicle, start_mass_kg: float, used_kg: float) -> float:
    """The delta-v that `used_kg` would have given at the best specific impulse."""
    exhaust_m_s = best_isp_s(vehicle) * STANDARD_GRAVITY_M_S2
    return -exhaust_m_s * math.log1p(-used_kg / start_mass_kg)
