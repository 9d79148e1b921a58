"""The pilot lands every vehicle on a few dozen seeds per stage, from observations only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from daemon.config.load import load_config
from daemon.trainer.flyable import start_conditions
from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import STARSHIP_HLS, VEHICLES
from env.pilot.campaign import Flight, fly
from env.pilot.pilot import ReferencePilot
from env.state.deviation import Deviation
from env.task.returns import landing_returns

N_ENVS = 32
STAGES = load_config(None).config.curriculum.stages


def flights_of(
    vehicle: Vehicle, stage: int, seed: int, deviations: Sequence[Deviation] = (Deviation(),)
) -> list[Flight]:
    """A flight of each of N_ENVS craft, to which the deviations are dealt in turn."""
    start = start_conditions(STAGES[stage - 1])
    fleet = LanderFleet(FleetSettings(n_envs=N_ENVS, vehicle=vehicle, start=start))
    for craft in range(N_ENVS):
        fleet.deviate(craft, deviations[craft % len(deviations)])
    flights = fly(fleet, ReferencePilot(vehicle, N_ENVS), 1, seed)
    fleet.close()
    return flights


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))
@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5])
def test_every_stage_is_flown_to_a_soft_precise_and_upright_landing(
    stage: int, vehicle: Vehicle
) -> None:
    flights = flights_of(vehicle, stage, seed=stage)
    assert all(flight.episode.success for flight in flights)
    episodes = [flight.episode for flight in flights]
    least, most = landing_returns(start_conditions(STAGES[stage - 1]))
    assert all(least < episode.reward < most for episode in episodes)
    misses_m = [episode.distance_m for episode in episodes]
    assert np.mean(misses_m) < 0.5  # of which the sensors' bias, 0.2 m an axis, makes 0.25 m
    assert np.percentile(misses_m, 95) < 1.0
    assert np.median([episode.touchdown_speed_m_s for episode in episodes]) < 1.5
    assert np.degrees(np.median([episode.touchdown_tilt_rad for episode in episodes])) < 2.0


def test_craft_off_their_design_land_too() -> None:
    """Heavier or lighter by 5%, with 3% less specific impulse and 5% less thrust."""
    deviations = [Deviation(hub_mass=mass, isp=0.97, thrust=0.95) for mass in (0.95, 1.05)]
    flights = flights_of(STARSHIP_HLS, 4, 3, deviations)
    assert all(flight.episode.success for flight in flights)
    assert np.mean([flight.episode.distance_m for flight in flights]) < 0.6


def test_no_flight_takes_less_than_the_bound_and_none_wastes_several_times_as_much() -> None:
    flights = flights_of(STARSHIP_HLS, 4, seed=9)
    assert all(flight.delta_v_m_s > flight.bound_m_s for flight in flights)
    assert np.median([flight.delta_v_m_s / flight.bound_m_s for flight in flights]) < 2.3


def test_a_craft_flies_the_same_alone_and_in_a_fleet_whose_others_begin_again() -> None:
    """No estimate, filter or engine state leaks between craft or from one episode to the next."""
    start = start_conditions(STAGES[0])
    fleet = LanderFleet(FleetSettings(n_envs=3, start=start))
    together = fly(fleet, ReferencePilot(n_craft=3), 2, seed=5)
    fleet.close()
    alone = LanderFleet(FleetSettings(n_envs=1, start=start))
    pilot = ReferencePilot(n_craft=1)
    for flight in together:
        alone.set_next_seeds([0], [flight.episode.seed])
        observations = alone.reset()
        pilot.reset(np.arange(1))
        done = False
        while not done:
            alone.step_async(pilot.act(observations))
            observations, _, dones, infos = alone.step_wait()
            done = bool(dones[0])
        assert infos[0]["lander"].steps == flight.episode.steps
        assert infos[0]["lander"].distance_m == pytest.approx(flight.episode.distance_m, abs=1e-6)
    alone.close()
