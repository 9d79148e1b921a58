"""A craft in the real simulation without evaluation of its episode, and analytic values for it.

Its control interval never ends: it is stepped by its dynamics interval, its states are set and read
in Basilisk's own memory, and its engines are off until commanded.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from env.base.moon import MU_M3_S2, RADIUS_M
from env.fleet import FleetSettings, LanderFleet
from env.physics.attitude import body_to_inertial, tilt_sigma
from env.physics.vehicle import N_FEET, Vehicle
from env.state.buffers import Buffers, doubles_at
from env.task.start import TOUCHDOWN
from env.terrain.ground import ground_height_and_slope

Array = npt.NDArray[np.float64]

NEVER_S = 1e6


class MassProperties(NamedTuple):
    """Of a craft with propellant."""

    mass_kg: float
    centre_z_m: float  # of mass, body axes
    inertia_origin_kg_m2: Array  # (3,), principal, about the body's origin
    inertia_centre_kg_m2: Array  # (3,), about the centre of mass


def mass_properties(vehicle: Vehicle, propellant_kg: float) -> MassProperties:
    """Hub and two cylinders of liquid, summed by hand."""
    share = vehicle.oxidizer_to_fuel_ratio / (1 + vehicle.oxidizer_to_fuel_ratio)
    loads = np.array([share, 1 - share]) * propellant_kg
    stations = np.array([vehicle.oxidizer_station_m, vehicle.fuel_station_m])
    heights = stations - vehicle.centre_of_mass_station_m
    mass = vehicle.hub_mass_kg + propellant_kg
    centre = float(loads @ heights) / mass
    radius, depth = vehicle.tank_radius_m, vehicle.load_depth_m
    across = float(loads @ (radius**2 / 4 + depth**2 / 12 + heights**2))
    about = np.array(vehicle.hub_inertia_kg_m2)
    about += [across, across, propellant_kg * radius**2 / 2]
    return MassProperties(mass, centre, about, about - mass * centre**2 * np.array([1, 1, 0]))


class UnjudgedCraft:
    """One craft whose episode never ends."""

    def __init__(
        self, vehicle: Vehicle, propellant_kg: float = 0.0, interval_s: float = 0.05
    ) -> None:
        self.vehicle = vehicle
        self.properties = mass_properties(vehicle, propellant_kg)
        self._fleet = LanderFleet(
            FleetSettings(
                vehicle=vehicle,
                start=replace(TOUCHDOWN, ground_slope_deg=(0.0, 0.0)),
                control_interval_s=NEVER_S,
                dynamics_interval_s=interval_s,
            )
        )
        self._fleet.reset()
        self.interval_s = interval_s
        self._time_ns = 0
        self.position, self.velocity, self.sigma, self.omega = (
            self._state(column, 3) for column in range(4)
        )
        share = vehicle.oxidizer_to_fuel_ratio / (1 + vehicle.oxidizer_to_fuel_ratio)
        self.oxidizer_kg, self.fuel_kg = self._state(4, 1), self._state(5, 1)
        self.oxidizer_kg[0] = share * propellant_kg
        self.fuel_kg[0] = (1 - share) * propellant_kg
        self.command = self.buffers.action[0]  # by env.physics.vehicle's layout
        self.command[:] = -1.0
        self.command[vehicle.n_actions - 3 :] = 0.0

    @property
    def buffers(self) -> Buffers:
        """The buffers shared with the simulation."""
        return self._fleet._buffers

    def _state(self, column: int, count: int) -> Array:
        return doubles_at(self.buffers.state_address[0, column], count)

    def fly(self, steps: int) -> None:
        """Propagate by this number of dynamics intervals."""
        self._time_ns += steps * round(self.interval_s * 1e9)
        self._fleet._open()._simulation.StepUntilStop(self._time_ns, -1)

    def time_s(self) -> float:
        """Time since the craft was created (s)."""
        return self._time_ns * 1e-9

    def close(self) -> None:
        """Free the simulation's memory."""
        self._fleet.close()

    def mass_message(self) -> Any:
        """Basilisk's SCMassPropsMsg: massSC, c_B and ISC_PntB_B after the last step."""
        return self._fleet._open()._crafts[0].hub.scMassOutMsg.read()

    def slope_ground(self, angle_rad: float) -> None:
        """Let the ground at the pad rise along x."""
        site = self.buffers.site[0]
        site["slope_x"], site["slope_y"] = math.tan(angle_rad), 0.0
        site["steepest"] = 1.5 * math.tan(angle_rad)

    def stand_on_slope(
        self, angle_rad: float, lift_m: float = 0.0, turned_rad: float = 0.0
    ) -> None:
        """At rest on ground that rises along x, soles `lift_m` off it, turned about its own z."""
        self.slope_ground(angle_rad)
        normal = np.array([-math.sin(angle_rad), 0.0, math.cos(angle_rad)])
        offset = self.vehicle.centre_of_mass_station_m - self.vehicle.foot_station_m
        self.position[:] = np.array([0.0, 0.0, RADIUS_M]) + (offset + lift_m) * normal
        tilt_sigma(angle_rad, math.pi, self.sigma)
        self.sigma[:] = _compose(np.array([0.0, 0.0, math.tan(turned_rad / 4)]), self.sigma)
        self.velocity[:] = 0.0
        self.omega[:] = 0.0
        self.forget_ground()

    def forget_ground(self) -> None:
        """Reset all foot contact states."""
        self.buffers.foot[0]["down"] = 0
        self.buffers.foot[0]["sunk_m"] = 0.0
        self.buffers.episode[0]["touched"] = 0

    def dcm(self) -> Array:
        """[NB]."""
        found = np.empty((3, 3))
        body_to_inertial(self.sigma, found)
        return found

    def centre(self) -> tuple[Array, Array]:
        """Position (m) and velocity (m/s) of the centre of mass, Moon-centred."""
        arm = np.array([0.0, 0.0, self.properties.centre_z_m])
        dcm = self.dcm()
        return self.position + dcm @ arm, self.velocity + dcm @ np.cross(self.omega, arm)

    def tilt_rad(self) -> float:
        """Angle between the body's z axis and the pad's vertical."""
        return math.acos(min(self.dcm()[2, 2], 1.0))

    def legs(self) -> tuple[Array, Array]:
        """Compression of each leg along the Moon's radius (m), and stretch from its anchor (m)."""
        feet = self.position + self.buffers.vehicle[0]["foot_position_m"] @ self.dcm().T
        compression, stretch = np.zeros(N_FEET), np.zeros(N_FEET)
        for j, (foot, record) in enumerate(zip(feet, self.buffers.foot[0], strict=True)):
            height, slope_x, slope_y = ground_height_and_slope(
                self.buffers.maps, self.buffers.site[0], foot[0], foot[1]
            )
            gap = height - (float(np.linalg.norm(foot)) - RADIUS_M)
            compression[j] = max(gap - record["sunk_m"], 0.0)
            if record["down"]:
                x, y = foot[0] - record["anchor_x_m"], foot[1] - record["anchor_y_m"]
                stretch[j] = math.hypot(x, y, slope_x * x + slope_y * y)
        return compression, stretch

    def energy_j(self) -> float:
        """Kinetic energy, potential energy above the sphere, and the legs' spring energy."""
        position, velocity = self.centre()
        mass = self.properties.mass_kg
        compression, stretch = self.legs()
        return float(
            0.5 * mass * velocity @ velocity
            + 0.5 * self.properties.inertia_centre_kg_m2 @ self.omega**2
            - MU_M3_S2 * mass * (1 / np.linalg.norm(position) - 1 / RADIUS_M)
            + 0.5 * self.vehicle.leg_stiffness_n_m * compression @ compression
            + 0.5 * self.vehicle.leg_lateral_stiffness_n_m * stretch @ stretch
        )


def _compose(first: Array, second: Array) -> Array:
    """MRP of a rotation by `second` after which the body turns by `first` about its own axes."""
    a, b = first @ first, second @ second
    product = (1 - b) * first + (1 - a) * second - 2 * np.cross(first, second)
    return np.asarray(product / (1 + a * b - 2 * first @ second))
