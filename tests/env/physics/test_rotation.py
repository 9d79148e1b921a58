"""Free rotation against Euler's equations, and what flight without forces conserves."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from env.base.moon import MU_M3_S2, RADIUS_M
from env.physics.vehicle import Vehicle
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS, VEHICLES
from tests.env.unjudged import UnjudgedCraft

Array = npt.NDArray[np.float64]
EVERY = pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))
STEP_S = 0.05


def launch(craft: UnjudgedCraft, altitude_m: float) -> None:
    """Into a circular orbit, level along x, so that it never meets the ground."""
    radius = RADIUS_M + altitude_m
    craft.position[:] = 0.0, 0.0, radius
    craft.velocity[:] = math.sqrt(MU_M3_S2 / radius), 0.0, 0.0


def elliptic(u: float, m: float) -> tuple[float, float, float]:
    """Jacobi's sn, cn, dn by the arithmetic-geometric mean. Abramowitz and Stegun, 16.4."""
    a, b = [1.0], math.sqrt(1.0 - m)
    c = [math.sqrt(m)]
    while c[-1] > 1e-16:
        a.append((a[-1] + b) / 2)
        c.append((a[-2] - b) / 2)
        b = math.sqrt(a[-2] * b)
    angle = 2 ** (len(a) - 1) * a[-1] * u
    for k in range(len(a) - 1, 0, -1):
        angle = (angle + math.asin(c[k] / a[k] * math.sin(angle))) / 2
    sine = math.sin(angle)
    return sine, math.cos(angle), math.sqrt(1.0 - m * sine**2)


def free_rotation(inertia: Array, omega: Array, time_s: float) -> Array:
    """Rates of a free body with I1 < I2 < I3 that has omega2 = 0, omega1, omega3 > 0 at first.

    Landau and Lifshitz, Mechanics, section 37; for momentum above that of the separatrix.
    """
    i1, i2, i3 = inertia
    twice_energy = float(inertia @ omega**2)
    square = float(inertia**2 @ omega**2)
    assert square > twice_energy * i2
    rate = math.sqrt((i3 - i2) * (square - twice_energy * i1) / (i1 * i2 * i3))
    parameter = (i2 - i1) * (twice_energy * i3 - square)
    parameter /= (i3 - i2) * (square - twice_energy * i1)
    sn, cn, dn = elliptic(rate * time_s, parameter)
    return np.array(
        [
            math.sqrt((twice_energy * i3 - square) / (i1 * (i3 - i1))) * cn,
            math.sqrt((twice_energy * i3 - square) / (i2 * (i3 - i2))) * sn,
            math.sqrt((square - twice_energy * i1) / (i3 * (i3 - i1))) * dn,
        ]
    )


def test_the_elliptic_functions_at_their_limits() -> None:
    assert elliptic(0.7, 0.0) == pytest.approx((math.sin(0.7), math.cos(0.7), 1.0))
    quarter_period = 1.8540746773013719  # K(m = 1/2), Abramowitz and Stegun, table 17.1
    assert elliptic(quarter_period, 0.5) == pytest.approx((1.0, 0.0, math.sqrt(0.5)), abs=1e-12)


def test_an_axisymmetric_body_precesses() -> None:
    """(omega_x, omega_y) turns at omega_z (Iz - Ix) / Ix."""
    craft = UnjudgedCraft(STARSHIP_HLS)
    launch(craft, 100_000.0)
    craft.omega[:] = 0.02, 0.0, 0.3
    across, _, along = STARSHIP_HLS.hub_inertia_kg_m2
    rate = 0.3 * (along - across) / across
    for _ in range(10):
        craft.fly(400)
        angle = rate * craft.time_s()
        expected = (0.02 * math.cos(angle), 0.02 * math.sin(angle), 0.3)
        assert craft.omega == pytest.approx(expected, abs=0.02 * 2e-3)
    craft.close()


def test_an_asymmetric_body_follows_jacobis_elliptic_functions() -> None:
    """The Lunar Module's z, y, x are its axes of least, middle and largest inertia."""
    craft = UnjudgedCraft(APOLLO_LM)
    launch(craft, 100_000.0)
    x, y, z = APOLLO_LM.hub_inertia_kg_m2
    inertia = np.array([z, y, x])
    first = np.array([0.12, 0.0, 0.20])
    # (z, -y, x) is right-handed as (1, 2, 3) is
    craft.omega[:] = first[2], 0.0, first[0]
    for _ in range(12):
        craft.fly(200)
        expected = free_rotation(inertia, first, craft.time_s())
        assert [craft.omega[2], -craft.omega[1], craft.omega[0]] == pytest.approx(
            expected, abs=0.2 * 1e-5
        )
    craft.close()


@EVERY
def test_momentum_and_energy_over_a_thousand_seconds(vehicle: Vehicle) -> None:
    """Spinning, part full, in orbit: relative drifts of what gravity and inertia conserve."""
    craft = UnjudgedCraft(vehicle, 0.2 * vehicle.hub_mass_kg)
    launch(craft, 100_000.0)
    craft.omega[:] = 0.05, -0.03, 0.04

    def conserved() -> tuple[Array, ...]:
        position, velocity = craft.centre()
        spin = craft.properties.inertia_centre_kg_m2 * craft.omega
        orbit = np.cross(position, velocity)
        specific = velocity @ velocity / 2 - MU_M3_S2 / np.linalg.norm(position)
        return craft.dcm() @ spin, orbit, np.array([craft.omega @ spin]), np.array([specific])

    before = conserved()
    craft.fly(round(1000.0 / STEP_S))
    after = conserved()
    tolerances = (1e-5, 1e-8, 1e-6, 1e-8)
    for old, new, tolerance in zip(before, after, tolerances, strict=True):
        assert np.linalg.norm(new - old) < tolerance * np.linalg.norm(old)
    craft.close()
