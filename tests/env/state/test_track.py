"""Tracks agree with telemetry, with the episode at its end, and with the action's changes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from env.fleet import Episode, FleetSettings, LanderFleet
from env.physics.vehicle import Vehicle
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.state.track import TRACK_COLUMNS
from env.task.start import TOUCHDOWN

ROUGH = replace(TOUCHDOWN, altitude_m=(20.0, 30.0), relief=1.0, clear_radius_m=0.0)
SAME_NAME = {
    "height_m": "altitude_m",
    "x_m": "x_m",
    "y_m": "y_m",
    "time_s": "time_s",
    "ground_height_m": "ground_height_m",
    "descent_rate_m_s": "descent_rate_m_s",
    "horizontal_speed_m_s": "horizontal_speed_m_s",
    "tilt_deg": "tilt_deg",
    "propellant_fraction": "propellant_fraction",
    "feet_down": "feet_down",
}


@pytest.mark.parametrize("vehicle", [STARSHIP_HLS, APOLLO_LM], ids=lambda vehicle: vehicle.name)
def test_a_row_matches_telemetry(vehicle: Vehicle) -> None:
    fleet = LanderFleet(FleetSettings(n_envs=3, vehicle=vehicle, start=ROUGH))
    fleet.reset()
    generator = np.random.default_rng(3)
    for _ in range(12):
        shape = (3, vehicle.n_actions)
        fleet.step(generator.uniform(-1.0, 1.0, shape).astype(np.float32))
    rows = fleet.track()
    assert rows.shape == (3, len(TRACK_COLUMNS))
    assert rows.dtype == np.float32
    for craft, row in enumerate(rows):
        reported = fleet.telemetry(craft)
        found = dict(zip(TRACK_COLUMNS, row.tolist(), strict=True))
        for name, field in SAME_NAME.items():
            # the acos of a small tilt loses half the digits of its cosine
            assert found.pop(name) == pytest.approx(getattr(reported, field), rel=1e-5, abs=1e-5), (
                name
            )
        assert found.pop("engine_thrust") == pytest.approx(np.mean(reported.engine_thrust))
        groups = reported.landing_thrust
        assert found.pop("landing_thrust") == pytest.approx(np.mean(groups) if groups else 0.0)
        assert not found
    some = fleet.track(np.array([2, 0]))
    assert np.array_equal(some, rows[[2, 0]])
    fleet.close()


def falls_until_the_end(fleet: LanderFleet, actions: np.ndarray) -> tuple[Episode, int]:
    """An episode with these actions in turn, (K, A), each for the whole fleet."""
    fleet.reset()
    for step in range(1000):
        action = actions[step % len(actions)]
        _, _, dones, infos = fleet.step(np.tile(action, (fleet.num_envs, 1)))
        if dones[0]:
            return infos[0]["lander"], step + 1
    raise AssertionError("it never ended")


def test_the_last_row_is_the_episodes_end_and_the_next_row_the_next_ones_start() -> None:
    fleet = LanderFleet(FleetSettings(n_envs=2, start=ROUGH))
    off = np.zeros((1, STARSHIP_HLS.n_actions), np.float32)
    off[:, :3] = off[:, 9:12] = -1.0
    episode, _ = falls_until_the_end(fleet, off)
    (row,) = fleet.last_track(np.array([0]))
    last = dict(zip(TRACK_COLUMNS, row.tolist(), strict=True))
    assert last["time_s"] == pytest.approx(episode.time_s)
    assert last["x_m"] == pytest.approx(episode.x_m)
    assert last["y_m"] == pytest.approx(episode.y_m)
    assert last["height_m"] == pytest.approx(episode.altitude_m, abs=1e-5)
    assert last["tilt_deg"] == pytest.approx(math.degrees(episode.tilt_rad), abs=1e-3)
    assert last["propellant_fraction"] == pytest.approx(episode.fuel_fraction)
    speed = math.hypot(last["descent_rate_m_s"], last["horizontal_speed_m_s"])
    assert speed == pytest.approx(episode.speed_m_s, rel=1e-4)
    following = dict(zip(TRACK_COLUMNS, fleet.track()[0].tolist(), strict=True))
    assert following["time_s"] == 0.0
    assert following["propellant_fraction"] == 1.0
    fleet.close()


def test_roughness_is_the_mean_squared_change_of_the_action() -> None:
    fleet = LanderFleet(FleetSettings(start=ROUGH))
    high = np.full(STARSHIP_HLS.n_actions, -0.5, np.float32)
    low = high.copy()
    low[:5] = -1.0
    steady, _ = falls_until_the_end(fleet, high[None])
    # The five of fifteen commands that differ change by 0.5, every step.
    restless, _ = falls_until_the_end(fleet, np.stack([high, low]))
    assert steady.roughness == 0.0
    assert restless.roughness == pytest.approx(0.25 * 5 / 15)
    fleet.close()


def test_a_closed_fleet_has_no_track() -> None:
    fleet = LanderFleet(FleetSettings())
    fleet.close()
    with pytest.raises(RuntimeError, match="closed"):
        fleet.track()
