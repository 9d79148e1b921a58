"""Flies a pilot through many episodes and records each flight's delta-v."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from env.base.moon import RADIUS_M
from env.fleet import Episode, LanderFleet
from env.pilot.bound import delta_v_bound_m_s, delta_v_m_s
from env.state.buffers import doubles_at


class Pilot(Protocol):
    """Flies a fleet from its observations."""

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """These crafts start new episodes."""

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Go on with these craft alone, in this order: the other rows are no longer flown."""

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Commands (N, A) for observations (N, D)."""


@dataclass(frozen=True)
class Flight:
    """A pilot's episode, with its delta-v at the best specific impulse on board."""

    episode: Episode
    delta_v_m_s: float
    bound_m_s: float  # lower bound for any landing from the same start


@dataclass(frozen=True)
class _Start:
    """The start state from which a flight's delta-v is computed."""

    radius_m: float
    speed_m_s: float
    propellant_kg: float


def fly(fleet: LanderFleet, pilot: Pilot, flights_each: int, seed: int) -> list[Flight]:
    """Fly `flights_each` episodes with every craft of the fleet.

    The same number for every craft, so that short flights are not counted more often.
    """
    fleet.seed(seed)
    observations = fleet.reset()
    pilot.reset(np.arange(fleet.num_envs))
    starts = [_start(fleet, i) for i in range(fleet.num_envs)]
    counts = np.zeros(fleet.num_envs, int)
    flights: list[Flight] = []
    while counts.min() < flights_each:
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        ended = np.flatnonzero(dones)
        for i in ended:
            if counts[i] < flights_each:
                flights.append(_flight(fleet, starts[i], infos[i]["lander"]))
            counts[i] += 1
            starts[i] = _start(fleet, int(i))
        pilot.reset(ended)
    return flights


def _start(fleet: LanderFleet, craft: int) -> _Start:
    buffers = fleet._buffers
    position, velocity = (doubles_at(buffers.state_address[craft, k], 3) for k in (0, 1))
    tanks = [float(doubles_at(buffers.state_address[craft, k], 1)[0]) for k in (4, 5)]
    return _Start(float(np.linalg.norm(position)), float(np.linalg.norm(velocity)), sum(tanks))


def _flight(fleet: LanderFleet, start: _Start, episode: Episode) -> Flight:
    vehicle = fleet.settings.vehicle
    standing = RADIUS_M + vehicle.centre_of_mass_station_m - vehicle.foot_station_m
    mass = vehicle.hub_mass_kg + start.propellant_kg
    used = start.propellant_kg * (1.0 - episode.fuel_fraction)
    touchdown = episode.touchdown_speed_m_s
    return Flight(
        episode=episode,
        delta_v_m_s=delta_v_m_s(vehicle, mass, used),
        bound_m_s=delta_v_bound_m_s(start.radius_m, start.speed_m_s, standing, touchdown),
    )
