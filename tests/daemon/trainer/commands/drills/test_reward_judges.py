"""Rewards that are not as the checklist says are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from daemon.config import load_config
from daemon.protocol.finding import Finding
from daemon.trainer.commands.drills.reward import PAGE, compare_page
from daemon.trainer.commands.drills.reward_judges import ENOUGH, JUDGES, Flown
from env.fleet import COMPONENT_NAMES, Episode
from env.task.reward import Outcome

LIMITS = load_config(None).config.checklist
LANDED = Episode(
    seed=1,
    difficulty=1.0,
    outcome=Outcome.LANDED,
    steps=200,
    time_s=20.0,
    reward=1500.0,
    altitude_m=0.1,
    x_m=2.0,
    y_m=0.0,
    tilt_rad=0.0,
    speed_m_s=0.0,
    descent_rate_m_s=0.0,
    horizontal_speed_m_s=0.0,
    spin_rad_s=0.0,
    touchdown_speed_m_s=0.8,
    touchdown_tilt_rad=0.0,
    fuel_fraction=0.5,
    roughness=0.01,
    components=dict.fromkeys(COMPONENT_NAMES, 0.0)
    | {"shaping": 100.0, "landing": 1000.0, "precision": 140.0, "fuel": 50.0},
)
CRASHED = replace(
    LANDED,
    outcome=Outcome.CRASHED,
    touchdown_speed_m_s=9.0,
    components=dict.fromkeys(COMPONENT_NAMES, 0.0) | {"shaping": -50.0, "failure": -350.0},
)


def judged(*more: Episode, shaping: float = 1.0) -> dict[str, Finding]:
    episodes = [LANDED, CRASHED] * ENOUGH + list(more)
    flown = Flown(episodes, np.array([0.5, -2.0, 3.0]) * shaping)
    return {found.key: found for found in (judge(flown, LIMITS) for judge in JUDGES)}


def earning(episode: Episode, **components: float) -> Episode:
    return replace(episode, components=episode.components | components)


def test_rewards_as_configured_hold_with_their_figures() -> None:
    found = judged()
    assert {one.holds for one in found.values()} == {True}
    assert found["terminal-scale"].figures["failure_worst"] == -350.0
    assert found["shaping-range"].figures["sum_most"] == 100.0
    assert found["success-criteria"].figures["fastest_m_s"] == 0.8


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("terminal-scale", earning(LANDED, landing=900.0)),
        ("terminal-scale", earning(LANDED, softness=1001.0)),
        ("terminal-scale", earning(CRASHED, failure=-1100.0)),
        ("terminal-scale", earning(CRASHED, failure=0.0)),
        ("terminal-scale", earning(CRASHED, landing=1000.0)),
        ("shaping-range", earning(LANDED, shaping=501.0)),
        ("fuel-on-success", earning(CRASHED, fuel=1.0)),
        ("fuel-on-success", earning(LANDED, fuel=0.0)),
        ("success-criteria", replace(LANDED, altitude_m=5.5)),
        ("success-criteria", replace(LANDED, touchdown_speed_m_s=3.1)),
        ("success-criteria", replace(LANDED, x_m=25.0)),
        ("success-criteria", replace(CRASHED, outcome=Outcome.HARD_LANDING, touchdown_speed_m_s=1)),
        ("success-criteria", replace(CRASHED, outcome=Outcome.OFF_TARGET)),
    ],
)
def test_one_wrong_episode_fails_its_line_alone(key: str, wrong: Episode) -> None:
    found = judged(wrong)
    assert {name for name, one in found.items() if one.holds is False} == {key}


@pytest.mark.parametrize("factor", [10.0, 200.0])
def test_large_steps_of_shaping_fail(factor: float) -> None:
    assert judged(shaping=factor)["shaping-range"].holds is False


def test_without_landings_nothing_is_judged_that_needs_them() -> None:
    flown = Flown([CRASHED] * ENOUGH, np.array([1.0]))
    found = {one.key: one.holds for one in (judge(flown, LIMITS) for judge in JUDGES)}
    assert found == {
        "terminal-scale": None,
        "shaping-range": True,
        "fuel-on-success": None,
        "success-criteria": None,
    }


def test_a_page_that_differs_from_the_code_is_named(tmp_path: Any) -> None:
    assert compare_page(PAGE).holds is True
    assert compare_page(tmp_path / "missing.md").holds is None
    old = tmp_path / "environment.md"
    old.write_text(PAGE.read_text().replace("`landing` | 1000", "`landing` | 900"))
    found = compare_page(old)
    assert (found.holds, found.text) == (
        False,
        "docs/environment.md differs from the code: Reward by component",
    )
