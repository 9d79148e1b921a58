"""The interfaces that other tools rely on."""

from __future__ import annotations

import gc
import warnings
from dataclasses import replace

import gymnasium
import numpy as np
import numpy.typing as npt
import psutil
import pytest
from gymnasium.utils.env_checker import check_env as check_gymnasium
from stable_baselines3.common.env_checker import check_env as check_sb3

import env
from env.fleet import FleetSettings, LanderFleet
from env.lander import LunarLander
from env.physics.vehicle import Vehicle
from env.physics.vehicles import STARSHIP_HLS, VEHICLES
from env.task.flyable import UnflyableError
from env.task.observation import observation_table
from env.task.start import TOUCHDOWN

N_ACTIONS = STARSHIP_HLS.n_actions
Array = npt.NDArray[np.float32]


def test_gymnasium_and_sb3_checkers_pass_without_a_warning() -> None:
    assert env.__doc__
    lander = gymnasium.make("landerctl/LunarLander-v0").unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gymnasium(lander)
        check_sb3(LunarLander())


def test_same_seed_same_episode_and_other_seed_another() -> None:
    lander = LunarLander()
    flights = []
    for seed in (7, 7, 8):
        first, _ = lander.reset(seed=seed)
        steps = [lander.step(np.full(N_ACTIONS, 0.1, np.float32))[0] for _ in range(50)]
        flights.append(np.array([first, *steps]))
    assert np.array_equal(flights[0], flights[1])
    assert not np.allclose(flights[0], flights[2])


def test_resets_without_a_seed_fly_new_episodes_that_follow_from_the_seed() -> None:
    starts = []
    for _ in range(2):
        lander = LunarLander()
        starts.append([lander.reset(seed=3)[0], lander.reset()[0], lander.reset()[0]])
    assert np.array_equal(starts[0], starts[1])
    assert not np.allclose(starts[0][0], starts[0][1])
    assert not np.allclose(starts[0][1], starts[0][2])


def test_the_second_and_third_episode_fly(fleet: LanderFleet) -> None:
    fleet.reset()
    drop = np.zeros((4, N_ACTIONS), np.float32)
    drop[:, :3] = drop[:, 9:12] = -1.0
    ends = 0
    while ends < 12:
        fleet.step_async(drop)
        observations, _, dones, infos = fleet.step_wait()
        for i in np.flatnonzero(dones):
            ends += 1
            # free fall from 30 to 60 m takes 4.5 to 8.6 s, whichever episode it is
            assert 40 <= infos[i]["episode"]["l"] <= 100
            assert (
                infos[i]["lander"].speed_m_s > 5.0 or infos[i]["lander"].touchdown_speed_m_s > 5.0
            )
            assert not np.array_equal(observations[i], infos[i]["terminal_observation"])


def test_stepping_between_episodes_is_refused() -> None:
    lander = LunarLander()
    with pytest.raises(gymnasium.error.ResetNeeded):
        lander.step(np.zeros(N_ACTIONS, np.float32))


def test_nan_action_is_refused_and_out_of_range_is_clipped(fleet: LanderFleet) -> None:
    fleet.reset()
    with pytest.raises(ValueError, match="lander 2 holds NaN"):
        actions = np.zeros((4, N_ACTIONS), np.float32)
        actions[2, 5] = np.nan
        fleet.step(actions)
    seeds = [11, 12, 13, 14]
    fleet.set_next_seeds(range(4), seeds)
    fleet.reset()
    beyond = _repeat(fleet, np.full((4, N_ACTIONS), 7.0, np.float32))
    fleet.set_next_seeds(range(4), seeds)
    fleet.reset()
    at_limit = _repeat(fleet, np.ones((4, N_ACTIONS), np.float32))
    assert np.array_equal(beyond, at_limit)


def _repeat(fleet: LanderFleet, actions: Array) -> Array:
    """The observation after five steps of the same actions."""
    for _ in range(5):
        fleet.step_async(actions)
        observations: Array = fleet.step_wait()[0]
    return observations


@pytest.mark.parametrize("shape", [(N_ACTIONS,), (1, N_ACTIONS), (4, 1), (3, N_ACTIONS)])
def test_actions_of_a_wrong_shape_are_refused(fleet: LanderFleet, shape: tuple[int, ...]) -> None:
    fleet.reset()
    with pytest.raises(ValueError, match=r"expected \(4, 15\)"):
        fleet.step(np.zeros(shape, np.float32))


IMPOSSIBLE = {
    "delta_v_m_s": replace(TOUCHDOWN, delta_v_m_s=(0.0, 0.0)),
    "altitude_m": replace(TOUCHDOWN, altitude_m=(-5.0, 10.0)),
    "tilt_deg": replace(TOUCHDOWN, tilt_deg=(0.0, 200.0)),
    "ground_slope_deg": replace(TOUCHDOWN, ground_slope_deg=(0.0, 90.0)),
    "downrange_m": replace(TOUCHDOWN, downrange_m=(9.0, 8.0)),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_ranges_are_refused(fleet: LanderFleet, name: str) -> None:
    with pytest.raises(UnflyableError, match=name):
        fleet.set_start(IMPOSSIBLE[name])


def test_a_step_that_legs_are_not_stable_in_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dynamics_interval_s = 0\.1"):
        FleetSettings(dynamics_interval_s=0.1)


def test_a_closed_fleet_refuses_to_fly_and_closes_twice(fleet: LanderFleet) -> None:
    fleet.close()
    fleet.close()
    with pytest.raises(RuntimeError, match="closed"):
        fleet.reset()


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=VEHICLES)
def test_observation_table_is_complete_and_its_names_unique(vehicle: Vehicle) -> None:
    table = observation_table(vehicle)
    fleet = LanderFleet(FleetSettings(n_envs=1, vehicle=vehicle))
    assert fleet.observation_space.shape == (len(table),)
    assert len(table) >= 32
    assert len({row.name for row in table}) == len(table)
    assert all(row.low < row.high and row.unit for row in table)
    fleet.close()


def test_the_parts_of_each_steps_reward_add_up() -> None:
    lander = LunarLander()
    lander.reset(seed=5)
    over = False
    while not over:
        _, reward, over, _, info = lander.step(np.full(N_ACTIONS, -1.0, np.float32))
        assert sum(info["reward_components"].values()) == pytest.approx(reward, abs=1e-3)
    assert info["reward_components"]["failure"] < 0.0


def test_closing_frees_the_memory() -> None:
    """Fleets built and closed in turn reuse what the first ones took."""
    process = psutil.Process()

    def build_and_close(times: int) -> int:
        for _ in range(times):
            fleet = LanderFleet(FleetSettings(n_envs=64, threads=2))
            fleet.reset()
            fleet.close()
            del fleet
            gc.collect()
        return int(process.memory_info().rss)

    settled = build_and_close(3)
    descriptors = process.num_fds()
    # 64 landers take about 9 MB: eight leaked fleets would be far above the limit
    assert build_and_close(8) - settled < 9e6
    assert process.num_fds() == descriptors
