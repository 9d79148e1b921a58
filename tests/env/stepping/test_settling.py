"""From the first contact to the outcome: a gentle descent and drops."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.fleet import Episode, FleetSettings, LanderFleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import VEHICLES
from env.task.reward import Outcome
from env.task.start import TOUCHDOWN

EVERY = pytest.mark.parametrize("vehicle", VEHICLES.values(), ids=list(VEHICLES))


def drop(vehicle: Vehicle, height_m: float) -> Episode:
    """Let a craft fall on the pad from `height_m` at rest, engines off."""
    start = replace(
        TOUCHDOWN,
        altitude_m=(height_m, height_m),
        downrange_m=(0.0, 0.0),
        descent_rate_m_s=(0.0, 0.0),
        horizontal_speed_m_s=(0.0, 0.0),
        tilt_deg=(0.0, 0.0),
    )
    fleet = LanderFleet(FleetSettings(vehicle=vehicle, start=start))
    fleet.reset()
    actions = np.full((1, vehicle.n_actions), -1.0, np.float32)
    actions[0, vehicle.n_actions - 3 :] = 0.0
    while True:
        _, _, dones, infos = fleet.step(actions)
        if dones[0]:
            fleet.close()
            episode: Episode = infos[0]["lander"]
            return episode


@EVERY
def test_a_drop_from_two_decimetres_lands(vehicle: Vehicle) -> None:
    """At sqrt(2 g h), measured at the feet and, at the latest, a step after they met the ground."""
    episode = drop(vehicle, 0.2)
    assert episode.outcome is Outcome.LANDED
    speed = math.sqrt(2 * SURFACE_GRAVITY_M_S2 * 0.2)
    assert episode.touchdown_speed_m_s == pytest.approx(speed, abs=0.05 * SURFACE_GRAVITY_M_S2)
    assert episode.distance_m < 0.01


@EVERY
def test_a_drop_from_four_metres_is_too_hard(vehicle: Vehicle) -> None:
    """3.6 m/s, past the landing limit of 3 m/s."""
    assert drop(vehicle, 4.0).outcome in (Outcome.HARD_LANDING, Outcome.CRASHED)
