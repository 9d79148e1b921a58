"""What callers pass is checked at the boundary: errors name the argument and its range."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest

from env.fleet import FleetSettings, LanderFleet
from env.lander import LunarLander
from env.task.start import TOUCHDOWN
from env.vector import LunarLanders

NAME = "landerctl/LunarLander-v0"


@pytest.fixture(scope="module")
def lander() -> LunarLander:
    return LunarLander()


@pytest.mark.parametrize(
    ("settings", "kind", "said"),
    [
        ({"n_envs": 0}, ValueError, "n_envs = 0: allowed at least 1"),
        ({"n_envs": -1}, ValueError, "n_envs = -1: allowed at least 1"),
        ({"n_envs": 1.5}, TypeError, "n_envs = 1.5: expected an integer, at least 1"),
        ({"n_envs": True}, TypeError, "n_envs = True: expected an integer, at least 1"),
        ({"threads": 0}, ValueError, "threads = 0: allowed at least 1"),
        ({"vehicle": "apollo-lm"}, TypeError, "vehicle = 'apollo-lm': expected Vehicle, got str"),
        ({"start": {}}, TypeError, "start = {}: expected StartConditions, got dict"),
        ({"local_relief": -1.0}, ValueError, "local_relief = -1.0: allowed at least 0, finite"),
        ({"local_relief": math.nan}, ValueError, "local_relief = nan: allowed at least 0, finite"),
        ({"control_interval_s": "1"}, TypeError, "control_interval_s = '1': expected a number"),
        ({"control_interval_s": 0.07}, ValueError, "control_interval_s = 0.07: expected a mult"),
    ],
)
def test_settings_that_no_fleet_can_have(
    settings: dict[str, Any], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as error:
        FleetSettings(**settings)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda fleet: fleet.seed(1.5), TypeError, "seed = 1.5: expected an integer, 0 to 18446"),
        (lambda fleet: fleet.seed(-1), ValueError, "seed = -1: allowed 0 to 18446744073709551615"),
        (lambda fleet: fleet.seed(2**64), ValueError, "seed = 18446744073709551616: allowed 0 to"),
        (lambda fleet: fleet.set_next_seeds([0], [1.7]), TypeError, "seed = 1.7: expected an int"),
        (lambda fleet: fleet.set_next_seeds([0], [-1]), ValueError, "seed = -1: allowed 0 to"),
        (lambda fleet: fleet.set_next_seeds([0, 1], [5]), ValueError, "1 seeds for 2 crafts: exp"),
        (lambda fleet: fleet.set_next_seeds([4], [5]), ValueError, "craft = 4: allowed 0 to 3"),
        (lambda fleet: fleet.begin(5), ValueError, "craft = 5: allowed 0 to 3"),
        (lambda fleet: fleet.begin(-1), ValueError, "craft = -1: allowed 0 to 3"),
        (lambda fleet: fleet.telemetry(4), ValueError, "craft = 4: allowed 0 to 3"),
        (lambda fleet: fleet.components(1.0), TypeError, "craft = 1.0: expected an integer, 0"),
        (lambda fleet: fleet.set_start("easy"), TypeError, "start = 'easy': expected StartCond"),
        (
            lambda fleet: fleet.step_async(np.zeros((4, 15), complex)),
            TypeError,
            "actions of complex128: expected real numbers, -1 to 1",
        ),
        (
            lambda fleet: fleet.step_async(np.full((4, 15), "a")),
            TypeError,
            "actions of <U1: expected real numbers, -1 to 1",
        ),
    ],
)
def test_calls_that_no_fleet_can_answer(
    fleet: LanderFleet, call: Callable[[Any], object], kind: type[Exception], said: str
) -> None:
    fleet.set_next_seeds(range(4), [1, 2, 3, 2**64 - 1])
    before = fleet.reset()
    with pytest.raises(kind) as error:
        call(fleet)
    assert str(error.value).startswith(said)
    fleet.set_next_seeds(range(4), np.array([1, 2, 3, 2**64 - 1], np.uint64))
    assert np.array_equal(fleet.reset(), before)


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"episode_sed": 5}, ValueError, "unknown option 'episode_sed'; did you mean 'episode_se"),
        ({"wind": 5}, ValueError, "unknown option 'wind'; allowed: episode_seed, start"),
        ([5], TypeError, "options = [5]: expected dict, got list"),
        ({"episode_seed": -1}, ValueError, "options['episode_seed'] = -1: allowed 0 to 1844674"),
        ({"episode_seed": 1.5}, TypeError, "options['episode_seed'] = 1.5: expected an integer"),
        ({"start": 5}, TypeError, "options['start'] = 5: expected StartConditions, got int"),
    ],
)
def test_options_that_no_reset_can_have(
    lander: LunarLander, options: Any, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as error:
        lander.reset(options=options)
    assert str(error.value).startswith(said)


def test_an_episode_is_flown_again_by_its_seed_and_from_another_start(lander: LunarLander) -> None:
    first, info = lander.reset(seed=3)
    assert not np.array_equal(lander.reset()[0], first)
    again, same = lander.reset(options={"episode_seed": info["seed"]})
    assert same == info
    assert np.array_equal(again, first)
    start = replace(TOUCHDOWN, altitude_m=(500.0, 500.0))
    higher, _ = lander.reset(options={"episode_seed": info["seed"], "start": start})
    assert not np.array_equal(higher, first)
    lander.reset(options={"start": TOUCHDOWN})


@pytest.mark.parametrize("mode", ["sync", "async", "vector_entry_point", None])
def test_make_vec_flies_the_episodes_of_single_landers(mode: str | None) -> None:
    action = np.full((2, 15), 0.1, np.float32)
    single = LunarLander()
    expected = [single.reset(seed=seed) for seed in (5, 6)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        landers: Any = gymnasium.make_vec(NAME, num_envs=2, vectorization_mode=mode)
        observations, infos = landers.reset(seed=5)
        landers.step(action)
        landers.close()
    assert np.array_equal(observations, [first for first, _ in expected])
    assert infos["seed"].dtype == np.uint64
    assert list(infos["seed"]) == [info["seed"] for _, info in expected]


def test_the_vector_environment_resets_in_the_same_step_as_gymnasium_s() -> None:
    """The same seeds and actions through ends of episodes: the same arrays and infos."""
    reference = gymnasium.vector.SyncVectorEnv(
        [LunarLander] * 2, autoreset_mode=gymnasium.vector.AutoresetMode.SAME_STEP
    )
    fleet = LunarLanders(2)
    one, _ = reference.reset(seed=9)
    other, _ = fleet.reset(seed=9)
    assert np.array_equal(one, other)
    drop = np.zeros((2, 15), np.float32)
    drop[:, :3] = drop[:, 9:12] = -1.0
    ends = 0
    while ends < 3:
        expected, flown = reference.step(drop), fleet.step(drop)
        for part in range(4):
            assert np.array_equal(np.asarray(expected[part]), np.asarray(flown[part]))
        done = flown[2]
        if done.any():
            ends += 1
            left_infos, right_infos = expected[4], flown[4]
            assert np.array_equal(left_infos["_final_obs"], right_infos["_final_obs"])
            for i in np.flatnonzero(done):
                assert np.array_equal(left_infos["final_obs"][i], right_infos["final_obs"][i])
                assert left_infos["seed"][i] == right_infos["seed"][i]
            assert list(left_infos["final_info"]["lander"]) == list(
                right_infos["final_info"]["lander"]
            )
    fleet.close()
    reference.close()


@pytest.mark.parametrize("make", [LunarLander, lambda settings: LunarLanders(2, settings)])
def test_settings_of_another_type(make: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match="settings = 5: expected FleetSettings, got int"):
        make(5)


def test_a_vector_environment_checks_its_seeds() -> None:
    with pytest.raises(ValueError, match="num_envs = 0: allowed at least 1"):
        LunarLanders(0)
    landers = LunarLanders(2)
    with pytest.raises(gymnasium.error.ResetNeeded):
        landers.step(np.zeros((2, 15), np.float32))
    with pytest.raises(ValueError, match="seed has 3 entries: expected 2"):
        landers.reset(seed=[1, 2, 3])
    with pytest.raises(TypeError, match=r"seed = 1\.5: expected an integer"):
        landers.reset(seed=[1, 1.5])  # type: ignore[list-item]
