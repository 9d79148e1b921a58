"""The available vehicles, by their name in the configuration; and those of other packages."""

from env.physics.vehicle import Vehicle
from env.physics.vehicles.apollo_lm import APOLLO_LM
from env.physics.vehicles.installed import installed_names, installed_vehicle
from env.physics.vehicles.starship_hls import STARSHIP_HLS
from env.physics.vehicles.vehicle_file import VehicleFileError, load_vehicle, vehicle_of

VEHICLES: dict[str, Vehicle] = {craft.name: craft for craft in (STARSHIP_HLS, APOLLO_LM)}

__all__ = [
    "APOLLO_LM",
    "STARSHIP_HLS",
    "VEHICLES",
    "VehicleFileError",
    "installed_names",
    "installed_vehicle",
    "load_vehicle",
    "vehicle_of",
]
