"""The reference pilot: a policy that lands by classical guidance and control."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.physics.vehicle import Vehicle
from env.physics.vehicles import STARSHIP_HLS
from env.pilot.allocation import Allocator
from env.pilot.attitude import turning_torque
from env.pilot.descent import command
from env.pilot.estimator import Estimator
from env.pilot.mass import mass_properties
from env.pilot.sensed import NOSE, Decoder, Sensed
from env.pilot.vectors import cross, dot, norm, unit

# The engine is started when the demand exceeds the first share of its minimum thrust, and stopped
# below the second. Without landing thrusters nothing else gives thrust, but few starts are worth a
# delay.
ENGINE_SHARES = 0.8, 0.45
SOLE_ENGINE_SHARES = 1.5, 0.1
AIM_TIME_CONSTANT_S = 0.4


class ReferencePilot:
    """Flies N craft from their observations only.

    `act` is called once per control interval with every craft's row; `reset` names the craft that
    started a new episode since. Knows the vehicle's data, but not the simulation's state.
    """

    def __init__(
        self, vehicle: Vehicle = STARSHIP_HLS, n_craft: int = 1, control_interval_s: float = 0.1
    ) -> None:
        self._vehicle = vehicle
        self._interval_s = control_interval_s
        self._decoder = Decoder(vehicle)
        self._allocator = Allocator(vehicle)
        smallest = vehicle.engine_minimum_throttle * vehicle.engine_thrust_n
        start, stop = ENGINE_SHARES if vehicle.n_landing_thrusters else SOLE_ENGINE_SHARES
        self._start_n, self._stop_n = start * smallest, stop * smallest
        self._estimator = Estimator(n_craft, control_interval_s)
        self._engine = np.zeros(n_craft, bool)
        self._aim = np.zeros((n_craft, 3))
        self._fresh = np.ones(n_craft, bool)

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Reset these crafts' state for a new episode."""
        self._estimator.reset(crafts)
        self._engine[crafts] = False
        self._fresh[crafts] = True

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Go on with these craft alone, in this order."""
        self._estimator.keep(crafts)
        self._engine, self._aim = self._engine[crafts], self._aim[crafts]
        self._fresh = self._fresh[crafts]

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Commands (N, A) in [-1, 1] for observations (N, D)."""
        return self.fly(self._decoder.decode(observations))

    def fly(self, sensed: Sensed) -> npt.NDArray[np.float32]:
        """Commands (N, A) for the sensed state."""
        allocator = self._allocator
        body = mass_properties(self._vehicle, sensed.propellant_kg)
        push = allocator.specific_force(sensed, body)
        state = self._estimator.update(sensed, push)
        trim = allocator.fine_thrust_n / body.mass_kg
        order = command(state, push, self._lead_s(), trim, self._vehicle.braking)
        force = body.mass_kg * norm(order.acceleration_m_s2)
        self._engine = force > np.where(self._engine, self._stop_n, self._start_n)
        direction = np.where(
            (self._engine | order.engine_next)[:, None], allocator.trimmed_direction(body), NOSE
        )
        aim = self._smooth_aim(order.aim, state)
        capability = np.full(len(force), min(self._vehicle.rcs_torque_nm[:2]))
        torque = turning_torque(direction, aim, state.rate_rad_s, body, capability)
        along = body.mass_kg * np.maximum(dot(order.acceleration_m_s2, direction), 0.0)
        return allocator.allocate(along, torque, self._engine, state, body)

    def _lead_s(self) -> npt.NDArray[np.float64]:
        """Delay of the thrust (s): an engine that is off has to start first."""
        craft = self._vehicle
        lag = craft.engine_time_constant_s
        return np.where(self._engine, lag, lag + craft.engine_start_delay_s)

    def _smooth_aim(self, aim: npt.NDArray[np.float64], state: Sensed) -> npt.NDArray[np.float64]:
        """The aim through a first-order low-pass that turns with the body."""
        kept = self._aim + self._interval_s * cross(self._aim, state.rate_rad_s)
        kept = np.where(self._fresh[:, None], aim, kept)
        share = 1.0 - np.exp(-self._interval_s / AIM_TIME_CONSTANT_S)
        self._aim = unit(kept + share * (aim - kept))
        self._fresh[:] = False
        return self._aim
