"""The observation's fields against independent computations in float64.

Without specific force and the LiDAR's profile.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.fleet import FleetSettings, LanderFleet
from env.physics.attitude import body_to_inertial
from env.physics.guidance import reference_closing_m_s, reference_sink_m_s
from env.physics.vehicle import STANDARD_GRAVITY_M_S2, vehicle_record
from env.physics.vehicles import STARSHIP_HLS
from env.sensing.sensors import PERFECT
from env.state.telemetry import Telemetry
from env.task.observation import observation_table
from env.task.reference import VelocityError, acceleration_demand
from env.task.start import StartConditions

N_CRAFT, STEPS = 16, 30
VEHICLE = vehicle_record(STARSHIP_HLS)[0]
FIELD = {row.name: k for k, row in enumerate(observation_table(STARSHIP_HLS))}
START = StartConditions(
    altitude_m=(200.0, 3_000.0),
    downrange_m=(20.0, 800.0),
    descent_rate_m_s=(5.0, 40.0),
    horizontal_speed_m_s=(2.0, 30.0),
    tilt_deg=(2.0, 15.0),
    delta_v_m_s=(500.0, 800.0),
    ground_slope_deg=(0.0, 4.0),
    relief=1.0,
    clear_radius_m=0.0,
    time_limit_s=120.0,
)
SETTINGS = FleetSettings(n_envs=N_CRAFT, start=START, sensors=PERFECT)
Vector = npt.NDArray[np.float64]


class Seen:
    """One craft in flight: its observation and its true state."""

    def __init__(self, observation: npt.NDArray[np.float32], truth: Telemetry, state: Vector):
        self._observation, self.truth = observation, truth
        self.velocity, self.omega = state[3:6], state[9:12]
        self.dcm = np.empty((3, 3))  # from body to pad
        body_to_inertial(state[6:9].copy(), self.dcm)
        self.pad_offset = np.array([truth.x_m, truth.y_m])
        self.centre = state[:2]  # the body axes' origin, at which the field is measured
        distance, height = math.hypot(*self.centre), truth.altitude_m
        sink = float(reference_sink_m_s(height, distance, *STARSHIP_HLS.braking))
        descent = -float(self.velocity[2])
        closing = float(reference_closing_m_s(height, distance, descent, *STARSHIP_HLS.braking))
        reference = np.array([*(-closing / distance * self.centre), -sink])
        side, down = 1.0 + 0.1 * closing + 0.05 * sink, 1.0 + 0.2 * sink
        self.error = self.velocity - reference
        self.scale = np.array([side, side, down])

    def __getitem__(self, name: str) -> float:
        return float(self._observation[FIELD[name]])

    def axes(self, name: str, axes: str = "xyz") -> Vector:
        return np.array([self[f"{name}_{axis}"] for axis in axes])


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Craft in flight over rough ground, tilted, turning and thrusting, with perfect sensors."""
    fleet = LanderFleet(SETTINGS)
    fleet.seed(7)
    observations = fleet.reset()
    generator = np.random.default_rng(7)
    held = generator.uniform(-1.0, 1.0, (N_CRAFT, STARSHIP_HLS.n_actions)).astype(np.float32)
    for _ in range(STEPS):
        fleet.step_async(held)
        observations, _, dones, _ = fleet.step_wait()
        assert not dones.any()
    states = fleet.snapshot().arrays["basilisk_states"]
    crafts = [Seen(observations[i], fleet.telemetry(i), states[i]) for i in range(N_CRAFT)]
    fleet.close()
    return crafts


def near(value: Vector | float) -> object:
    """Float32, and a sum of terms a thousand times as large as their difference."""
    return pytest.approx(value, rel=2e-4, abs=2e-4)


def test_height_and_place(seen: list[Seen]) -> None:
    for craft in seen:
        height = craft.truth.altitude_m
        assert craft["log_height"] == near(math.log1p(height) / 10.0)
        assert craft["near_height"] == near(height / (height + 10.0))
        assert craft.axes("pad_offset", "xy") == near(np.arcsinh(craft.pad_offset))
        below = np.array([*craft.pad_offset, height])
        assert craft.axes("pad_direction_body") == near(np.arcsinh(-craft.dcm.T @ below))


def test_velocity_and_its_error(seen: list[Seen]) -> None:
    for craft in seen:
        assert craft.axes("velocity") == near(np.arcsinh(craft.velocity))
        assert craft["side_scale"] == near(math.asinh(craft.scale[0]))
        assert craft["sink_scale"] == near(math.asinh(craft.scale[2]))
        error = craft.error / craft.scale
        assert craft.axes("velocity_error") == near(np.clip(error, -5.0, 5.0))
        in_body = np.clip(craft.dcm.T @ error, -5.0, 5.0)
        assert craft.axes("velocity_error_body") == near(in_body)


def test_the_demand_opposes_the_error_and_carries_the_weight(seen: list[Seen]) -> None:
    for craft in seen:
        x, y = craft.centre
        height, error = craft.truth.altitude_m, craft.error
        measured = VelocityError(error[0], error[1], error[2], craft.scale[0], craft.scale[2])
        asked: tuple[float, ...] = acceleration_demand(
            VEHICLE, x, y, height, craft.velocity, measured
        )
        demand: Vector = np.array(asked)
        in_body = np.clip(craft.dcm.T @ demand / 4.0, -5.0, 5.0)
        assert craft.axes("demand_body") == near(in_body)
        direction = craft.dcm.T @ demand / np.linalg.norm(demand)
        assert craft.axes("demand_direction_body") == near(direction)
        if error[2] < 0.0:  # sinks too fast
            assert demand[2] > SURFACE_GRAVITY_M_S2


def test_attitude_rates_and_what_is_left(seen: list[Seen]) -> None:
    for craft in seen:
        exhaust_m_s = STARSHIP_HLS.engine_isp_s * STANDARD_GRAVITY_M_S2
        mass_ratio = 1.0 + craft.truth.propellant_kg / VEHICLE["hub_mass_kg"]
        assert craft.axes("up_body") == near(craft.dcm[2])
        assert craft.axes("omega_BN_B") == near(np.clip(10.0 * craft.omega, -20.0, 20.0))
        assert craft["delta_v_left"] == near(1e-3 * exhaust_m_s * math.log(mass_ratio))
        assert craft["time_left"] == near(
            1.0 - STEPS * SETTINGS.control_interval_s / START.time_limit_s
        )
        assert craft["feet_down"] == 0.0
        assert craft["touchdown_speed"] == 0.0
        assert craft["engine_0"] == near(craft.truth.engine_thrust[0])
        assert craft["rcs_z"] == near(craft.truth.rcs[2])
