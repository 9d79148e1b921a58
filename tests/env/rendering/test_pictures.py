"""Pictures of one lander, drawn by the real code; what they look like is for eyes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env as check_gymnasium
from stable_baselines3.common.env_checker import check_env as check_sb3

from daemon.config import Sources, load_sources
from daemon.trainer.flyable import start_conditions
from env import ENVIRONMENTS
from env.fleet import Episode
from env.lander import LunarLander
from env.physics.vehicles import STARSHIP_HLS
from env.rendering.camera import MIDDLE, craft_origin, place_camera
from env.rendering.frame import Frame, between, read_frame, verdict
from env.rendering.painter import HEIGHT, WIDTH
from env.task.reward import Outcome
from env.task.stages import STAGES
from env.vector import LunarLanders


@pytest.fixture(scope="module")
def lander() -> Iterator[LunarLander]:
    made = LunarLander(render_mode="rgb_array")
    yield made
    made.close()


@pytest.fixture(scope="module")
def flown(lander: LunarLander) -> tuple[list[Any], Frame, Frame, Episode]:
    """First and last picture of a fall, two moments of it, and how it ended."""
    lander.reset(seed=3)
    first = read_frame(lander._fleet, 0)
    pictures = [lander.render()]
    fall = np.full(lander.action_space.shape or (), -1.0, np.float32)
    lander.step(fall)
    second = read_frame(lander._fleet, 0, first.bearing_rad)
    over = False
    info: dict[str, Any] = {}
    while not over:
        _, _, over, _, info = lander.step(fall)
    pictures += [lander.render(), lander.render()]
    return pictures, first, second, info["lander"]


def test_a_picture_shows_sky_above_ground_and_is_the_same_for_the_same_moment(flown: Any) -> None:
    first, last, again = flown[0]
    assert first.shape == (HEIGHT, WIDTH, 3)
    assert first.dtype == np.uint8
    assert np.median(first[:40]) < 20
    assert np.median(first[int(0.7 * HEIGHT) : int(0.8 * HEIGHT)]) > 60
    assert np.array_equal(last, again)
    assert not np.array_equal(first, last)


def test_the_last_picture_is_of_the_end_not_of_the_next_episode(
    lander: LunarLander, flown: Any
) -> None:
    assert lander._view is not None
    shown, episode = lander._view._frame, flown[3]
    assert shown.episode == episode
    assert shown.telemetry.altitude_m == pytest.approx(episode.altitude_m, abs=1e-3)
    assert verdict(episode)[0] == "CRASHED"
    lander.reset(seed=4)
    assert lander._view._frame.episode is None


def test_half_way_between_two_moments(flown: Any) -> None:
    _, first, second, _ = flown
    half = between(first, second, 0.5)
    assert half.telemetry.time_s == pytest.approx(0.05)
    assert half.telemetry.altitude_m == pytest.approx(
        (first.telemetry.altitude_m + second.telemetry.altitude_m) / 2
    )
    assert half.attitude @ half.attitude.T == pytest.approx(np.eye(3), abs=1e-12)
    assert between(first, second, 0.0) is first
    assert between(first, second, 1.0) is second


@pytest.mark.parametrize("altitude_m", [0.0, 100.0, 20_000.0])
def test_the_camera_keeps_the_craft_in_the_middle_and_zooms_in_near_the_ground(
    flown: Any, altitude_m: float
) -> None:
    frame = replace(flown[1], telemetry=replace(flown[1].telemetry, altitude_m=altitude_m))
    camera = place_camera(frame, STARSHIP_HLS, WIDTH, HEIGHT)
    origin = craft_origin(frame, STARSHIP_HLS)
    ((column, row, depth),) = camera.project(origin[np.newaxis])
    assert column == pytest.approx(WIDTH / 2, abs=20)
    assert row == pytest.approx(MIDDLE * HEIGHT, abs=60)
    assert depth == pytest.approx(camera.distance_m, rel=0.02)
    size_px = camera.pixels_per_m * STARSHIP_HLS.height_m
    assert (size_px > 0.3 * HEIGHT) == (altitude_m <= 100.0)


def test_every_outcome_is_said_with_its_reason(flown: Any) -> None:
    for outcome in Outcome:
        said, why = verdict(replace(flown[3], outcome=outcome))
        assert said == outcome.name.replace("_", " ")
        assert bool(why) == (outcome is not Outcome.FLYING)


def test_both_checkers_pass_with_their_render_checks() -> None:
    made = gymnasium.make("landerctl/LunarLander-v0", render_mode="rgb_array")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_gymnasium(made.unwrapped)
        check_sb3(LunarLander(render_mode="ansi"), skip_render_check=False)


def test_a_vector_environment_renders_each_lander() -> None:
    landers = LunarLanders(2, render_mode="ansi", vehicle="apollo-lm", stage=2)
    assert landers.render() is None
    landers.reset(seed=1)
    texts = landers.render()
    assert texts is not None
    assert [text.splitlines()[0].split() for text in texts] == [["time", "0.0", "s"]] * 2
    assert texts[0] != texts[1]
    landers.close()


def test_a_mode_that_does_not_exist_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="opens with pygame"):
        LunarLander(render_mode="human")
    with pytest.raises(ValueError, match="did you mean 'rgb_array'"):
        LunarLanders(2, render_mode="rgb_aray")


def test_a_lander_that_renders_nothing_says_so_and_loads_no_drawing() -> None:
    quiet = LunarLander()
    quiet.reset(seed=1)
    with pytest.warns(UserWarning, match="render_mode"):
        assert quiet.render() is None
    assert quiet._view is None
    with pytest.raises(gymnasium.error.ResetNeeded):
        LunarLander(render_mode="ansi").render()


def test_stages_are_those_of_the_configuration() -> None:
    stages = load_sources(Sources((), {}, ())).config.curriculum.stages
    assert tuple(map(start_conditions, stages)) == STAGES


def test_every_id_is_registered_with_what_it_names() -> None:
    for name, given in ENVIRONMENTS.items():
        assert gymnasium.spec(name).kwargs == given
    assert len(ENVIRONMENTS) == 2 + len(STAGES)
