"""Legs, friction and regolith against closed forms, in the real simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from env.base.moon import MU_M3_S2, RADIUS_M
from env.physics.regolith import bearing_stiffness_n_m, sinkage_m
from env.physics.vehicle import N_FEET, Vehicle, vehicle_record
from env.physics.vehicles import APOLLO_LM, VEHICLES
from tests.env.unjudged import UnjudgedCraft, mass_properties

EVERY = pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))
HARD_GROUND = 1e6  # factor of the stiffness of regolith under the vehicle's pads
STEP_S = 0.05


def gravity(craft: UnjudgedCraft) -> float:
    """At the craft's centre of mass."""
    position, _ = craft.centre()
    return float(MU_M3_S2 / (position @ position))


def without_dissipation(vehicle: Vehicle) -> Vehicle:
    """Springs alone on frictionless ground."""
    return replace(vehicle, leg_damping_n_s_m=0.0, leg_lateral_damping_n_s_m=0.0, foot_friction=0.0)


def harden_ground(craft: UnjudgedCraft) -> None:
    """Let no foot sink."""
    craft.buffers.vehicle[0]["bearing_stiffness_n_m"] *= HARD_GROUND


@EVERY
def test_static_sag_is_that_of_legs_and_regolith_in_series(vehicle: Vehicle) -> None:
    """Set down at m g / 4 (1/k + 1/K), the craft stays there."""
    craft = UnjudgedCraft(vehicle, 0.1 * vehicle.hub_mass_kg)
    leg = vehicle.leg_stiffness_n_m
    ground = bearing_stiffness_n_m(vehicle.foot_pad_radius_m)
    craft.stand_on_slope(0.0)
    load = craft.properties.mass_kg * gravity(craft) / N_FEET
    # the outer feet stand lower on the sphere by r^2 / 2 R
    fall = vehicle.foot_radius_m**2 / (2 * RADIUS_M)
    craft.stand_on_slope(0.0, -load / leg - load / ground - fall)
    height = craft.position[2]
    craft.fly(400)
    assert craft.position[2] == pytest.approx(height, abs=1e-6)
    assert craft.legs()[0] == pytest.approx(load / leg, rel=1e-4)
    assert craft.buffers.foot[0]["sunk_m"] == pytest.approx(load / ground, rel=1e-3)
    craft.close()


@EVERY
def test_after_a_drop_the_legs_carry_the_weight_and_the_sinkage_stays(vehicle: Vehicle) -> None:
    """Deeper sinkage than at rest, due to the peak load; the same leg compression."""
    craft = UnjudgedCraft(vehicle)
    craft.stand_on_slope(0.0, 3.0)
    craft.fly(800)
    load = craft.properties.mass_kg * gravity(craft) / N_FEET
    assert craft.legs()[0] == pytest.approx(load / vehicle.leg_stiffness_n_m, rel=1e-3)
    at_rest = load / bearing_stiffness_n_m(vehicle.foot_pad_radius_m)
    assert np.all(craft.buffers.foot[0]["sunk_m"] > 1.2 * at_rest)
    assert np.linalg.norm(craft.velocity) < 1e-6
    craft.close()


def test_bekker_for_a_pad_of_one_square_metre() -> None:
    radius = 1 / math.sqrt(math.pi)
    assert bearing_stiffness_n_m(radius) == pytest.approx(1400 / radius + 820e3, rel=1e-12)


def test_ground_and_leg_carry_the_same_load_until_the_load_falls() -> None:
    leg, ground = 3.0, 12.0
    sunk = sinkage_m(1.0, 0.0, leg, ground)
    assert leg * (1.0 - sunk) == pytest.approx(ground * sunk)
    assert sinkage_m(0.5, sunk, leg, ground) == sunk


@pytest.mark.parametrize("turned_rad", [0.0, 0.7])
def test_a_craft_rests_on_a_slope_below_the_friction_angle_without_creeping(
    turned_rad: float,
) -> None:
    friction = 0.25
    craft = UnjudgedCraft(replace(APOLLO_LM, foot_friction=friction), 500.0)
    craft.stand_on_slope(math.atan(friction) - math.radians(0.5), -0.05, turned_rad)
    craft.fly(1200)
    rest = craft.position.copy()
    craft.fly(2400)
    assert np.linalg.norm(craft.position - rest) < 1e-7
    craft.close()


def test_a_craft_slides_on_a_slope_above_the_friction_angle() -> None:
    """With g (sin a - mu cos a)."""
    friction, angle = 0.25, math.radians(20.0)
    craft = UnjudgedCraft(replace(APOLLO_LM, foot_friction=friction))
    craft.stand_on_slope(angle, -0.1)
    craft.fly(60)
    start = craft.centre()[1].copy()
    craft.fly(40)
    gained = float(np.linalg.norm(craft.centre()[1]) - np.linalg.norm(start)) / (40 * STEP_S)
    expected = gravity(craft) * (math.sin(angle) - friction * math.cos(angle))
    assert gained == pytest.approx(expected, rel=0.03)
    craft.close()


@EVERY
def test_a_sliding_craft_is_braked_by_the_limit_and_then_sticks(vehicle: Vehicle) -> None:
    """On level ground: mu g while it slides, and rest after it."""
    friction = 0.1
    craft = UnjudgedCraft(replace(vehicle, foot_friction=friction))
    craft.stand_on_slope(0.0, -0.1)
    craft.fly(600)
    craft.velocity[0] = 2.0
    craft.fly(40)
    first = craft.centre()[1][0]
    craft.fly(80)
    braking = (first - craft.centre()[1][0]) / (80 * STEP_S)
    assert braking == pytest.approx(friction * gravity(craft), rel=0.02)
    craft.fly(4000)
    rest = craft.position.copy()
    craft.fly(1200)
    assert np.linalg.norm(craft.position - rest) < 1e-7
    craft.close()


@pytest.mark.parametrize("propellant", [0.0, 0.3])
@EVERY
def test_a_craft_topples_at_the_geometric_angle(vehicle: Vehicle, propellant: float) -> None:
    """The ground is raised slowly: the upper feet are unloaded as the plumb line of the centre of
    mass reaches the lower edge of the square of the feet, and then the craft goes over.

    Legs are stiff and the step short, so that springs lean by less than 0.2 degrees.
    """
    stiff = replace(
        vehicle,
        leg_stiffness_n_m=10 * vehicle.leg_stiffness_n_m,
        leg_damping_n_s_m=3 * vehicle.leg_damping_n_s_m,
        leg_lateral_stiffness_n_m=10 * vehicle.leg_lateral_stiffness_n_m,
        leg_lateral_damping_n_s_m=3 * vehicle.leg_lateral_damping_n_s_m,
        foot_friction=3.0,
    )
    load = propellant * vehicle.hub_mass_kg
    centre = mass_properties(vehicle, load).centre_z_m
    height = vehicle.centre_of_mass_station_m - vehicle.foot_station_m + centre
    limit = math.atan(vehicle.foot_radius_m * math.sqrt(0.5) / height)
    angle = limit - math.radians(4.0)
    craft = UnjudgedCraft(stiff, load, interval_s=0.005)
    harden_ground(craft)
    craft.stand_on_slope(angle)
    craft.fly(12_000)
    upper = craft.buffers.vehicle[0]["foot_position_m"][:, 0] > 0.0
    while craft.legs()[0][upper].max() > 0.0:
        assert angle < limit + math.radians(1.0)
        angle += math.radians(0.001)
        craft.slope_ground(angle)
        craft.fly(4)
    assert angle == pytest.approx(limit, abs=math.radians(0.25))
    craft.slope_ground(angle + math.radians(0.5))
    craft.fly(12_000)
    assert craft.tilt_rad() > limit + math.radians(10.0)
    craft.close()


@pytest.mark.parametrize("seed", range(12))
@EVERY
def test_contact_never_gives_energy(vehicle: Vehicle, seed: int) -> None:
    """Dropped at any attitude that has feet below it, at any speed that legs may meet.

    In free flight the energy is never more than in the flight before a contact. Within contact it
    may exceed the least before by what springs hold that a foot meets in mid-step, and by what
    3 mm of height are worth, as a vibration's energy is held to second order in the step. Flights
    end where the hull, which has no contact, would lie on the ground.
    """
    generator = np.random.default_rng(seed)
    craft = UnjudgedCraft(vehicle, generator.uniform(0.0, 0.4) * vehicle.hub_mass_kg)
    craft.stand_on_slope(generator.uniform(0.0, 0.4), 0.0, generator.uniform(0.0, 1.5))
    craft.position[2] += generator.uniform(0.5, 3.0) + 0.2 * vehicle.foot_radius_m
    craft.sigma += generator.uniform(-0.06, 0.06, 3)
    craft.velocity[:] = generator.uniform(-3.0, 3.0, 3)
    craft.omega[:] = generator.uniform(-0.15, 0.15, 3)
    least = in_flight = first = craft.energy_j()
    weight = craft.properties.mass_kg * gravity(craft)
    for _ in range(600):
        speed = np.linalg.norm(craft.velocity) + np.linalg.norm(craft.omega) * float(
            craft.buffers.vehicle[0]["foot_reach_m"]
        )
        craft.fly(1)
        energy = craft.energy_j()
        met = N_FEET * vehicle.leg_stiffness_n_m * (speed * STEP_S / 2) ** 2 / 2
        assert energy < least + met + 0.003 * weight
        least = min(least, energy)
        if craft.buffers.episode[0]["feet_down"] == 0 and craft.legs()[0].max() == 0.0:
            assert energy < in_flight + 1e-5 * weight
            in_flight = energy
        if craft.tilt_rad() > math.radians(60.0):
            break
    assert craft.buffers.episode[0]["touched"] == 1
    assert least < first - 0.1 * weight
    craft.close()


@pytest.mark.parametrize("seed", range(4))
def test_springs_alone_conserve_energy(seed: int) -> None:
    """Without damper, friction and sinkage, energy is conserved through bounces on a slope."""
    generator = np.random.default_rng(seed)
    craft = UnjudgedCraft(without_dissipation(APOLLO_LM), interval_s=0.01)
    harden_ground(craft)
    craft.stand_on_slope(0.15, 0.5, generator.uniform(0.0, 1.5))
    craft.omega[:] = generator.uniform(-0.02, 0.02, 3)
    craft.velocity[:] = generator.uniform(-0.5, 0.5, 3)
    first = craft.energy_j()
    scale = craft.properties.mass_kg * gravity(craft) * 0.5
    worst = 0.0
    for _ in range(500):
        craft.fly(1)
        worst = max(worst, abs(craft.energy_j() - first))
    assert craft.buffers.episode[0]["touched"] == 1
    assert worst < 0.02 * scale
    craft.close()


@EVERY
def test_skipping_contact_far_from_the_ground_changes_no_bit(vehicle: Vehicle) -> None:
    """With an unlimited slope bound, contact is computed at every height."""
    flights = []
    for steepest in (0.3, 1e12):
        craft = UnjudgedCraft(vehicle, 1000.0)
        craft.stand_on_slope(0.2, 60.0)
        craft.buffers.site[0]["steepest"] = steepest
        craft.velocity[:] = 1.0, -2.0, -10.0
        craft.omega[:] = 0.02, -0.03, 0.05
        rows = []
        for _ in range(300):
            craft.fly(1)
            rows.append(np.concatenate([craft.position, craft.velocity, craft.sigma, craft.omega]))
        assert craft.buffers.episode[0]["touched"] == 1
        flights.append(np.array(rows))
        craft.close()
    assert np.array_equal(flights[0], flights[1])


@pytest.mark.parametrize("feet", [1, 2, 3, 4])
@pytest.mark.parametrize("fill", [0.0, 0.3])
@EVERY
def test_the_step_is_stable_on_any_number_of_feet(vehicle: Vehicle, fill: float, feet: int) -> None:
    """Eigenvalues of the linear map from step to step, and the margins that `contact` states."""
    properties = mass_properties(vehicle, fill * vehicle.hub_mass_kg)
    stiffness, damping = np.zeros((6, 6)), np.zeros((6, 6))
    side, side_damping = vehicle.leg_lateral_stiffness_n_m, vehicle.leg_lateral_damping_n_s_m
    for x, y, z in vehicle_record(vehicle)[0]["foot_position_m"][:feet]:
        down = z - properties.centre_z_m
        lever = np.array([[0, down, -y], [-down, 0, x], [y, -x, 0]])
        motion = np.hstack([np.eye(3), lever])
        stiffness += motion.T @ np.diag([side, side, vehicle.leg_stiffness_n_m]) @ motion
        damping += motion.T @ np.diag([side_damping] * 2 + [vehicle.leg_damping_n_s_m]) @ motion
    mass = np.array([*[properties.mass_kg] * 3, *properties.inertia_centre_kg_m2])[:, None]
    spring, damper, one = stiffness / mass, damping / mass, np.eye(6)
    by_velocity = -spring * STEP_S / 2 - damper
    step = np.block(
        [
            [one - STEP_S**2 / 2 * spring, STEP_S * one + STEP_S**2 / 2 * by_velocity],
            [-STEP_S * spring, one + STEP_S * by_velocity],
        ]
    )
    assert math.sqrt(np.linalg.eigvals(spring).real.max()) * STEP_S < 0.6
    assert np.linalg.eigvals(damper).real.max() * STEP_S < 1.1
    assert np.abs(np.linalg.eigvals(step)).max() < 1.0 + 1e-7
