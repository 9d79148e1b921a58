"""How episodes end: by the true state of feet, hull and pad."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from env.fleet import Episode, FleetSettings, LanderFleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.state.buffers import doubles_at
from env.task.reward import MAX_DISTANCE_M, MAX_TOUCHDOWN_SPEED_M_S, Outcome
from env.task.start import TOUCHDOWN, StartConditions

N = 16
BOTH = pytest.mark.parametrize("vehicle", [STARSHIP_HLS, APOLLO_LM], ids=lambda craft: craft.name)
LOW = replace(
    TOUCHDOWN,
    altitude_m=(0.3, 0.4),
    downrange_m=(0.0, 1.0),
    descent_rate_m_s=(0.0, 0.3),
    horizontal_speed_m_s=(0.0, 0.0),
    tilt_deg=(0.0, 0.0),
)
Setup = Callable[[LanderFleet, int], None]


def state(fleet: LanderFleet, craft: int, column: int) -> npt.NDArray[np.float64]:
    """Basilisk's own memory of a vector; columns as in env.state.buffers."""
    return doubles_at(fleet._buffers.state_address[craft, column], 3)


def fall(vehicle: Vehicle, start: StartConditions, setup: Setup | None = None) -> list[Episode]:
    """The first episode of each of N craft without commands."""
    fleet = LanderFleet(FleetSettings(n_envs=N, vehicle=vehicle, start=start))
    fleet.seed(8)
    fleet.reset()
    for craft in range(N if setup else 0):
        assert setup is not None
        setup(fleet, craft)
    nothing = np.full((N, vehicle.n_actions), -1.0, np.float32)
    nothing[:, -3:] = 0.0
    ended: dict[int, Episode] = {}
    while len(ended) < N:
        fleet.step_async(nothing)
        _, _, dones, infos = fleet.step_wait()
        for row in np.flatnonzero(dones):
            ended.setdefault(int(row), infos[row]["lander"])
    fleet.close()
    return list(ended.values())


def outcomes(episodes: list[Episode]) -> set[Outcome]:
    return {episode.outcome for episode in episodes}


@BOTH
def test_let_down_softly_it_stands(vehicle: Vehicle) -> None:
    assert outcomes(fall(vehicle, LOW)) == {Outcome.LANDED}


@BOTH
def test_a_soft_landing_beside_the_pad_is_off_target(vehicle: Vehicle) -> None:
    aside = replace(LOW, downrange_m=(MAX_DISTANCE_M + 3.0, 40.0))
    episodes = fall(vehicle, aside)
    assert outcomes(episodes) == {Outcome.OFF_TARGET}
    assert all(episode.distance_m > MAX_DISTANCE_M for episode in episodes)


@BOTH
def test_a_fast_contact_is_a_hard_landing_even_if_it_stands(vehicle: Vehicle) -> None:
    fast = replace(LOW, descent_rate_m_s=(3.2, 3.6))
    episodes = fall(vehicle, fast)
    assert outcomes(episodes) <= {Outcome.HARD_LANDING, Outcome.CRASHED}
    assert all(episode.touchdown_speed_m_s > MAX_TOUCHDOWN_SPEED_M_S for episode in episodes)


@BOTH
def test_from_high_up_it_crashes_and_does_not_leave_by_spinning(vehicle: Vehicle) -> None:
    assert outcomes(fall(vehicle, replace(LOW, altitude_m=(300.0, 900.0)))) == {Outcome.CRASHED}


def test_a_soft_first_foot_does_not_make_a_landing_soft() -> None:
    """Turning about its first foot, the craft comes down on the others at up to twice its speed."""

    def turn_onto_a_foot(fleet: LanderFleet, craft: int) -> None:
        state(fleet, craft, 2)[:] = (0.0, math.tan(math.radians(10.0) / 4.0), 0.0)
        state(fleet, craft, 3)[:] = (0.0, -0.75, 0.0)  # upright again: the low side rises
        state(fleet, craft, 1)[:] = (0.0, 0.0, -3.4)

    near = replace(LOW, altitude_m=(1.2, 1.4))
    episodes = fall(APOLLO_LM, near, turn_onto_a_foot)
    assert Outcome.LANDED not in outcomes(episodes)
    assert all(episode.touchdown_speed_m_s > MAX_TOUCHDOWN_SPEED_M_S for episode in episodes)


def test_a_nose_below_the_ground_is_a_crash() -> None:
    def turn_over(fleet: LanderFleet, craft: int) -> None:
        state(fleet, craft, 2)[:] = (0.999, 0.0, 0.0)

    low = replace(LOW, altitude_m=(60.0, 60.0))  # the nose, 32 m above the origin, meets it first
    episodes = fall(STARSHIP_HLS, low, turn_over)
    assert outcomes(episodes) == {Outcome.CRASHED}
    origin_m = 60.0 + STARSHIP_HLS.centre_of_mass_station_m - STARSHIP_HLS.foot_station_m
    nose_m = STARSHIP_HLS.height_m - STARSHIP_HLS.centre_of_mass_station_m
    fall_s = math.sqrt(2.0 * (origin_m - nose_m) / 1.62)
    assert all(episode.time_s < fall_s + 0.3 for episode in episodes)


def test_a_craft_that_slides_or_topples_has_not_landed() -> None:
    sliding = replace(LOW, horizontal_speed_m_s=(4.0, 7.0))
    assert Outcome.LANDED not in outcomes(fall(STARSHIP_HLS, sliding))

    def lean(fleet: LanderFleet, craft: int) -> None:
        state(fleet, craft, 2)[:] = (0.0, math.tan(math.radians(24.0) / 4.0), 0.0)

    toppled = fall(STARSHIP_HLS, replace(LOW, altitude_m=(4.0, 4.5)), lean)
    assert outcomes(toppled) == {Outcome.CRASHED}
