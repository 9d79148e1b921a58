"""Only a landing gives a high reward."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from env.fleet import FleetSettings, LanderFleet
from env.physics.attitude import body_to_inertial
from env.physics.vehicle import vehicle_record
from env.physics.vehicles import STARSHIP_HLS
from env.task.reference import acceleration_demand, velocity_error
from env.task.returns import failure_returns, landing_returns
from env.task.reward import (
    LANDING_REWARD,
    POTENTIAL_MAX,
    THRUST_POTENTIAL,
    Outcome,
    failure_reward,
    potential,
)
from env.task.start import TOUCHDOWN
from tests.env.task.failures import ANY_FAILURE

_VEHICLE = vehicle_record(STARSHIP_HLS)[0]
N_ACTIONS = STARSHIP_HLS.n_actions
METRES = st.floats(-30_000.0, 30_000.0)
SPEEDS = st.floats(-500.0, 500.0)
SIGMAS = st.floats(-0.57, 0.57)
SPINS = st.floats(-5.0, 5.0)


@given(
    st.tuples(METRES, METRES, METRES),
    st.tuples(SPEEDS, SPEEDS, SPEEDS),
    st.tuples(SIGMAS, SIGMAS, SIGMAS),
    st.tuples(SPINS, SPINS, SPINS),
    st.floats(-200.0, 200.0),
)
def test_the_potential_is_bounded(
    position: tuple[float, float, float],
    velocity: tuple[float, float, float],
    sigma: tuple[float, float, float],
    omega: tuple[float, float, float],
    thrust: float,
) -> None:
    x, y, height = position
    dcm = np.empty((3, 3))
    body_to_inertial(np.array(sigma), dcm)
    value = potential(_VEHICLE, x, y, np.array(velocity), height, dcm, np.array(omega), thrust)
    assert 0.0 <= value <= POTENTIAL_MAX


def test_a_descent_is_rated_by_its_thrust() -> None:
    still, upright = np.zeros(3), np.eye(3)
    height, sink = 30.0, np.array([0.0, 0.0, -5.0])
    error = velocity_error(_VEHICLE, 0.0, 0.0, height, sink)
    asked = acceleration_demand(_VEHICLE, 0.0, 0.0, height, sink, error)[2]
    rated = [
        potential(_VEHICLE, 0.0, 0.0, sink, height, upright, still, thrust)
        for thrust in (0.0, asked - 0.5, asked, asked + 0.5)
    ]
    assert rated[0] < rated[1] < rated[2]
    assert rated[2] - rated[3] == pytest.approx(THRUST_POTENTIAL / 3.0)


@given(*ANY_FAILURE)
def test_every_failure_costs_and_none_with_any_shaping_reaches_the_worst_landing(
    outcome: Outcome, speed: float, distance: float, height: float
) -> None:
    cost = failure_reward(outcome, speed, distance, height)
    assert cost < 0.0
    assert cost + POTENTIAL_MAX < LANDING_REWARD - POTENTIAL_MAX


GRADES = {
    Outcome.CRASHED: [(2.0, 0.0, 0.0), (10.0, 0.0, 0.0), (200.0, 0.0, 0.0)],
    Outcome.HARD_LANDING: [(3.0, 0.0, 0.0), (4.0, 0.0, 0.0), (7.0, 0.0, 0.0)],
    Outcome.OFF_TARGET: [(1.0, 21.0, 0.0), (1.0, 50.0, 0.0), (1.0, 500.0, 0.0)],
    Outcome.ABORTED: [(1.0, 0.0, 50.0), (30.0, 0.0, 50.0), (300.0, 0.0, 50.0)],
    Outcome.TIMEOUT: [(0.0, 5.0, 5.0), (0.0, 5.0, 50.0), (0.0, 500.0, 50.0)],
}


@pytest.mark.parametrize("outcome", GRADES, ids=lambda outcome: outcome.name)
def test_a_worse_end_has_a_larger_penalty(outcome: Outcome) -> None:
    """Speed (m/s), distance and height (m), from bad to worse."""
    costs = [failure_reward(outcome, *end) for end in GRADES[outcome]]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == len(costs)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shaping_telescopes_and_observations_stay_in_range(seed: int) -> None:
    """Along any path, shaping sums to the difference of two potentials, whatever is commanded."""
    fleet = _FLEET
    fleet.seed(seed)
    observations = fleet.reset()
    generator = np.random.default_rng(seed)
    total = np.zeros(4)
    for _ in range(200):
        actions = generator.uniform(-1, 1, (4, N_ACTIONS)).astype(np.float32)
        fleet.step_async(actions)
        observations, rewards, dones, infos = fleet.step_wait()
        assert fleet.observation_space.contains(observations[0])
        total += rewards
        for i in np.flatnonzero(dones):
            episode = infos[i]["lander"]
            assert abs(episode.components["shaping"]) <= POTENTIAL_MAX
            returns = landing_returns if episode.success else failure_returns
            least, most = returns(TOUCHDOWN)
            assert least < episode.reward < most
            assert sum(episode.components.values()) == pytest.approx(episode.reward, abs=1e-6)
            assert total[i] == pytest.approx(episode.reward, abs=0.01)
            total[i] = 0.0


_FLEET = LanderFleet(FleetSettings(n_envs=4))
