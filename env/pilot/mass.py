"""Mass, centre of mass and inertia for the remaining propellant."""

from __future__ import annotations

from typing import NamedTuple

from env.physics.vehicle import Vehicle
from env.pilot.vectors import Numbers


class MassProperties(NamedTuple):
    """N craft. The centre of mass lies on the body's z axis."""

    mass_kg: Numbers  # (N,)
    centre_m: Numbers  # (N,) z of the centre of mass in body axes
    transverse_inertia_kg_m2: Numbers  # (N,) about x and y, at the centre of mass
    roll_inertia_kg_m2: Numbers  # (N,) about z


def mass_properties(vehicle: Vehicle, propellant_kg: Numbers) -> MassProperties:
    """Hub and two cylinders of propellant, by the parallel-axis theorem. `propellant_kg` (N,)."""
    ratio = vehicle.oxidizer_to_fuel_ratio
    oxidizer = propellant_kg * ratio / (1.0 + ratio)
    fuel = propellant_kg - oxidizer
    oxidizer_m = vehicle.oxidizer_station_m - vehicle.centre_of_mass_station_m
    fuel_m = vehicle.fuel_station_m - vehicle.centre_of_mass_station_m
    mass = vehicle.hub_mass_kg + propellant_kg
    centre = (oxidizer * oxidizer_m + fuel * fuel_m) / mass
    square = vehicle.tank_radius_m**2
    across = propellant_kg * (square / 4 + vehicle.load_depth_m**2 / 12)
    hub_x, _, hub_z = vehicle.hub_inertia_kg_m2
    transverse = hub_x + across + oxidizer * oxidizer_m**2 + fuel * fuel_m**2 - mass * centre**2
    return MassProperties(mass, centre, transverse, hub_z + propellant_kg * square / 2)
