"""What the allocation commands is what env.physics.actuators.thrust then gives."""

from __future__ import annotations

import numpy as np
import pytest

from env.physics.actuators import thrust
from env.physics.vehicle import vehicle_record
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.pilot.allocation import Allocator
from env.pilot.mass import mass_properties
from env.pilot.sensed import Sensed

N_ENGINES, N_LANDING = 3, 3
PROPELLANT_KG = 20_000.0
BODY = mass_properties(STARSHIP_HLS, np.array([PROPELLANT_KG]))
ALLOCATOR = Allocator(STARSHIP_HLS)


def sensed(throttle: float) -> Sensed:
    """A craft whose engine 0 runs at `throttle` of full thrust, all else at rest."""
    vector = np.zeros((1, 3))
    engines = np.zeros((1, N_ENGINES))
    engines[0, 0] = throttle
    return Sensed(
        height_m=np.array([100.0]),
        up=np.array([[0.0, 0.0, 1.0]]),
        pad_m=vector,
        velocity_m_s=vector,
        rate_rad_s=vector,
        propellant_kg=np.array([PROPELLANT_KG]),
        throttle=engines,
        gimbal=np.zeros((1, 2 * N_ENGINES)),
        landing=np.zeros((1, N_LANDING)),
    )


def given(
    force_n: float, torque_nm: tuple[float, float, float], throttle: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Force and torque about the centre of mass once the actuators follow the commands."""
    command = ALLOCATOR.allocate(
        np.array([force_n]),
        np.array([torque_nm]),
        np.array([throttle > 0.0]),
        sensed(throttle),
        BODY,
    )[0]
    actuator = command.astype(np.float64)
    actuator[0] = throttle
    actuator[1:3] = 0.0
    actuator[3:9] *= STARSHIP_HLS.engine_gimbal_rad
    actuator[9:12] = 0.5 * (actuator[9:12] + 1.0)
    force, torque = np.zeros(3), np.zeros(3)
    thrust(vehicle_record(STARSHIP_HLS)[0], actuator, PROPELLANT_KG, 0.05, force, torque)
    return force, torque - np.cross([0.0, 0.0, BODY.centre_m[0]], force)


@pytest.mark.parametrize(
    "torque_nm",
    [(0.0, 0.0, 0.0), (4e5, 0.0, 0.0), (0.0, -4e5, 5e4), (-6e5, 5e5, -1e5), (0.0, 8e5, 0.0)],
)
def test_landing_thrusters_and_rcs_give_force_and_torque(
    torque_nm: tuple[float, float, float],
) -> None:
    force, torque = given(200_000.0, torque_nm)
    assert force == pytest.approx([0.0, 0.0, 200_000.0], abs=1.0)
    assert torque == pytest.approx(torque_nm, abs=10.0)


@pytest.mark.parametrize("torque_nm", [(0.0, 0.0, 0.0), (5e5, 0.0, 0.0), (3e5, 4e5, 1e5)])
def test_an_engine_off_the_axis_is_trimmed_by_its_gimbal(
    torque_nm: tuple[float, float, float],
) -> None:
    force, torque = given(1.25e6, torque_nm, throttle=0.5)
    assert np.linalg.norm(force) == pytest.approx(1.25e6, rel=1e-3)
    assert torque[:2] == pytest.approx(torque_nm[:2], abs=0.02 * 1.25e6)
    direction = ALLOCATOR.trimmed_direction(BODY)[0]
    if torque_nm == (0.0, 0.0, 0.0):
        assert force / np.linalg.norm(force) == pytest.approx(direction, abs=1e-3)


def test_too_much_torque_never_costs_the_force() -> None:
    force, torque = given(200_000.0, (5e6, 0.0, 0.0))
    assert force[2] == pytest.approx(200_000.0, abs=1.0)
    assert 5e5 < torque[0] < 2e6


def test_a_gimbal_too_slow_to_turn_the_craft_is_trimmed_and_couples_give_the_torque() -> None:
    """Also the torque that cancels what a gimbal caught away from its trim still gives."""
    propellant_kg, throttle, angle = 1_000.0, 0.5, 0.02
    body = mass_properties(APOLLO_LM, np.array([propellant_kg]))
    force_n = throttle * APOLLO_LM.engine_thrust_n
    state = sensed(throttle)._replace(
        throttle=np.array([[throttle]]),
        gimbal=np.array([[angle / APOLLO_LM.engine_gimbal_rad, 0.0]]),
        landing=np.zeros((1, 0)),
    )
    torque_nm = np.array([[900.0, -500.0, 300.0]])
    command = Allocator(APOLLO_LM).allocate(
        np.array([force_n]), torque_nm, np.array([True]), state, body
    )[0]
    assert command[1:3] == pytest.approx([0.0, 0.0], abs=1e-6)
    actuator = np.array([throttle, angle, 0.0, *command[3:]], dtype=np.float64)
    force, torque = np.zeros(3), np.zeros(3)
    thrust(vehicle_record(APOLLO_LM)[0], actuator, propellant_kg, 0.05, force, torque)
    torque -= np.cross([0.0, 0.0, body.centre_m[0]], force)
    assert torque == pytest.approx(torque_nm[0], abs=1.0)


def test_commands_stay_in_range() -> None:
    generator = np.random.default_rng(1)
    for _ in range(100):
        throttle = float(generator.choice([0.0, generator.uniform(0.4, 1.0)]))
        command = ALLOCATOR.allocate(
            generator.uniform(0.0, 4e6, 1),
            generator.normal(0.0, 2e6, (1, 3)),
            np.array([throttle > 0.0]),
            sensed(throttle),
            BODY,
        )
        assert command.shape == (1, 15)
        assert np.all(np.abs(command) <= 1.0)


def test_mass_properties_follow_the_parallel_axis_theorem() -> None:
    """Hub and two cylinders of liquid, reckoned part by part about the common centre."""
    craft = STARSHIP_HLS
    ratio = craft.oxidizer_to_fuel_ratio
    oxidizer = PROPELLANT_KG * ratio / (1.0 + ratio)
    fuel = PROPELLANT_KG - oxidizer
    across = craft.tank_radius_m**2 / 4 + craft.load_depth_m**2 / 12
    origin = craft.centre_of_mass_station_m
    parts = [  # mass, place, inertia about itself
        (craft.hub_mass_kg, 0.0, craft.hub_inertia_kg_m2[0]),
        (oxidizer, craft.oxidizer_station_m - origin, oxidizer * across),
        (fuel, craft.fuel_station_m - origin, fuel * across),
    ]
    mass = sum(part[0] for part in parts)
    centre = sum(part[0] * part[1] for part in parts) / mass
    inertia = sum(own + kg * (z - centre) ** 2 for kg, z, own in parts)
    assert BODY.centre_m[0] == pytest.approx(centre, rel=1e-12)
    assert BODY.transverse_inertia_kg_m2[0] == pytest.approx(inertia, rel=1e-12)
