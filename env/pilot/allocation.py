"""Allocates force and torque to the craft's actuators.

Running engines give thrust, landing thrusters the remainder. Torque comes first from what costs no
extra propellant: gimbals while engines run, differential landing thrust while those burn; RCS
couples give the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.physics.actuators import IDLE_COMMAND, START_COMMAND
from env.physics.vehicle import Vehicle, vehicle_record
from env.pilot.mass import MassProperties
from env.pilot.sensed import Sensed
from env.pilot.vectors import Numbers, Vectors, unit

STARTING_COMMAND = START_COMMAND + 0.1  # clearly above the start command
RUNNING_COMMAND = IDLE_COMMAND + 0.02  # clearly above the idle command
# Share of full thrust below which a starting or stopping engine is not used for torque.
SMALLEST_PUSH = 0.04
# Gimbals that need longer than this to reach their limit only trim the engine.
TRIM_TIME_S = 1.0

Flags = npt.NDArray[np.bool_]


class Allocator:
    """The allocation for one vehicle: positions and capabilities of its actuators."""

    def __init__(self, vehicle: Vehicle) -> None:
        record = vehicle_record(vehicle)[0]
        self.vehicle = vehicle
        self.engines_m = record["engine_position_m"][: vehicle.n_engines].copy()  # (E, 3)
        self.landing_m = record["landing_position_m"][: vehicle.n_landing_thrusters].copy()
        self.rcs_nm = np.array(vehicle.rcs_torque_nm)
        self.gimbal_turns = vehicle.engine_gimbal_rad < TRIM_TIME_S * vehicle.gimbal_rate_rad_s
        self.fine_thrust_n = float(record["fine_thrust_n"])
        self.landing_thrust_n = len(self.landing_m) * vehicle.landing_thrust_n
        ones = np.ones(len(self.landing_m))
        # rows: sum of forces, torque about x, torque about y
        effect = np.stack([ones, self.landing_m[:, 1], -self.landing_m[:, 0]])
        self._landing_inverse = np.linalg.pinv(effect)  # (L, 3)

    def specific_force(self, state: Sensed, body: MassProperties) -> Vectors:
        """Thrust over mass (m/s^2), (N, 3), body axes, of the actuators' current state."""
        pitch, yaw = self._gimbal_angles(state)
        newton = state.throttle * self.vehicle.engine_thrust_n
        x = (newton * np.sin(pitch)).sum(axis=1)
        y = (newton * np.sin(yaw) * np.cos(pitch)).sum(axis=1)
        z = (newton * np.cos(pitch) * np.cos(yaw)).sum(axis=1)
        z = z + state.landing.sum(axis=1) * self.vehicle.landing_thrust_n
        return np.stack([x, y, z], axis=1) / body.mass_kg[:, None]

    def _gimbal_angles(self, state: Sensed) -> tuple[Numbers, Numbers]:
        angles = state.gimbal * self.vehicle.engine_gimbal_rad
        return angles[:, 0::2], angles[:, 1::2]

    def trimmed_direction(self, body: MassProperties) -> Vectors:
        """Unit vector (N, 3) of engine 0's thrust when it passes through the centre of mass."""
        x, y, z = self.engines_m[0]
        direction = np.stack(
            [np.full_like(body.mass_kg, -x), np.full_like(body.mass_kg, -y), body.centre_m - z],
            axis=1,
        )
        return unit(direction)

    def allocate(
        self,
        force_n: Numbers,
        torque_nm: Vectors,
        engine: Flags,
        state: Sensed,
        body: MassProperties,
    ) -> npt.NDArray[np.float32]:
        """Commands (N, A) in [-1, 1] for thrust `force_n` (N,) and torque about the centre of mass.

        `engine` (N,): whether engine 0 shall run.
        """
        craft = self.vehicle
        n_engines, n_landing = len(self.engines_m), len(self.landing_m)
        landing_start = 3 * n_engines
        rcs_start = landing_start + n_landing
        commands = np.zeros((len(force_n), rcs_start + 3))
        commands[:, :n_engines] = -1.0
        low = craft.engine_minimum_throttle
        throttle = np.clip(force_n / craft.engine_thrust_n, low, 1.0)
        start = IDLE_COMMAND + (1.0 - IDLE_COMMAND) * (throttle - low) / (1.0 - low)
        running = state.throttle[:, 0] > 0.5 * low
        start = np.where(running, np.maximum(start, RUNNING_COMMAND), STARTING_COMMAND)
        commands[:, 0] = np.where(engine, start, -1.0)

        left = torque_nm.copy()
        pushed = state.throttle[:, 0] * craft.engine_thrust_n
        turn = left if self.gimbal_turns else np.zeros_like(left)
        gimbal = self._gimbal(turn, np.where(engine | running, pushed, 0.0), body)
        commands[:, n_engines : n_engines + 2] = gimbal / craft.engine_gimbal_rad
        if not self.gimbal_turns:
            gimbal = state.gimbal[:, :2] * craft.engine_gimbal_rad
        left = left - self._engine_torque(gimbal, pushed, body)

        if n_landing:
            missing = np.clip(force_n - pushed, 0.0, self.landing_thrust_n)
            share = self._landing(missing, left)
            commands[:, landing_start:rcs_start] = 2.0 * share - 1.0
            newton = share * craft.landing_thrust_n
            # Not by a matrix product, whose rounding depends on the number of rows: an action
            # depends on its observation alone, however many craft fly.
            left[:, 0] -= (newton * self.landing_m[:, 1]).sum(axis=1)
            left[:, 1] += (newton * self.landing_m[:, 0]).sum(axis=1)
        commands[:, rcs_start:] = left / self.rcs_nm
        return np.clip(commands, -1.0, 1.0).astype(np.float32)

    def _gimbal(self, torque_nm: Vectors, newton: Numbers, body: MassProperties) -> Vectors:
        """Angles (N, 2) of engine 0 that give the torque about x and y, within their range."""
        x, y, z = self.engines_m[0]
        arm = body.centre_m - z
        push = np.maximum(newton, SMALLEST_PUSH * self.vehicle.engine_thrust_n)
        side_x = (-torque_nm[:, 1] - x * newton) / (arm * push)
        side_y = (torque_nm[:, 0] - y * newton) / (arm * push)
        limit = self.vehicle.engine_gimbal_rad
        angles = np.stack(
            [np.arcsin(np.clip(side_x, -0.5, 0.5)), np.arcsin(np.clip(side_y, -0.5, 0.5))], axis=1
        )
        return np.clip(np.where((newton > 0.0)[:, None], angles, 0.0), -limit, limit)

    def _engine_torque(self, angles: Vectors, newton: Numbers, body: MassProperties) -> Vectors:
        """Torque (N, 3) of engine 0 about the centre of mass."""
        x, y, z = self.engines_m[0]
        z = z - body.centre_m
        a, b = angles[:, 0], angles[:, 1]
        fx, fy = newton * np.sin(a), newton * np.sin(b) * np.cos(a)
        fz = newton * np.cos(a) * np.cos(b)
        return np.stack([y * fz - z * fy, z * fx - x * fz, x * fy - y * fx], axis=1)

    def _landing(self, newton: Numbers, torque_nm: Vectors) -> Numbers:
        """Throttles (N, L) whose sum is the force, with as much of the torque as fits."""
        full = self.vehicle.landing_thrust_n
        mean = newton[:, None] * self._landing_inverse[:, 0] / full
        about_x, about_y = self._landing_inverse[:, 1], self._landing_inverse[:, 2]
        turn = (torque_nm[:, :1] * about_x + torque_nm[:, 1:2] * about_y) / full
        room = np.where(turn > 0.0, 1.0 - mean, mean)
        fits = np.min(room / np.maximum(np.abs(turn), 1e-9), axis=1)
        share: Numbers = mean + np.clip(fits, 0.0, 1.0)[:, None] * turn
        return np.clip(share, 0.0, 1.0)
