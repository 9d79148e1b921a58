"""The named starts of a stage, and the reference pilot's flights from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.optimum.craft import standing_height_m
from benchmarks.optimum.problem import Array, Start
from daemon.config.schema import Config
from daemon.runs.trajectories import Trajectories
from daemon.trainer.evaluation.fly_episodes import fly_seeds
from daemon.trainer.evaluation.trajectories import trajectories_of
from daemon.trainer.fleets import build_fleet
from env.base.moon import RADIUS_M
from env.fleet import Episode, LanderFleet
from env.physics.vehicle import Vehicle
from env.pilot.pilot import ReferencePilot
from env.state.telemetry import EpisodeGround
from env.task.reward import MAX_DISTANCE_M
from env.terrain.ground import ground_height_m

_RINGS_M = np.linspace(0.0, MAX_DISTANCE_M, 21)
_BEARINGS_RAD = np.linspace(0.0, 2.0 * math.pi, 48, endpoint=False)


@dataclass(frozen=True)
class NamedStart:
    """How the episode of a seed begins, in axes with the pad as origin, and its ground."""

    seed: int
    start: Start
    feet_m: Array  # (3,), the point between the feet
    axis: Array  # (3,), of the craft, towards its nose
    ground: EpisodeGround

    @property
    def propellant_kg(self) -> float:
        """On board."""
        return self.start.mass_kg - self.start.dry_mass_kg


@dataclass(frozen=True)
class Flights:
    """A stage's starts and the reference pilot's episodes from them, in the seeds' order."""

    starts: list[NamedStart]
    episodes: list[Episode]
    trajectories: Trajectories

    def used_kg(self) -> list[float | None]:
        """The propellant that each flight used; None: it did not land."""
        return [
            named.propellant_kg * (1.0 - episode.fuel_fraction) if episode.success else None
            for named, episode in zip(self.starts, self.episodes, strict=True)
        ]


def fly_pilot(config: Config, vehicle: Vehicle, stage: int, count: int) -> Flights:
    """The evaluation's first `count` seeds of a stage (counted from 1), flown by the pilot."""
    fleet = build_fleet(config, config.curriculum.stages[stage - 1], count)
    first = config.evaluation.seed
    starts = read_starts(fleet, vehicle, first)
    pilot = ReferencePilot(vehicle, count, config.fleet.control_interval_s)
    flown = fly_seeds(pilot, fleet, first_seed=first, episodes=count, record=True)
    flights = Flights(starts, [one.episode for one in flown], trajectories_of(flown, vehicle))
    fleet.close()
    return flights


def read_starts(fleet: LanderFleet, vehicle: Vehicle, first_seed: int) -> list[NamedStart]:
    """How the episodes of seeds `first_seed` and up begin, one for each of the fleet's craft."""
    crafts = range(fleet.num_envs)
    fleet.set_next_seeds(crafts, [first_seed + craft for craft in crafts])
    fleet.reset()
    return [_read(fleet, vehicle, craft, first_seed + craft) for craft in crafts]


def _read(fleet: LanderFleet, vehicle: Vehicle, craft: int, seed: int) -> NamedStart:
    seen = fleet.telemetry(craft)
    axis = np.array([seen.up_x, seen.up_y, seen.up_z])
    radius = RADIUS_M + seen.ground_height_m + seen.altitude_m
    feet = np.array([seen.x_m, seen.y_m, 0.0])
    feet[2] = math.sqrt(radius**2 - seen.x_m**2 - seen.y_m**2) - RADIUS_M
    start = Start(
        position_m=feet + standing_height_m(vehicle) * axis,
        velocity_m_s=np.array([seen.velocity_x_m_s, seen.velocity_y_m_s, seen.velocity_z_m_s]),
        mass_kg=vehicle.hub_mass_kg + seen.propellant_kg,
        dry_mass_kg=vehicle.hub_mass_kg,
    )
    return NamedStart(seed, start, feet, axis, fleet.episode_ground(craft))


def heights_m(ground: EpisodeGround, x_m: Array, y_m: Array) -> Array:
    """The ground's heights (K,) above the sphere through the pad at these points (K,)."""
    maps, site = ground.ground.maps, ground.site
    return np.array(
        [ground_height_m(maps, site, float(x), float(y)) for x, y in zip(x_m, y_m, strict=True)]
    )


def highest_on_pad_m(ground: EpisodeGround) -> float:
    """The highest ground (m) on which a craft may stand."""
    radius, bearing = (grid.ravel() for grid in np.meshgrid(_RINGS_M, _BEARINGS_RAD))
    return float(heights_m(ground, radius * np.cos(bearing), radius * np.sin(bearing)).max())


def feet_heights_m(vehicle: Vehicle, position_m: Array) -> Array:
    """Of an upright craft's feet (K,) above the sphere through the pad, on a path (K, 3)."""
    radius = np.linalg.norm(position_m + np.array([0.0, 0.0, RADIUS_M]), axis=1)
    height: Array = radius - RADIUS_M - standing_height_m(vehicle)
    return height


def clearance_m(ground: EpisodeGround, vehicle: Vehicle, position_m: Array) -> float:
    """The least height of an upright craft's feet above the ground on a path (K, 3).

    The path's end, as far as the pad is wide, is left out.
    """
    from_end = np.linalg.norm(position_m - position_m[-1], axis=1)
    position_m = position_m[from_end > MAX_DISTANCE_M]
    ground_m = heights_m(ground, position_m[:, 0], position_m[:, 1])
    return float((feet_heights_m(vehicle, position_m) - ground_m).min())
