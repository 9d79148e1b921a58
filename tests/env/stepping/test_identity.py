"""The same seed and actions give identical bits, alone or in any fleet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from env.fleet import Episode, FleetSettings, LanderFleet
from env.lander import LunarLander
from env.physics.vehicle import Vehicle
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.task.start import TOUCHDOWN

Array = npt.NDArray[np.float32]

# Low over full relief: LiDAR, sensor noise, contact and settling are all involved.
LOW = replace(
    TOUCHDOWN,
    altitude_m=(6.0, 12.0),
    ground_slope_deg=(0.0, 4.0),
    relief=1.0,
    clear_radius_m=0.0,
    time_limit_s=40.0,
)
RESET_SEED = 12


def _commands(vehicle: Vehicle) -> Array:
    """A fixed series of actions for a short fall: weak thrust and random steering."""
    generator = np.random.default_rng(5)
    return generator.uniform(-1.0, 0.4, (400, vehicle.n_actions)).astype(np.float32)


def _fly_alone(vehicle: Vehicle) -> tuple[Array, int, Episode]:
    """Observations and rewards of a whole episode as the Gymnasium environment gives them."""
    lander = LunarLander(FleetSettings(vehicle=vehicle, start=LOW))
    observation, info = lander.reset(seed=RESET_SEED)
    rows = [np.append(observation, 0.0)]
    for command in _commands(vehicle):
        observation, reward, over, _, reported = lander.step(command)
        rows.append(np.append(observation, reward))
        if over:
            break
    lander.close()
    return np.array(rows, np.float32), info["seed"], reported["lander"]


def _fly_among(settings: FleetSettings, craft: int, seed: int) -> tuple[Array, Episode]:
    """The same of one craft in a fleet whose other craft do something else."""
    fleet = LanderFleet(settings)
    fleet.seed(99)
    fleet.set_next_seeds([craft], [seed])
    rows = [np.append(fleet.reset()[craft], 0.0)]
    neighbours = np.random.default_rng(craft + 6)
    for command in _commands(settings.vehicle):
        shape = (settings.n_envs, settings.vehicle.n_actions)
        actions = neighbours.uniform(-1, 1, shape).astype(np.float32)
        actions[craft] = command
        fleet.step_async(actions)
        observations, rewards, dones, infos = fleet.step_wait()
        over = bool(dones[craft])
        last = infos[craft]["terminal_observation"] if over else observations[craft]
        rows.append(np.append(last, rewards[craft]))
        if over:
            break
    fleet.close()
    return np.array(rows, np.float32), infos[craft]["lander"]


@pytest.mark.parametrize("vehicle", [STARSHIP_HLS, APOLLO_LM], ids=lambda vehicle: vehicle.name)
@pytest.mark.parametrize(("n_envs", "threads"), [(1, 1), (2, 2), (5, 2), (33, 1)])
def test_a_craft_flies_the_same_alone_and_in_any_fleet(
    vehicle: Vehicle, n_envs: int, threads: int
) -> None:
    alone, seed, ended = _fly_alone(vehicle)
    assert ended.touchdown_speed_m_s > 0.0  # it met the ground
    settings = FleetSettings(n_envs=n_envs, threads=threads, vehicle=vehicle, start=LOW)
    found, ended_there = _fly_among(settings, n_envs - 1, seed)
    assert np.array_equal(alone, found)
    assert ended == ended_there
