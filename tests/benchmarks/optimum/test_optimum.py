"""The fuel optimum meets published and closed-form optima, and what it says can be flown."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

pytest.importorskip("clarabel", reason="clarabel is not installed: landerctl[optimum]")

from scipy.optimize import brentq

from benchmarks.optimum.craft import any_landing, landing_at_rest, standing_height_m, turning_of
from benchmarks.optimum.flight import arrival_error_m, fly, thrust_excess
from benchmarks.optimum.problem import Descent, Problem, Start
from benchmarks.optimum.published import published_problems
from benchmarks.optimum.search import NoDescentError, optimal_descent
from env.base.moon import RADIUS_M
from env.physics.vehicles import APOLLO_LM
from env.pilot.bound import delta_v_bound_m_s
from env.task.reward import MAX_DISTANCE_M, MAX_TOUCHDOWN_SPEED_M_S

PUBLISHED = {one.name: one for one in published_problems()}
LIMIT_S = 160.0
HIGHEST_GROUND_M = 1.5
AXIS = np.array([math.sin(0.1), 0.0, math.cos(0.1)])


@cache
def solved(name: str) -> Descent:
    """Our optimum of a published problem."""
    return PUBLISHED[name].solve()


def braking(limit_s: float = LIMIT_S) -> Problem:
    """A lunar module's start as in stage 4."""
    return landing_at_rest(APOLLO_LM, _start(), AXIS, limit_s)


def _start() -> Start:
    return Start(
        position_m=np.array([250.0, 100.0, 1_300.0]),
        velocity_m_s=np.array([-12.0, 4.0, -30.0]),
        mass_kg=8_500.0,
        dry_mass_kg=APOLLO_LM.hub_mass_kg,
    )


@cache
def braked() -> Descent:
    """Its optimum."""
    return optimal_descent(braking())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_optima_are_met(name: str) -> None:
    expected_kg = PUBLISHED[name].propellant_kg
    assert solved(name).propellant_kg == pytest.approx(expected_kg, rel=2e-3)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_relaxation_is_lossless_and_flies(name: str) -> None:
    problem, descent = PUBLISHED[name].problem, solved(name)
    flown = fly(problem, descent)
    thrust = np.linalg.norm(descent.acceleration_m_s2, axis=1)
    assert descent.flow_m_s2 == pytest.approx(thrust, rel=1e-4, abs=1e-4)
    way = np.linalg.norm(problem.start.position_m)
    assert arrival_error_m(flown, descent) < 1e-5 * way
    assert flown.mass_kg[-1] == pytest.approx(descent.mass_kg[-1], rel=1e-7)
    assert thrust_excess(problem, descent, flown) < 0.02


def test_a_vertical_landing_is_the_closed_form_s() -> None:
    """Fall, then full thrust until at rest: the rocket equation, and its integral over time."""
    moon = PUBLISHED["Moon, vertical"].problem
    start, limit = moon.start, moon.thrust
    share = limit.largest_n / limit.exhaust_m_s  # of the first mass, burnt each second

    def burn_s(fall_s: float) -> float:
        speed = float(start.velocity_m_s[2]) - fall_s
        return float(
            brentq(
                lambda t: speed - limit.exhaust_m_s * math.log(1.0 - share * t) - t,
                0.0,
                0.99 / share,
            )
        )

    def height(fall_s: float) -> float:
        speed, t = float(start.velocity_m_s[2]), burn_s(fall_s)
        fallen = float(start.position_m[2]) + speed * fall_s - fall_s**2 / 2.0
        left = 1.0 - share * t
        gained = limit.exhaust_m_s / share * (left * math.log(left) + share * t)
        return fallen + (speed - fall_s) * t + gained - t**2 / 2.0

    fall_s = float(brentq(height, 0.0, 0.5))
    found = solved("Moon, vertical")
    assert found.propellant_kg == pytest.approx(share * burn_s(fall_s), rel=2e-4)
    assert found.duration_s == pytest.approx(fall_s + burn_s(fall_s), rel=1e-3)


def test_a_lunar_module_s_optimum_flies_to_the_pad() -> None:
    flown = fly(braking(), braked())
    assert arrival_error_m(flown, braked()) < 0.1
    assert flown.position_m[-1] == pytest.approx([0.0, 0.0, standing_height_m(APOLLO_LM)], abs=0.1)
    assert flown.velocity_m_s[-1] == pytest.approx([0.0, 0.0, 0.0], abs=0.01)
    assert flown.mass_kg[-1] == pytest.approx(braked().mass_kg[-1], rel=1e-6)
    assert thrust_excess(braking(), braked(), flown) < 0.01


def test_no_optimum_is_below_the_energy_s_bound() -> None:
    problem, descent = braking(), braked()
    start = problem.start
    delta_v = problem.thrust.exhaust_m_s * math.log(descent.mass_kg[0] / descent.mass_kg[-1])
    radius = float(np.linalg.norm(start.position_m + np.array([0.0, 0.0, RADIUS_M])))
    standing = RADIUS_M + standing_height_m(APOLLO_LM)
    bound = delta_v_bound_m_s(radius, float(np.linalg.norm(start.velocity_m_s)), standing)
    assert bound < delta_v < 1.5 * bound


def test_thrust_turns_no_faster_than_the_craft() -> None:
    descent, turning = braked(), turning_of(APOLLO_LM, AXIS, np.array([0.0, 0.0, 1.0]))
    thrust = np.linalg.norm(descent.acceleration_m_s2, axis=1)
    on = thrust > 0.01 * thrust.max()
    direction = descent.acceleration_m_s2[on] / thrust[on, None]
    since_s = descent.time_s[1:][on]
    until_s = descent.duration_s - descent.time_s[:-1][on]
    for axis, elapsed_s in ((turning.first_axis, since_s), (turning.last_axis, until_s)):
        assert axis is not None
        angle = np.arccos(np.clip(direction @ axis, -1.0, 1.0))
        reached = turning.slack_rad + turning.acceleration_rad_s2 * elapsed_s**2 / 2.0
        assert (angle <= reached + 1e-3).all()


def test_any_landing_needs_less_and_still_counts() -> None:
    problem = any_landing(APOLLO_LM, _start(), AXIS, LIMIT_S, HIGHEST_GROUND_M)
    descent = optimal_descent(problem)
    assert 0.8 * braked().propellant_kg < descent.propellant_kg < braked().propellant_kg
    reach_m = math.hypot(APOLLO_LM.foot_radius_m, standing_height_m(APOLLO_LM))
    *flat_m, height_m = descent.position_m[-1]
    assert height_m == pytest.approx(HIGHEST_GROUND_M + reach_m)
    assert math.hypot(*flat_m) <= MAX_DISTANCE_M + reach_m + 1e-3
    assert np.linalg.norm(descent.velocity_m_s[-1]) <= MAX_TOUCHDOWN_SPEED_M_S + 1e-5


def test_too_little_time_is_said() -> None:
    with pytest.raises(NoDescentError, match="no descent of"):
        optimal_descent(braking(limit_s=20.0))


def test_a_finer_mesh_finds_the_same() -> None:
    finer = optimal_descent(braking(), steps=120)
    assert braked().propellant_kg == pytest.approx(finer.propellant_kg, rel=1e-3)


def test_thrust_is_none_or_all_but_where_it_switches() -> None:
    """So a minimum throttle, which the problem leaves out, would change nothing."""
    problem, descent = braking(), braked()
    thrust_n = descent.flow_m_s2 * (descent.mass_kg[1:] + descent.mass_kg[:-1]) / 2.0
    throttle = thrust_n / problem.thrust.largest_n
    assert np.count_nonzero((throttle > 0.01) & (throttle < 0.99)) <= 2
