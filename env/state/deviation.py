"""How one lander deviates from what is known on board: from its model, its instruments, its start.

Only the simulation knows of it. Observation, reward and propellant load are still computed with the
vehicle as designed (`Buffers.model`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from env.physics.vehicle import Vehicle, vehicle_record
from env.sensing.sensors import SensorModel, sensor_record
from env.task.flyable import LARGEST_SENSED_M
from env.task.start import Range, StartConditions

LARGEST_TILT_DEG = 180.0


@dataclass(frozen=True)
class Deviation:
    """Factors of the design's values, and what is added to them. The default is no deviation."""

    hub_mass: float = 1.0  # factor of the mass without propellant, and of its moments of inertia
    isp: float = 1.0  # factor, of all engines and thrusters
    thrust: float = 1.0  # factor, of main engines and landing thrusters at any throttle
    engine_delay_s: float = 0.0  # added to the main engines' start and stop delay
    lost_engine: int | None = None  # this main engine gives no thrust ...
    engine_loss_s: float = 0.0  # ... from this time of the episode on
    sensor_bias: float = 1.0  # factor of each instrument's error that is constant in an episode
    outage: float = 0.0  # probability that altimeter and velocimeter are out for a second
    ray_loss: float = 0.0  # share of the LiDAR's rays lost beside its own dropouts
    relief: float = 1.0  # factor of the stage's relief
    altitude: float = 1.0  # factors of what the seed draws for the start
    downrange: float = 1.0
    descent_rate: float = 1.0
    horizontal_speed: float = 1.0
    delta_v: float = 1.0  # of the propellant on board, by the design's mass and Isp
    tilt_deg: float = 0.0  # added

    def vehicle(self, design: Vehicle) -> tuple[Vehicle, npt.NDArray[np.void]]:
        """The vehicle as it is, and its VEHICLE_DTYPE record (1,).

        Raises ValueError for a lost engine that it does not have.
        """
        x, y, z = design.hub_inertia_kg_m2
        actual = replace(
            design,
            dry_mass_kg=self.hub_mass * design.dry_mass_kg,
            payload_mass_kg=self.hub_mass * design.payload_mass_kg,
            hub_inertia_kg_m2=(self.hub_mass * x, self.hub_mass * y, self.hub_mass * z),
            engine_isp_s=self.isp * design.engine_isp_s,
            landing_isp_s=self.isp * design.landing_isp_s,
            rcs_isp_s=self.isp * design.rcs_isp_s,
            engine_thrust_n=self.thrust * design.engine_thrust_n,
            landing_thrust_n=self.thrust * design.landing_thrust_n,
            engine_start_delay_s=self.engine_delay_s + design.engine_start_delay_s,
        )
        record = vehicle_record(actual)
        if self.lost_engine is not None:
            if not 0 <= self.lost_engine < design.n_engines:
                raise ValueError(f"{design.name} has no engine {self.lost_engine}")
            record["lost_engine"], record["engine_loss_s"] = self.lost_engine, self.engine_loss_s
        return actual, record

    def sensors(self, model: SensorModel) -> npt.NDArray[np.void]:
        """The instruments as a SENSORS_DTYPE record (1,)."""
        record = sensor_record(model)
        for name in vars(model):
            if "_bias" in name:
                record[name] *= self.sensor_bias
        record["outage"], record["ray_loss"] = self.outage, self.ray_loss
        return record

    def start(self, start: StartConditions, vehicle: Vehicle) -> StartConditions:
        """The start of one episode: what its seed draws from `start`, with the deviation.

        Cut to what is possible: no tilt below zero, no more propellant than fits the tanks.
        """
        most_m_s = vehicle.delta_v_capacity_m_s
        return replace(
            start,
            altitude_m=_times(start.altitude_m, self.altitude, LARGEST_SENSED_M),
            downrange_m=_times(start.downrange_m, self.downrange, LARGEST_SENSED_M),
            descent_rate_m_s=_times(start.descent_rate_m_s, self.descent_rate),
            horizontal_speed_m_s=_times(start.horizontal_speed_m_s, self.horizontal_speed),
            delta_v_m_s=_times(start.delta_v_m_s, self.delta_v, most_m_s),
            tilt_deg=_plus(start.tilt_deg, self.tilt_deg, LARGEST_TILT_DEG),
            relief=self.relief * start.relief,
        )


# What is drawn from a range is moved as its two ends are.


def _times(limits: Range, factor: float, most: float = math.inf) -> Range:
    low, high = (min(limit * factor, most) for limit in limits)
    return low, high


def _plus(limits: Range, change: float, most: float) -> Range:
    low, high = (min(max(limit + change, 0.0), most) for limit in limits)
    return low, high
