"""The available vehicles, by their name in the configuration."""

from env.physics.vehicle import Vehicle
from env.physics.vehicles.apollo_lm import APOLLO_LM
from env.physics.vehicles.starship_hls import STARSHIP_HLS

VEHICLES: dict[str, Vehicle] = {craft.name: craft for craft in (STARSHIP_HLS, APOLLO_LM)}

__all__ = ["APOLLO_LM", "STARSHIP_HLS", "VEHICLES"]
