"""The arrays that Python and the compiled Basilisk module share: one row a craft, no copies.

Every Basilisk thread's module gets the same arrays and works on its own rows. The module's memory
holds their addresses, not the arrays, so its compiled code serves any number of landers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from env.contact import FOOT_DTYPE
from env.observation import OBSERVATION_SIZE
from env.reward import N_COMPONENTS
from env.start import START_SIZE
from env.terrain import MAP_DTYPE, SITE_DTYPE
from env.vehicle import MAX_ENGINES, N_FEET, VEHICLE_DTYPE, Vehicle, vehicle_record

EPISODE_DTYPE = np.dtype(
    [
        ("seed", np.uint64),
        ("next_seed", np.uint64),  # of the episode after this one
        ("steps", np.int64),
        ("time_s", np.float64),
        ("time_limit_s", np.float64),
        ("start_altitude_m", np.float64),
        ("start_downrange_m", np.float64),
        ("start_propellant_kg", np.float64),
        ("potential", np.float64),
        ("return_", np.float64),
        ("command_change", np.float64),  # sum of mean squared changes of the action
        ("feet_down", np.int64),
        ("peak_compression_m", np.float64),
        ("touched", np.int64),  # 1 once a foot has met the ground; all thrust is cut then
        ("touchdown_speed_m_s", np.float64),
        ("touchdown_tilt_rad", np.float64),
        ("rest_s", np.float64),  # time at rest without a break
        ("settle_s", np.float64),  # time since the first touch
    ]
)

FINISHED_DTYPE = np.dtype(
    [
        ("seed", np.uint64),
        ("outcome", np.int64),
        ("steps", np.int64),
        ("time_s", np.float64),
        ("return_", np.float64),
        ("altitude_m", np.float64),
        ("distance_m", np.float64),
        ("speed_m_s", np.float64),
        ("touchdown_speed_m_s", np.float64),
        ("touchdown_tilt_rad", np.float64),
        ("fuel_fraction", np.float64),
        ("roughness", np.float64),
        ("components", np.float64, (N_COMPONENTS,)),
    ]
)


class Buffers(NamedTuple):
    """Shared arrays. N craft, A actions, D observations."""

    vehicle: npt.NDArray[np.void]  # (1,) VEHICLE_DTYPE
    state_address: npt.NDArray[np.uint64]  # (N, 6): Basilisk's r_BN_N, v_BN_N, sigma, omega, tanks
    start: npt.NDArray[np.float64]  # (N, START_SIZE)
    episode: npt.NDArray[np.void]  # (N,) EPISODE_DTYPE
    finished: npt.NDArray[np.void]  # (N,) FINISHED_DTYPE; the row of an episode that just ended
    maps: npt.NDArray[np.void]  # (1,) MAP_DTYPE
    site: npt.NDArray[np.void]  # (N,) SITE_DTYPE; the ground of the episode
    foot: npt.NDArray[np.void]  # (N, N_FEET) FOOT_DTYPE
    action: npt.NDArray[np.float32]  # (N, A), from Python
    previous_action: npt.NDArray[np.float32]  # (N, A), of the step before
    actuator: npt.NDArray[np.float64]  # (N, A), what the actuators do
    engine_wait_s: npt.NDArray[np.float64]  # (N, MAX_ENGINES), how long a start command holds
    component: npt.NDArray[np.float64]  # (N, N_COMPONENTS), reward by component, this episode
    observation: npt.NDArray[np.float32]  # (N, D), to Python
    last_observation: npt.NDArray[np.float32]  # (N, D), of an episode that just ended
    reward: npt.NDArray[np.float32]  # (N,)
    done: npt.NDArray[np.uint8]  # (N,)


def make_buffers(n_envs: int, vehicle: Vehicle) -> Buffers:
    """Buffers for a fleet of `n_envs`: zeroes, but for the vehicle's record."""
    n_actions = vehicle.n_actions
    return Buffers(
        vehicle=vehicle_record(vehicle),
        state_address=np.zeros((n_envs, 6), np.uint64),
        start=np.zeros((n_envs, START_SIZE)),
        episode=np.zeros(n_envs, EPISODE_DTYPE),
        finished=np.zeros(n_envs, FINISHED_DTYPE),
        maps=np.zeros(1, MAP_DTYPE),
        site=np.zeros(n_envs, SITE_DTYPE),
        foot=np.zeros((n_envs, N_FEET), FOOT_DTYPE),
        action=np.zeros((n_envs, n_actions), np.float32),
        previous_action=np.zeros((n_envs, n_actions), np.float32),
        actuator=np.zeros((n_envs, n_actions)),
        engine_wait_s=np.zeros((n_envs, MAX_ENGINES)),
        component=np.zeros((n_envs, N_COMPONENTS)),
        observation=np.zeros((n_envs, OBSERVATION_SIZE), np.float32),
        last_observation=np.zeros((n_envs, OBSERVATION_SIZE), np.float32),
        reward=np.zeros(n_envs, np.float32),
        done=np.zeros(n_envs, np.uint8),
    )


def _address_to_pointer(typing_context: Any, address: Any) -> Any:
    """Code generation: an integer address as a void pointer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(types.uint64), generate


_pointer: Any = intrinsic(_address_to_pointer)
carray: Any = numba.carray  # type: ignore[attr-defined]


@njit(cache=True, inline="always")
def doubles_at(address: int, count: int) -> npt.NDArray[np.float64]:
    """The `count` doubles at an address: a Basilisk state's own memory."""
    numbers: npt.NDArray[np.float64] = carray(_pointer(address), (count,), np.float64)
    return numbers


@njit(cache=True)
def attach(memory: Any) -> Buffers:
    """The buffers whose addresses a module's memory holds."""
    n = memory.n_envs
    vehicle = carray(_pointer(memory.vehicle), (1,), VEHICLE_DTYPE)
    n_actions = vehicle[0].n_actions
    return Buffers(
        vehicle,
        carray(_pointer(memory.state_address), (n, 6), np.uint64),
        carray(_pointer(memory.start), (n, START_SIZE), np.float64),
        carray(_pointer(memory.episode), (n,), EPISODE_DTYPE),
        carray(_pointer(memory.finished), (n,), FINISHED_DTYPE),
        carray(_pointer(memory.maps), (1,), MAP_DTYPE),
        carray(_pointer(memory.site), (n,), SITE_DTYPE),
        carray(_pointer(memory.foot), (n, N_FEET), FOOT_DTYPE),
        carray(_pointer(memory.action), (n, n_actions), np.float32),
        carray(_pointer(memory.previous_action), (n, n_actions), np.float32),
        carray(_pointer(memory.actuator), (n, n_actions), np.float64),
        carray(_pointer(memory.engine_wait_s), (n, MAX_ENGINES), np.float64),
        carray(_pointer(memory.component), (n, N_COMPONENTS), np.float64),
        carray(_pointer(memory.observation), (n, OBSERVATION_SIZE), np.float32),
        carray(_pointer(memory.last_observation), (n, OBSERVATION_SIZE), np.float32),
        carray(_pointer(memory.reward), (n,), np.float32),
        carray(_pointer(memory.done), (n,), np.uint8),
    )
