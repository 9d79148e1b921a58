"""Flight and propulsion against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from env.base.moon import MU_M3_S2, RADIUS_M, SURFACE_GRAVITY_M_S2
from env.physics.vehicle import (
    STANDARD_GRAVITY_M_S2,
    Vehicle,
    propellant_for_delta_v,
    vehicle_record,
)
from env.physics.vehicles import STARSHIP_HLS, VEHICLES
from tests.env.unjudged import UnjudgedCraft

EVERY = pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))


def lift(craft: UnjudgedCraft, altitude_m: float) -> None:
    """Upright and at rest above the pad."""
    craft.stand_on_slope(0.0, altitude_m)


@EVERY
def test_free_fall_under_inverse_square_gravity(vehicle: Vehicle) -> None:
    """Speed and time of a radial fall from rest, for the centre of mass (a radial orbit)."""
    craft = UnjudgedCraft(vehicle, 0.2 * vehicle.hub_mass_kg)
    lift(craft, 20_000.0)
    r0 = craft.centre()[0][2]
    craft.fly(2000)
    position, velocity = craft.centre()
    x = position[2] / r0
    speed = math.sqrt(2 * MU_M3_S2 * (1 / position[2] - 1 / r0))
    time = math.sqrt(r0**3 / (2 * MU_M3_S2)) * (math.acos(math.sqrt(x)) + math.sqrt(x * (1 - x)))
    assert velocity == pytest.approx([0.0, 0.0, -speed], rel=1e-7, abs=1e-9)
    assert time == pytest.approx(craft.time_s(), rel=1e-7)
    craft.close()


@EVERY
def test_the_main_engines_give_the_delta_v_that_their_propellant_is_for(vehicle: Vehicle) -> None:
    """Tsiolkovsky within 0.1%, gravity's share taken off; the mixture stays exact to the end."""
    delta_v = 400.0
    craft = UnjudgedCraft(vehicle, propellant_for_delta_v(vehicle_record(vehicle)[0], delta_v))
    lift(craft, 20_000.0)
    craft.command[: vehicle.n_engines] = 1.0
    craft.command[vehicle.n_engines : 3 * vehicle.n_engines] = 0.0
    gravity_m_s = 0.0
    while craft.oxidizer_kg[0] > 1e-3:
        before = MU_M3_S2 / craft.position[2] ** 2
        ratio = craft.oxidizer_kg[0] / craft.fuel_kg[0]
        assert ratio == pytest.approx(vehicle.oxidizer_to_fuel_ratio, rel=1e-6)
        craft.fly(1)
        gravity_m_s += craft.interval_s * (before + MU_M3_S2 / craft.position[2] ** 2) / 2
        assert craft.time_s() < 200.0
    assert craft.velocity[2] + gravity_m_s == pytest.approx(delta_v, rel=1e-3)
    assert craft.fuel_kg[0] < 1e-3
    assert np.abs(craft.velocity[:2]).max() < 1e-6
    craft.close()


def test_the_landing_thrusters_obey_the_rocket_equation() -> None:
    """The same for their own specific impulse, half way through the load."""
    craft = UnjudgedCraft(STARSHIP_HLS, 20_000.0)
    lift(craft, 20_000.0)
    craft.command[3:9] = 0.0
    craft.command[9:12] = 1.0
    gravity_m_s = 0.0
    for _ in range(1000):
        before = MU_M3_S2 / craft.position[2] ** 2
        craft.fly(1)
        gravity_m_s += craft.interval_s * (before + MU_M3_S2 / craft.position[2] ** 2) / 2
    left = STARSHIP_HLS.hub_mass_kg + craft.oxidizer_kg[0] + craft.fuel_kg[0]
    exhaust_m_s = STARSHIP_HLS.landing_isp_s * STANDARD_GRAVITY_M_S2
    expected = exhaust_m_s * math.log(craft.properties.mass_kg / left)
    assert craft.velocity[2] + gravity_m_s == pytest.approx(expected, rel=1e-3)
    craft.close()


def test_a_commanded_engine_starts_after_its_delay_and_shuts_off_truly() -> None:
    craft = UnjudgedCraft(STARSHIP_HLS, 50_000.0)
    lift(craft, 20_000.0)
    craft.command[3:9] = 0.0
    craft.command[0] = 1.0
    engine = craft.buffers.actuator[0]
    craft.fly(round(STARSHIP_HLS.engine_start_delay_s / craft.interval_s) - 1)
    assert engine[0] == 0.0
    craft.fly(1)
    assert engine[0] > 0.0
    craft.fly(100)
    assert engine[0] == pytest.approx(1.0, abs=1e-3)
    craft.command[0] = 0.0  # above the stop threshold: it runs on at its floor
    craft.fly(100)
    assert engine[0] == pytest.approx(STARSHIP_HLS.engine_minimum_throttle, abs=1e-3)
    craft.command[0] = -0.5
    craft.fly(round(STARSHIP_HLS.engine_start_delay_s / craft.interval_s) - 1)
    assert engine[0] == pytest.approx(STARSHIP_HLS.engine_minimum_throttle, abs=1e-3)
    craft.fly(100)
    assert engine[0] < 1e-4
    held = craft.oxidizer_kg[0]
    craft.fly(40)
    assert held - craft.oxidizer_kg[0] < 1.0
    craft.close()


def test_noise_around_a_command_for_no_engine_starts_none() -> None:
    """The start command must be held: noise around it does not start an engine."""
    craft = UnjudgedCraft(STARSHIP_HLS, 10_000.0)
    lift(craft, 1000.0)
    generator = np.random.default_rng(0)
    for _ in range(500):
        craft.command[:3] = np.clip(generator.normal(-0.1, 0.4, 3), -1.0, 1.0)
        craft.fly(2)
        assert np.all(craft.buffers.actuator[0, :3] == 0.0)
    craft.close()


@pytest.mark.parametrize("mean", [0.2, 0.4, 0.7])
def test_noise_around_a_running_engines_command_gives_the_means_thrust(mean: float) -> None:
    """With noise of an exploring policy's size, thrust equals that of its mean action."""
    craft = UnjudgedCraft(STARSHIP_HLS, 50_000.0)
    engine = craft.buffers.actuator[0]
    generator = np.random.default_rng(0)

    def mean_thrust(sigma: float) -> float:
        lift(craft, 20_000.0)
        craft.command[:3] = -1.0
        craft.fly(200)
        craft.command[0] = 1.0
        craft.fly(40)
        given = []
        for _ in range(300):
            craft.command[0] = np.clip(mean + sigma * generator.normal(), -1.0, 1.0)
            craft.fly(2)
            given.append(engine[0])
        return float(np.mean(given[20:]))

    assert mean_thrust(0.37) == pytest.approx(mean_thrust(0.0), abs=0.1)
    craft.close()


def test_empty_tanks_give_no_thrust() -> None:
    craft = UnjudgedCraft(STARSHIP_HLS, 500.0)
    lift(craft, 20_000.0)
    craft.command[3:9] = 0.0
    craft.command[9:12] = 1.0
    craft.fly(200)
    assert craft.oxidizer_kg[0] == pytest.approx(0.0, abs=1e-6)
    before = craft.velocity[2]
    craft.fly(200)
    gravity = SURFACE_GRAVITY_M_S2 * (RADIUS_M / craft.position[2]) ** 2
    assert before - craft.velocity[2] == pytest.approx(10.0 * gravity, rel=1e-3)
    craft.close()


def test_rcs_turns_about_the_commanded_axis_only() -> None:
    """A pure couple about body z: angular momentum gained is torque times time."""
    craft = UnjudgedCraft(STARSHIP_HLS, 50_000.0)
    lift(craft, 20_000.0)
    craft.command[14] = 0.5
    craft.fly(100)
    lag = STARSHIP_HLS.rcs_time_constant_s
    inertia = craft.properties.inertia_centre_kg_m2[2]
    expected = 0.5 * STARSHIP_HLS.rcs_torque_nm[2] * (5.0 - lag) / inertia
    assert craft.omega[2] == pytest.approx(expected, rel=0.01)
    assert abs(craft.omega[0]) + abs(craft.omega[1]) < 1e-9
    craft.close()
