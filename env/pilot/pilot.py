"""The reference pilot: a policy that lands by classical guidance and control."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.moon import SURFACE_GRAVITY_M_S2
from env.pilot.allocation import Allocator
from env.pilot.attitude import turning_torque
from env.pilot.descent import Command, command
from env.pilot.estimator import Estimator
from env.pilot.mass import MassProperties, mass_properties
from env.pilot.sensed import Sensed, decode
from env.pilot.vectors import cross, dot, unit
from env.vehicle import STARSHIP_HLS, Vehicle

ENGINE_START_SHARE = 0.8  # of the engine's smallest thrust: asked for so much, it is started ...
ENGINE_STOP_SHARE = 0.45  # ... and stopped below this
AIM_TIME_CONSTANT_S = 0.4


class ReferencePilot:
    """Flies N craft by their observations alone.

    `act` is called once a control interval with every craft's row; `reset` tells which craft began
    a new episode since. Knows the vehicle's data, nothing of the simulation's state.
    """

    def __init__(
        self, vehicle: Vehicle = STARSHIP_HLS, n_craft: int = 1, control_interval_s: float = 0.1
    ) -> None:
        self._vehicle = vehicle
        self._interval_s = control_interval_s
        self._allocator = Allocator(vehicle)
        self._estimator = Estimator(n_craft, control_interval_s)
        self._engine = np.zeros(n_craft, bool)
        self._aim = np.zeros((n_craft, 3))
        self._fresh = np.ones(n_craft, bool)

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Forget all about these crafts' last episodes."""
        self._estimator.reset(crafts)
        self._engine[crafts] = False
        self._fresh[crafts] = True

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Commands (N, A) in [-1, 1] for observations (N, D)."""
        allocator = self._allocator
        sensed = decode(observations, len(allocator.engines_m), len(allocator.landing_m))
        return self.fly(sensed)

    def fly(self, sensed: Sensed) -> npt.NDArray[np.float32]:
        """Commands for what was sensed."""
        allocator = self._allocator
        body = mass_properties(self._vehicle, sensed.propellant_kg)
        push = allocator.specific_force(sensed, body)
        state = self._estimator.update(sensed, push)
        order = command(state, push, self._lead_s(state), self._side_capability(body))
        self._switch_engine(order, body)
        direction = np.where(
            (self._engine | order.engine_next)[:, None], allocator.trimmed_direction(body), np.array([0.0, 0.0, 1.0])
        )
        aim = self._smooth_aim(order.aim, state)
        capability = np.minimum(*allocator.rcs_nm[:2]) * np.ones_like(body.mass_kg)
        torque = turning_torque(direction, aim, state.rate_rad_s, body, capability)
        force = body.mass_kg * np.maximum(dot(order.acceleration_m_s2, direction), 0.0)
        commands = allocator.allocate(force, torque, self._engine, state, body)
        self.debug = (state, order, force, torque, aim)
        return commands

    def _lead_s(self, state: Sensed) -> npt.NDArray[np.float64]:
        craft = self._vehicle
        start = craft.engine_start_delay_s + craft.engine_time_constant_s
        return np.where(self._engine, craft.engine_time_constant_s, start)

    def _side_capability(self, body: MassProperties) -> npt.NDArray[np.float64]:
        return self._allocator.landing_thrust_n / body.mass_kg

    def _switch_engine(self, order: Command, body: MassProperties) -> None:
        """Engines cannot be throttled low: start late, stop early, and let the other thrusters fill."""
        smallest = self._vehicle.engine_minimum_throttle * self._vehicle.engine_thrust_n
        asked = body.mass_kg * np.linalg.norm(order.acceleration_m_s2, axis=1)
        self._engine = np.where(
            self._engine, asked > ENGINE_STOP_SHARE * smallest, asked > ENGINE_START_SHARE * smallest
        )

    def _smooth_aim(self, aim: npt.NDArray[np.float64], state: Sensed) -> npt.NDArray[np.float64]:
        kept = self._aim + self._interval_s * cross(self._aim, state.rate_rad_s)
        share = np.where(self._fresh, 1.0, 1.0 - np.exp(-self._interval_s / AIM_TIME_CONSTANT_S))
        self._aim = unit(kept + share[:, None] * (aim - kept))
        self._fresh[:] = False
        return self._aim
