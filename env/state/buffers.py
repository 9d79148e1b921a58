"""The arrays shared by Python and the compiled Basilisk module: one row per craft, no copies.

Every Basilisk thread's module gets the same arrays and works on its own rows. The module's memory
stores their addresses, so its compiled code works for any number of landers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from env.base.addresses import carray, pointer
from env.physics.contact import FOOT_DTYPE
from env.physics.vehicle import MAX_ENGINES, N_FEET, VEHICLE_DTYPE, Vehicle, vehicle_record
from env.sensing.lidar import LIDAR_DTYPE
from env.sensing.sensors import N_BIASES, READING_DTYPE, SENSORS_DTYPE
from env.task.observation import observation_table
from env.task.reward import N_COMPONENTS
from env.task.start import START_DTYPE
from env.terrain.maps import MAP_DTYPE
from env.terrain.site import SITE_DTYPE

EPISODE_DTYPE = np.dtype(
    [
        ("seed", np.uint64),
        ("next_seed", np.uint64),  # of the episode after this one
        ("steps", np.int64),
        ("time_s", np.float64),
        ("time_limit_s", np.float64),
        ("difficulty", np.float64),  # the start conditions' label
        ("start_altitude_m", np.float64),
        ("start_downrange_m", np.float64),
        ("start_propellant_kg", np.float64),
        ("potential", np.float64),
        ("return_", np.float64),
        ("flight_steps", np.int64),  # from the second to the first touch
        ("command_change", np.float64),  # sum of mean squared changes of the action
        ("feet_down", np.int64),
        ("peak_compression_m", np.float64),
        ("touched", np.int64),  # 1 after the first ground contact, which cuts all thrust
        ("touchdown_speed_m_s", np.float64),
        ("touchdown_tilt_rad", np.float64),
        ("next_scan_s", np.float64),  # when the LiDAR's next frame is due
        ("rest_s", np.float64),  # time at rest without a break
        ("settle_s", np.float64),  # time since the first touch
    ]
)

# A craft's true state in recordings (`track`). Positions are of the point between the
# feet; axes x and y are Moon-centred, the pad is at x = y = 0.
TRACK_DTYPE = np.dtype(
    [
        (name, np.float32)
        for name in (
            "time_s",  # since the start of the episode
            "x_m",
            "y_m",
            "height_m",  # above the ground below
            "ground_height_m",  # of that ground, above the sphere through the pad
            "descent_rate_m_s",  # along the local vertical
            "horizontal_speed_m_s",
            "tilt_deg",  # of the craft's axis from the pad's vertical
            "propellant_fraction",  # of the initial propellant
            "engine_thrust",  # mean of the engines, of full thrust
            "landing_thrust",  # mean of the groups of landing thrusters, of full thrust
            "feet_down",
        )
    ]
)

FINISHED_DTYPE = np.dtype(
    [
        ("seed", np.uint64),
        ("difficulty", np.float64),
        ("outcome", np.int64),
        ("steps", np.int64),
        ("time_s", np.float64),
        ("return_", np.float64),
        ("altitude_m", np.float64),
        ("x_m", np.float64),  # of the point between the feet from the pad
        ("y_m", np.float64),
        ("tilt_rad", np.float64),
        ("speed_m_s", np.float64),
        ("spin_rad_s", np.float64),
        ("touchdown_speed_m_s", np.float64),
        ("touchdown_tilt_rad", np.float64),
        ("fuel_fraction", np.float64),
        ("roughness", np.float64),  # mean squared change of the action from step to step
        ("components", np.float64, (N_COMPONENTS,)),
        ("track", TRACK_DTYPE),  # the last state
    ]
)


class Buffers(NamedTuple):
    """Shared arrays. N craft, A actions, D observations."""

    model: npt.NDArray[np.void]  # (1,) VEHICLE_DTYPE, the vehicle as designed: known on board
    vehicle: npt.NDArray[np.void]  # (N,) VEHICLE_DTYPE, each craft as it is
    sensors: npt.NDArray[np.void]  # (N,) SENSORS_DTYPE
    lidar: npt.NDArray[np.void]  # (1,) LIDAR_DTYPE
    low: npt.NDArray[np.float32]  # (D,), limits of the observations
    high: npt.NDArray[np.float32]  # (D,)
    state_address: npt.NDArray[np.uint64]  # (N, 6): Basilisk's r_BN_N, v_BN_N, sigma, omega, tanks
    start: npt.NDArray[np.void]  # (N,) START_DTYPE
    episode: npt.NDArray[np.void]  # (N,) EPISODE_DTYPE
    finished: npt.NDArray[np.void]  # (N,) FINISHED_DTYPE; the row of an episode that just ended
    site: npt.NDArray[np.void]  # (N,) SITE_DTYPE, the episode's ground
    foot: npt.NDArray[np.void]  # (N, 4) FOOT_DTYPE
    stream: npt.NDArray[np.uint64]  # (N,), random state of the sensors' noise
    bias: npt.NDArray[np.float64]  # (N, N_BIASES), the sensors' errors of the episode
    reading: npt.NDArray[np.void]  # (N,) READING_DTYPE, the sensor readings
    delta_velocity: npt.NDArray[
        np.float64
    ]  # (N, 3), velocity change (m/s) by forces in this interval, body axes
    action: npt.NDArray[np.float32]  # (N, A), from Python
    previous_action: npt.NDArray[np.float32]  # (N, A), of the step before
    actuator: npt.NDArray[np.float64]  # (N, A), state of the actuators
    engine_wait_s: npt.NDArray[np.float64]  # (N, MAX_ENGINES), how long a start command has held
    component: npt.NDArray[np.float64]  # (N, N_COMPONENTS), reward by component, this episode
    observation: npt.NDArray[np.float32]  # (N, D), to Python
    last_observation: npt.NDArray[np.float32]  # (N, D), of an episode that just ended
    reward: npt.NDArray[np.float32]  # (N,)
    done: npt.NDArray[np.uint8]  # (N,)
    maps: npt.NDArray[np.void]  # (2,) MAP_DTYPE, the ground's height maps


def make_buffers(
    n_envs: int,
    vehicle: Vehicle,
    maps: npt.NDArray[np.void],
    sensors: npt.NDArray[np.void],
    lidar: npt.NDArray[np.void],
) -> Buffers:
    """Zeroed buffers for a fleet of `n_envs`."""
    table = observation_table(vehicle)
    n_actions, n_observations = vehicle.n_actions, len(table)
    return Buffers(
        model=vehicle_record(vehicle),
        vehicle=np.repeat(vehicle_record(vehicle), n_envs),
        sensors=np.repeat(sensors, n_envs),
        lidar=lidar,
        low=np.array([row.low for row in table], np.float32),
        high=np.array([row.high for row in table], np.float32),
        state_address=np.zeros((n_envs, 6), np.uint64),
        start=np.zeros(n_envs, START_DTYPE),
        episode=np.zeros(n_envs, EPISODE_DTYPE),
        finished=np.zeros(n_envs, FINISHED_DTYPE),
        site=np.zeros(n_envs, SITE_DTYPE),
        foot=np.zeros((n_envs, N_FEET), FOOT_DTYPE),
        stream=np.zeros(n_envs, np.uint64),
        bias=np.zeros((n_envs, N_BIASES)),
        reading=np.zeros(n_envs, READING_DTYPE),
        delta_velocity=np.zeros((n_envs, 3)),
        action=np.zeros((n_envs, n_actions), np.float32),
        previous_action=np.zeros((n_envs, n_actions), np.float32),
        actuator=np.zeros((n_envs, n_actions)),
        engine_wait_s=np.zeros((n_envs, MAX_ENGINES)),
        component=np.zeros((n_envs, N_COMPONENTS)),
        observation=np.zeros((n_envs, n_observations), np.float32),
        last_observation=np.zeros((n_envs, n_observations), np.float32),
        reward=np.zeros(n_envs, np.float32),
        done=np.zeros(n_envs, np.uint8),
        maps=maps,
    )


@njit(cache=True, inline="always")
def doubles_at(address: int, count: int) -> npt.NDArray[np.float64]:
    """The `count` doubles at an address, a view of a Basilisk state's memory."""
    numbers: npt.NDArray[np.float64] = carray(pointer(address), (count,), np.float64)
    return numbers


@njit(cache=True)
def attach(memory: Any) -> Buffers:
    """The buffers whose addresses and sizes are in a module's memory."""
    n = memory.n_envs
    model = carray(pointer(memory.model), (1,), VEHICLE_DTYPE)
    n_actions, n_observations = model[0].n_actions, memory.n_observations
    return Buffers(
        model,
        carray(pointer(memory.vehicle), (n,), VEHICLE_DTYPE),
        carray(pointer(memory.sensors), (n,), SENSORS_DTYPE),
        carray(pointer(memory.lidar), (1,), LIDAR_DTYPE),
        carray(pointer(memory.low), (n_observations,), np.float32),
        carray(pointer(memory.high), (n_observations,), np.float32),
        carray(pointer(memory.state_address), (n, 6), np.uint64),
        carray(pointer(memory.start), (n,), START_DTYPE),
        carray(pointer(memory.episode), (n,), EPISODE_DTYPE),
        carray(pointer(memory.finished), (n,), FINISHED_DTYPE),
        carray(pointer(memory.site), (n,), SITE_DTYPE),
        carray(pointer(memory.foot), (n, N_FEET), FOOT_DTYPE),
        carray(pointer(memory.stream), (n,), np.uint64),
        carray(pointer(memory.bias), (n, N_BIASES), np.float64),
        carray(pointer(memory.reading), (n,), READING_DTYPE),
        carray(pointer(memory.delta_velocity), (n, 3), np.float64),
        carray(pointer(memory.action), (n, n_actions), np.float32),
        carray(pointer(memory.previous_action), (n, n_actions), np.float32),
        carray(pointer(memory.actuator), (n, n_actions), np.float64),
        carray(pointer(memory.engine_wait_s), (n, MAX_ENGINES), np.float64),
        carray(pointer(memory.component), (n, N_COMPONENTS), np.float64),
        carray(pointer(memory.observation), (n, n_observations), np.float32),
        carray(pointer(memory.last_observation), (n, n_observations), np.float32),
        carray(pointer(memory.reward), (n,), np.float32),
        carray(pointer(memory.done), (n,), np.uint8),
        carray(pointer(memory.maps), (2,), MAP_DTYPE),
    )
