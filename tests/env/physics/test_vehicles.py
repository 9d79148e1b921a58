"""A vehicle is data: its record, its mass properties in Basilisk, and that another one flies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from env.physics.vehicle import (
    STANDARD_GRAVITY_M_S2,
    Vehicle,
    propellant_for_delta_v,
    thin_walled_cylinder_inertia,
    vehicle_record,
)
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS, VEHICLES
from tests.env.unjudged import UnjudgedCraft

EVERY = pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))


def test_the_layouts_of_both_vehicles() -> None:
    starship, apollo = vehicle_record(STARSHIP_HLS)[0], vehicle_record(APOLLO_LM)[0]
    names = ("gimbal_start", "landing_start", "rcs_start", "n_actions")
    assert [starship[name] for name in names] == [3, 9, 12, 15]
    assert [apollo[name] for name in names] == [1, 3, 3, 6]


@EVERY
def test_parts_stand_where_the_stations_say(vehicle: Vehicle) -> None:
    record = vehicle_record(vehicle)[0]
    origin = vehicle.centre_of_mass_station_m
    feet = record["foot_position_m"]
    assert np.allclose(np.hypot(feet[:, 0], feet[:, 1]), vehicle.foot_radius_m)
    assert np.allclose(feet[:, 2], vehicle.foot_station_m - origin)
    assert np.allclose(feet.sum(axis=0)[:2], 0.0)
    assert np.allclose(np.linalg.norm(feet, axis=1), record["foot_reach_m"])
    engines = record["engine_position_m"][: vehicle.n_engines]
    assert np.allclose(engines[:, 2], -origin)
    assert np.allclose(engines.sum(axis=0)[:2], 0.0)
    assert record["lidar_position_m"][2] == vehicle.lidar_mount_m[2] - origin
    # the hull, its clearance spent, is still above the ground that the feet stand on
    assert 0.0 < record["hull_clearance_m"] < -vehicle.foot_station_m


@EVERY
def test_principal_moments_are_those_of_a_body(vehicle: Vehicle) -> None:
    """No moment of inertia exceeds the sum of the two others."""
    x, y, z = vehicle.hub_inertia_kg_m2
    assert min(y + z - x, z + x - y, x + y - z) > 0.0


def test_a_thin_walled_cylinder() -> None:
    """A hoop and a rod are its limits."""
    assert thin_walled_cylinder_inertia(2.0, 3.0, 0.0) == (9.0, 9.0, 18.0)
    assert thin_walled_cylinder_inertia(3.0, 0.0, 2.0) == (1.0, 1.0, 0.0)


@EVERY
def test_propellant_for_delta_v_inverts_the_rocket_equation(vehicle: Vehicle) -> None:
    record = vehicle_record(vehicle)[0]
    exhaust = vehicle.engine_isp_s * STANDARD_GRAVITY_M_S2
    for delta_v in (0.0, 50.0, 400.0, 1900.0):
        mass = vehicle.hub_mass_kg + propellant_for_delta_v(record, delta_v)
        assert exhaust * math.log(mass / vehicle.hub_mass_kg) == pytest.approx(delta_v, rel=1e-12)
    assert propellant_for_delta_v(record, 1e5) == vehicle.propellant_capacity_kg


def test_a_record_has_no_room_for_a_fourth_engine() -> None:
    with pytest.raises(ValueError, match="4 engines"):
        vehicle_record(replace(STARSHIP_HLS, n_engines=4))
    with pytest.raises(ValueError, match="4 groups"):
        vehicle_record(replace(STARSHIP_HLS, n_landing_thrusters=4))


@EVERY
@pytest.mark.parametrize("fill", [0.0, 0.1, 0.5])
def test_centre_of_mass_and_inertia_follow_the_propellant(vehicle: Vehicle, fill: float) -> None:
    """Basilisk's own mass properties against sums by hand over hub and two cylinders of liquid."""
    craft = UnjudgedCraft(vehicle, fill * vehicle.hub_mass_kg)
    craft.fly(2)
    found = craft.mass_message()
    expected = craft.properties
    assert found.massSC == pytest.approx(expected.mass_kg, rel=1e-12)
    assert found.c_B == pytest.approx([0.0, 0.0, expected.centre_z_m], abs=1e-9)
    inertia = np.diag(expected.inertia_origin_kg_m2)
    assert np.array(found.ISC_PntB_B) == pytest.approx(inertia, rel=1e-9)
    craft.close()


@EVERY
def test_the_landing_load_has_the_depth_that_the_tank_model_takes(vehicle: Vehicle) -> None:
    """The cylinder's h^2 / 12 is under a tenth of its R^2 / 4, so an error in h is harmless."""
    assert vehicle.load_depth_m**2 / 12 < 0.1 * vehicle.tank_radius_m**2 / 4


def test_gimbals_turn_no_faster_than_their_rate() -> None:
    craft = UnjudgedCraft(APOLLO_LM)
    craft.command[1:3] = 1.0, -1.0
    craft.fly(40)
    turned = APOLLO_LM.gimbal_rate_rad_s * craft.time_s()
    assert craft.buffers.actuator[0, 1:3] == pytest.approx([turned, -turned], rel=1e-9)
    craft.close()


def test_the_lunar_modules_engine_and_its_couples() -> None:
    """One engine on the axis: no torque; a couple: no force. Both as the figures say."""
    craft = UnjudgedCraft(APOLLO_LM, 1000.0)
    craft.command[:] = 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    craft.fly(60)
    held, spin = float(craft.fuel_kg[0]), craft.omega.copy()
    craft.fly(2)
    interval_s = 2 * craft.interval_s
    flow = (held - craft.fuel_kg[0]) / interval_s * (1 + APOLLO_LM.oxidizer_to_fuel_ratio)
    engine = APOLLO_LM.engine_thrust_n / APOLLO_LM.engine_isp_s
    couple = APOLLO_LM.rcs_torque_nm[0] / APOLLO_LM.rcs_arm_m[0] / APOLLO_LM.rcs_isp_s
    assert flow == pytest.approx((engine + couple) / STANDARD_GRAVITY_M_S2, rel=1e-4)
    found = craft.mass_message()
    inertia = np.array(found.ISC_PntB_B)[0, 0] - found.massSC * found.c_B[2] ** 2
    gained = craft.omega - spin
    expected = interval_s * APOLLO_LM.rcs_torque_nm[0] / inertia
    assert gained[0] == pytest.approx(expected, rel=1e-3)
    assert abs(gained[1]) + abs(gained[2]) < 1e-4 * gained[0]
    craft.close()
