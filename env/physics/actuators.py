"""Converts commands to force, torque and mass flow, compiled: engines, landing thrusters, RCS.

An action's layout follows the vehicle (`vehicle`); the actuators' states have the same layout.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.physics.vehicle import N_RCS_AXES, STANDARD_GRAVITY_M_S2

Vector = npt.NDArray[np.float64]

# An engine starts when its command has been at START_COMMAND or above for the whole start delay,
# and stops when it has been below STOP_COMMAND for as long. Noise around a mean command then
# neither starts nor stops one; otherwise the noise would fly the craft differently from the mean
# action.
START_COMMAND = 0.5
STOP_COMMAND = -0.25
IDLE_COMMAND = 0.0  # up to here a running engine gives its minimum thrust, at 1 its maximum
# The share of the tanks' content that a step may use. Basilisk stops a flow at the integrator stage
# that finds a tank empty: a last step that used all would drain half, and one tank before the
# other.
DRAWABLE = 1.0 - 1e-6


@njit(cache=True)
def advance_actuators(
    vehicle: Any, command: Any, actuator: Vector, wait_s: Vector, dt_s: float, cut: bool
) -> None:
    """Move one craft's actuators towards its commands over `dt_s`; `cut` shuts all thrust down.

    `command` and `actuator` have one entry per action, `wait_s` one per engine: how long its start
    or stop command has held. First-order lags; gimbals also have a rate limit.
    """
    lag = _lag(dt_s, vehicle.engine_time_constant_s)
    delay_s = vehicle.engine_start_delay_s - 1e-9
    for e in range(vehicle.n_engines):
        u = command[e]
        # below the delay: start command held; at it: engine running; beyond: stop command held
        running = wait_s[e] >= delay_s
        if cut:
            wait_s[e] = 0.0
        elif running:
            wait_s[e] = wait_s[e] + dt_s if u < STOP_COMMAND else vehicle.engine_start_delay_s
            if wait_s[e] >= 2.0 * delay_s:
                wait_s[e] = 0.0
        else:
            wait_s[e] = wait_s[e] + dt_s if u >= START_COMMAND else 0.0
        target = 0.0
        if wait_s[e] >= delay_s:
            span = (u - IDLE_COMMAND) / (1.0 - IDLE_COMMAND)
            low = vehicle.engine_minimum_throttle
            target = low + (1.0 - low) * min(max(span, 0.0), 1.0)
        actuator[e] += lag * (target - actuator[e])
    lag = _lag(dt_s, vehicle.gimbal_time_constant_s)
    turn = vehicle.gimbal_rate_rad_s * dt_s
    for k in range(vehicle.gimbal_start, vehicle.landing_start):
        change = lag * (vehicle.engine_gimbal_rad * command[k] - actuator[k])
        actuator[k] += min(max(change, -turn), turn)
    lag = _lag(dt_s, vehicle.landing_time_constant_s)
    for k in range(vehicle.landing_start, vehicle.rcs_start):
        target = 0.0 if cut else 0.5 * (command[k] + 1.0)
        actuator[k] += lag * (target - actuator[k])
    lag = _lag(dt_s, vehicle.rcs_time_constant_s)
    for k in range(vehicle.rcs_start, vehicle.n_actions):
        target = 0.0 if cut else command[k]
        actuator[k] += lag * (target - actuator[k])


@njit(cache=True, inline="always")
def _lag(dt_s: float, time_constant_s: float) -> float:
    """The share of a step that a first-order lag covers in `dt_s`."""
    return 1.0 - math.exp(-dt_s / time_constant_s)


@njit(cache=True)
def thrust(
    vehicle: Any, actuator: Vector, propellant_kg: float, dt_s: float, force: Vector, torque: Vector
) -> float:
    """Add force (N) and torque (N m about the body origin) in body axes; return mass flow (kg/s).

    Flow is thrust / (Isp g0). Thrust is limited to what the tanks can supply over `dt_s`.
    """
    gimbal, landing, rcs = vehicle.gimbal_start, vehicle.landing_start, vehicle.rcs_start
    flow = 0.0
    for e in range(vehicle.n_engines):
        flow += actuator[e] * vehicle.engine_thrust_n / vehicle.engine_isp_s
    for k in range(vehicle.n_landing_thrusters):
        flow += actuator[landing + k] * vehicle.landing_thrust_n / vehicle.landing_isp_s
    for k in range(N_RCS_AXES):
        couple = abs(actuator[rcs + k]) * vehicle.rcs_torque_nm[k] / vehicle.rcs_arm_m[k]
        flow += couple / vehicle.rcs_isp_s
    flow /= STANDARD_GRAVITY_M_S2
    fed = 1.0
    if flow * dt_s > DRAWABLE * propellant_kg:
        fed = max(DRAWABLE * propellant_kg, 0.0) / (flow * dt_s)
    for e in range(vehicle.n_engines):
        newton = fed * actuator[e] * vehicle.engine_thrust_n
        a, b = actuator[gimbal + 2 * e], actuator[gimbal + 2 * e + 1]
        fx = newton * math.sin(a)
        fy = newton * math.sin(b) * math.cos(a)
        fz = newton * math.cos(a) * math.cos(b)
        _add(vehicle.engine_position_m[e], fx, fy, fz, force, torque)
    for k in range(vehicle.n_landing_thrusters):
        newton = fed * actuator[landing + k] * vehicle.landing_thrust_n
        _add(vehicle.landing_position_m[k], 0.0, 0.0, newton, force, torque)
    for k in range(N_RCS_AXES):
        torque[k] += fed * actuator[rcs + k] * vehicle.rcs_torque_nm[k]
    return fed * flow


@njit(cache=True, inline="always")
def _add(r: Any, fx: float, fy: float, fz: float, force: Vector, torque: Vector) -> None:
    force[0] += fx
    force[1] += fy
    force[2] += fz
    torque[0] += r[1] * fz - r[2] * fy
    torque[1] += r[2] * fx - r[0] * fz
    torque[2] += r[0] * fy - r[1] * fx
