"""The documented bounds of an episode's return follow from the reward, for any start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.trainer.flyable import start_conditions
from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES
from env.task import reward
from env.task.returns import failure_returns, landing_returns
from env.task.reward import Outcome, failure_reward
from env.task.start import TOUCHDOWN
from tests.env.task.failures import ANY_FAILURE

STAGES = load_config(None).config.curriculum.stages
HEIGHTS = st.floats(0.0, 80_000.0)


@given(HEIGHTS, HEIGHTS)
def test_any_landing_earns_more_than_any_failure(altitude_m: float, downrange_m: float) -> None:
    start = replace(TOUCHDOWN, altitude_m=(0.0, altitude_m), downrange_m=(0.0, downrange_m))
    assert failure_returns(start)[1] < landing_returns(start)[0]
    assert landing_returns(start)[1] <= 2000.0


@given(*ANY_FAILURE)
def test_every_failure_is_within_the_bounds_whatever_the_shaping(
    outcome: Outcome, speed: float, distance: float, height: float
) -> None:
    least, most = failure_returns(TOUCHDOWN)
    cost = failure_reward(outcome, speed, distance, height)
    given_at_start = reward.POTENTIAL_MAX - (most - reward.HARD_LANDING_PENALTY)
    assert least <= cost - reward.POTENTIAL_MAX
    assert cost + reward.POTENTIAL_MAX - given_at_start <= most


@given(st.floats(0.0, 20.0), st.floats(0.0, 3.0), st.floats(0.0, 0.2), st.floats(0.0, 4.0))
def test_every_landing_is_within_the_bounds_whatever_the_shaping(
    distance: float, speed: float, tilt: float, roughness: float
) -> None:
    least, most = landing_returns(TOUCHDOWN)
    bonuses = (
        reward.precision_bonus(distance)
        + reward.softness_bonus(speed)
        + reward.attitude_bonus(tilt)
        + reward.smoothness_bonus(roughness)
    )
    assert least <= reward.LANDING_REWARD + bonuses - reward.POTENTIAL_MAX
    shaping = most - 1600.0
    assert reward.LANDING_REWARD + bonuses + reward.FUEL_BONUS + shaping <= most


@pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))
def test_no_start_has_less_potential_than_the_bound_assumes(vehicle: Vehicle) -> None:
    """The first potentials of 64 starts of each stage."""
    fleet = LanderFleet(FleetSettings(n_envs=64, vehicle=vehicle))
    for stage in STAGES:
        start = start_conditions(stage)
        fleet.set_start(start)
        fleet.reset()
        first = fleet.snapshot().arrays["episode"]["potential"]
        largest_shaping = landing_returns(start)[1] - 1600.0
        assert np.all(first > reward.POTENTIAL_MAX - largest_shaping)
    fleet.close()
