"""Telemetry against the start conditions; reading it must not change the flight."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicle import STANDARD_GRAVITY_M_S2
from env.physics.vehicles import STARSHIP_HLS
from env.task.start import StartConditions

FIXED = StartConditions(
    altitude_m=(400.0, 400.0),
    downrange_m=(300.0, 300.0),
    descent_rate_m_s=(12.0, 12.0),
    horizontal_speed_m_s=(5.0, 5.0),
    tilt_deg=(0.0, 0.0),
    delta_v_m_s=(334.0, 334.0),
    ground_slope_deg=(0.0, 0.0),
    relief=0.0,
    clear_radius_m=100.0,
    time_limit_s=60.0,
)
TILTED = 9.0


def actions(fleet: LanderFleet, value: float) -> npt.NDArray[np.float32]:
    shape = (fleet.num_envs, *(fleet.action_space.shape or ()))
    return np.full(shape, value, np.float32)


def test_telemetry_matches_the_start_conditions() -> None:
    fleet = LanderFleet(FleetSettings(n_envs=2, start=FIXED))
    fleet.reset()
    seen = fleet.telemetry(1)
    assert seen.time_s == 0.0
    assert seen.altitude_m == pytest.approx(400.0, abs=0.01)
    assert seen.distance_m == pytest.approx(300.0)
    assert math.hypot(seen.x_m, seen.y_m) == pytest.approx(300.0)
    assert seen.tilt_deg == pytest.approx(0.0, abs=1e-6)
    assert seen.spin_deg_s == 0.0
    # 300 m from the pad the local vertical leans by 300 m / R: 5 m/s of closing gives 0.9 mm/s.
    assert seen.descent_rate_m_s == pytest.approx(12.0, abs=2e-3)
    assert seen.horizontal_speed_m_s == pytest.approx(5.0, abs=3e-3)
    hub_kg = STARSHIP_HLS.hub_mass_kg
    exhaust_m_s = STARSHIP_HLS.engine_isp_s * STANDARD_GRAVITY_M_S2
    assert seen.propellant_kg == pytest.approx(hub_kg * math.expm1(334.0 / exhaust_m_s))
    assert seen.propellant_fraction == 1.0
    assert len(seen.gimbal_deg) == 2 * len(seen.engine_thrust)
    assert set(seen.engine_thrust + seen.landing_thrust + seen.gimbal_deg + seen.rcs) == {0.0}
    assert (seen.feet_down, seen.reward) == (0, 0.0)
    fleet.close()


def test_tilt_and_axis_agree() -> None:
    fleet = LanderFleet(FleetSettings(start=replace(FIXED, tilt_deg=(TILTED, TILTED))))
    fleet.reset()
    seen = fleet.telemetry(0)
    assert seen.tilt_deg == pytest.approx(TILTED)
    assert seen.up_z == pytest.approx(math.cos(math.radians(TILTED)))
    assert math.hypot(seen.up_x, seen.up_y, seen.up_z) == pytest.approx(1.0)
    fleet.close()


def test_actuators_are_in_full_scale_and_degrees() -> None:
    fleet = LanderFleet(FleetSettings(start=FIXED))
    fleet.reset()
    for _ in range(15):
        fleet.step(actions(fleet, 1.0))
    seen = fleet.telemetry(0)
    limit_deg = math.degrees(fleet.settings.vehicle.engine_gimbal_rad)
    assert seen.engine_thrust == pytest.approx((1.0,) * len(seen.engine_thrust), abs=0.02)
    assert seen.gimbal_deg == pytest.approx((limit_deg,) * len(seen.gimbal_deg), abs=0.01)
    assert seen.landing_thrust == pytest.approx((1.0,) * len(seen.landing_thrust), abs=1e-3)
    assert seen.rcs == pytest.approx((1.0,) * 3, abs=1e-3)
    assert seen.time_s == pytest.approx(1.5)
    assert 0.0 < seen.propellant_fraction < 1.0
    fleet.close()


def test_reading_telemetry_changes_no_flight_and_the_reward_adds_up() -> None:
    watched, unwatched = (LanderFleet(FleetSettings(start=FIXED)) for _ in range(2))
    watched.reset()
    unwatched.reset()
    total = 0.0
    for _ in range(50):
        seen, rewards, _, _ = watched.step(actions(watched, 0.3))
        watched.ground_profile(0, bearing_rad=1.0, reach_m=100.0, points=5)
        total += float(rewards[0])
        assert watched.telemetry(0).reward == pytest.approx(total, abs=1e-3)
        assert np.array_equal(
            np.asarray(seen), np.asarray(unwatched.step(actions(unwatched, 0.3))[0])
        )
    watched.close()
    unwatched.close()


def test_a_profile_is_symmetric_densest_at_the_pad_and_lies_on_the_ground() -> None:
    start = replace(FIXED, ground_slope_deg=(5.0, 5.0))
    fleet = LanderFleet(FleetSettings(start=start))
    fleet.reset()
    seen = fleet.telemetry(0)
    bearing_rad = math.atan2(seen.y_m, seen.x_m)
    profile = fleet.ground_profile(0, bearing_rad=bearing_rad, reach_m=300.0, points=101)
    distances = np.array(profile.distance_m)
    assert distances[[0, 50, 100]] == pytest.approx([-300.0, 0.0, 300.0])
    steps = np.diff(distances)
    assert (steps > 0.0).all()
    assert steps[50] < 0.1 * steps[99]
    # The start is over the profile's last point.
    assert profile.height_m[-1] == pytest.approx(seen.ground_height_m, abs=1e-6)
    fleet.close()


def test_a_closed_fleet_has_no_telemetry() -> None:
    fleet = LanderFleet(FleetSettings())
    fleet.close()
    with pytest.raises(RuntimeError, match="closed"):
        fleet.telemetry(0)
    with pytest.raises(RuntimeError, match="closed"):
        fleet.ground_profile(0, bearing_rad=0.0, reach_m=1.0, points=3)
