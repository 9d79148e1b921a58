"""Physics against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from env.buffers import doubles_at
from env.fleet import FleetSettings, LanderFleet
from env.moon import MU_M3_S2, RADIUS_M, SURFACE_GRAVITY_M_S2
from env.start import StartConditions
from env.vehicle import STANDARD_GRAVITY_M_S2
from env.vehicles import STARSHIP_HLS

N_ACTIONS = STARSHIP_HLS.n_actions
Array = npt.NDArray[np.float32]
HIGH = StartConditions(
    altitude_m=(20_000.0, 20_000.0),
    downrange_m=(0.0, 0.0),
    descent_rate_m_s=(0.0, 0.0),
    horizontal_speed_m_s=(0.0, 0.0),
    tilt_deg=(0.0, 0.0),
    ground_slope_deg=(0.0, 0.0),
    propellant_t=(50.0, 50.0),
    time_limit_s=1000.0,
)


def state(fleet: LanderFleet, craft: int, column: int, count: int) -> npt.NDArray[np.float64]:
    """Basilisk's own memory of a state; columns as in env.buffers."""
    return doubles_at(fleet._buffers.state_address[craft, column], count)


def test_free_fall_under_inverse_square_gravity(engines_off: Array) -> None:
    """Radial fall from rest: v^2 = 2 mu (1/r - 1/r0), for the centre of mass."""
    fleet = LanderFleet(FleetSettings(n_envs=4, start=HIGH))
    fleet.reset()
    r0 = state(fleet, 0, 0, 3)[2]
    for _ in range(1000):
        fleet.step(engines_off)
    r, v = state(fleet, 0, 0, 3)[2], state(fleet, 0, 1, 3)[2]
    assert r0 - r == pytest.approx(0.5 * SURFACE_GRAVITY_M_S2 * 100.0**2, rel=0.03)
    assert v**2 == pytest.approx(2 * MU_M3_S2 * (1 / r - 1 / r0), rel=1e-5)
    fleet.close()


def test_rocket_equation_and_mixture_ratio() -> None:
    """Full landing thrust upwards: delta-v = Isp g0 ln(m0/m1) - integral of gravity."""
    fleet = LanderFleet(FleetSettings(n_envs=4, start=HIGH))
    fleet.reset()
    climb = np.zeros((4, N_ACTIONS), np.float32)
    climb[:, :3] = -1.0
    climb[:, 9:12] = 1.0
    hub = STARSHIP_HLS.hub_mass_kg
    m0 = hub + state(fleet, 0, 4, 1)[0] + state(fleet, 0, 5, 1)[0]
    gravity_loss = 0.0
    for _ in range(300):
        gravity_loss += 0.1 * MU_M3_S2 / state(fleet, 0, 0, 3)[2] ** 2
        fleet.step(climb)
    oxidizer, fuel = state(fleet, 0, 4, 1)[0], state(fleet, 0, 5, 1)[0]
    delta_v = state(fleet, 0, 1, 3)[2] + gravity_loss
    expected = (
        STARSHIP_HLS.landing_isp_s * STANDARD_GRAVITY_M_S2 * math.log(m0 / (hub + oxidizer + fuel))
    )
    assert delta_v == pytest.approx(expected, rel=1e-3)
    assert oxidizer / fuel == pytest.approx(STARSHIP_HLS.oxidizer_to_fuel_ratio, rel=1e-9)
    fleet.close()


def test_a_commanded_engine_starts_after_its_delay_and_shuts_off_truly() -> None:
    fleet = LanderFleet(FleetSettings(n_envs=1, start=HIGH))
    fleet.reset()
    actions = np.full((1, N_ACTIONS), -1.0, np.float32)
    actions[0, 3:9] = 0.0
    actions[0, 12:] = 0.0
    actions[0, 0] = 1.0
    thrust = []
    for step in range(80):
        if step == 40:
            actions[0, 0] = -1.0
        fleet.step(actions)
        thrust.append(float(fleet._buffers.actuator[0, 0]))
    assert thrust[0] == 0.0
    assert thrust[39] == pytest.approx(1.0, abs=1e-3)
    assert thrust[79] < 1e-4
    propellant = state(fleet, 0, 4, 1)[0]
    for _ in range(20):
        fleet.step(actions)
    assert propellant - state(fleet, 0, 4, 1)[0] < 1.0
    fleet.close()


def test_empty_tanks_give_no_thrust() -> None:
    dry = replace(HIGH, propellant_t=(0.5, 0.5))
    fleet = LanderFleet(FleetSettings(n_envs=1, start=dry))
    fleet.reset()
    full = np.zeros((1, N_ACTIONS), np.float32)
    full[0, :3] = -1.0
    full[0, 9:12] = 1.0
    for _ in range(100):
        fleet.step(full)
    assert state(fleet, 0, 4, 1)[0] == pytest.approx(0.0, abs=1e-6)
    before = state(fleet, 0, 1, 3)[2]
    for _ in range(100):
        fleet.step(full)
    fallen = before - state(fleet, 0, 1, 3)[2]
    assert fallen == pytest.approx(10.0 * SURFACE_GRAVITY_M_S2, rel=0.03)
    fleet.close()


def test_static_sag_on_four_legs() -> None:
    """At rest the legs carry the weight: 4 k x = m g."""
    low = replace(HIGH, altitude_m=(0.2, 0.2), propellant_t=(10.0, 10.0))
    fleet = LanderFleet(FleetSettings(n_envs=1, start=low))
    fleet.reset()
    actions = np.full((1, N_ACTIONS), -1.0, np.float32)
    actions[0, 12:] = 0.0
    over = False
    while not over:
        fleet.step_async(actions)
        _, _, dones, infos = fleet.step_wait()
        over = bool(dones[0])
    episode = infos[0]["lander"]
    mass = STARSHIP_HLS.hub_mass_kg + 10_000.0 * episode.fuel_fraction
    sag = mass * MU_M3_S2 / RADIUS_M**2 / (4 * STARSHIP_HLS.leg_stiffness_n_m)
    assert episode.success
    assert -episode.altitude_m == pytest.approx(sag, rel=0.05)
    assert episode.distance_m < 0.01
    fleet.close()


def test_rcs_turns_about_the_commanded_axis_only() -> None:
    """A pure couple about body z: angular momentum gained is torque times time."""
    fleet = LanderFleet(FleetSettings(n_envs=1, start=HIGH))
    fleet.reset()
    actions = np.full((1, N_ACTIONS), -1.0, np.float32)
    actions[0, 3:9] = 0.0
    actions[0, 12:] = (0.0, 0.0, 0.5)
    for _ in range(50):
        fleet.step(actions)
    omega = state(fleet, 0, 3, 3)
    _, _, inertia = STARSHIP_HLS.hub_inertia_kg_m2
    tanks = 0.5 * 50_000.0 * STARSHIP_HLS.tank_radius_m**2
    lag = STARSHIP_HLS.rcs_time_constant_s
    expected = 0.5 * STARSHIP_HLS.rcs_torque_nm[2] * (5.0 - lag) / (inertia + tanks)
    assert omega[2] == pytest.approx(expected, rel=0.02)
    assert abs(omega[0]) + abs(omega[1]) < 1e-9
    fleet.close()
