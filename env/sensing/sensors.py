"""Sensor readings, compiled: the true state plus each sensor's errors.

Every sensor has errors that are constant in an episode (bias, scale, misalignment) and errors that
are new at each reading. Both are normal numbers from the craft's own stream, so a flight with noise
is also a function of its seed.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from env.base.random import next_normals, unit_uniform
from env.sensing.lidar import PROFILE_SIZE, RAYS


@dataclass(frozen=True)
class SensorModel:
    """Standard deviations (1 sigma). `_bias`: constant in an episode; `_noise`: new each reading.

    Fractions are of the height (position), of the reading itself (velocity, altimeter, gauges).
    Values for classes of instruments: assumptions unless a source is named.
    """

    # Terrain-relative navigation with a marked pad: worse from high up.
    position_bias_m: float = 0.2
    position_bias_fraction: float = 0.002
    position_noise_m: float = 0.05
    # Doppler lidar: a few cm/s. NASA Langley, Navigation Doppler Lidar.
    velocity_bias_fraction: float = 0.001
    velocity_noise_m_s: float = 0.02
    # Lidar altimeter, corrected for tilt.
    altimeter_bias_fraction: float = 0.001
    altimeter_noise_m: float = 0.05
    # Star tracker and its mounting.
    attitude_bias_rad: float = math.radians(0.03)
    attitude_noise_rad: float = math.radians(0.01)
    # Inertial measurement unit, tactical grade.
    gyro_bias_rad_s: float = math.radians(1.0 / 3600.0)
    gyro_noise_rad_s: float = math.radians(0.01)
    accelerometer_bias_m_s2: float = 1e-3
    accelerometer_noise_m_s2: float = 5e-3
    # Fuel gauges, one per tank.
    gauge_bias_fraction: float = 0.01
    gauge_noise_fraction: float = 0.002

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"{name} = {value}: a standard deviation is finite and at least 0")

    def scaled(self, factor: float) -> SensorModel:
        """The model with every standard deviation times `factor`; 0 gives perfect instruments."""
        return SensorModel(*(factor * value for value in astuple(self)))


NOISY = SensorModel()
PERFECT = NOISY.scaled(0.0)

OUTAGE_S = 1.0  # how long an outage of the altimeter and the velocimeter lasts

SENSORS_DTYPE = np.dtype(
    [(name, np.float64) for name in vars(NOISY)]
    + [
        ("noisy", np.int64),
        ("outage", np.float64),  # probability of one in each OUTAGE_S of an episode
        ("ray_loss", np.float64),  # share of the LiDAR's rays lost beside its own dropouts
    ]
)


def sensor_record(model: SensorModel) -> npt.NDArray[np.void]:
    """The model as one SENSORS_DTYPE record for compiled code."""
    return np.array([(*astuple(model), int(model != PERFECT), 0.0, 0.0)], SENSORS_DTYPE)


READING_DTYPE = np.dtype(
    [
        ("height_m", np.float64),  # altimeter: of the feet above the ground below them
        ("pad_offset_m", np.float64, (2,)),  # of the point between the feet from the pad
        ("velocity_m_s", np.float64, (3,)),  # Moon-centred axes
        ("dcm", np.float64, (3, 3)),  # [NB] from the attitude estimate
        ("omega_rad_s", np.float64, (3,)),  # body axes
        ("specific_force_m_s2", np.float64, (3,)),  # body axes, mean over the control interval
        ("propellant_kg", np.float64, (2,)),  # oxidizer, fuel
        ("ranges_m", np.float32, (RAYS,)),  # LiDAR, by ray; NaN without a return
        (
            "profile",
            np.float32,
            (PROFILE_SIZE,),
        ),  # azimuthal profile of the ranges (env.sensing.lidar)
        ("lidar_returns", np.float64),  # share of the rays
    ]
)
"""One craft's readings at the end of a control interval."""

# Normal numbers of an episode, and of a reading; both in the order in which `sense` uses them.
N_BIASES = 18
_N_NOISES = 18


@njit(cache=True)
def draw_biases(stream: Any, i: int, bias: npt.NDArray[np.float64]) -> None:
    """Fill craft i's row of standard normal numbers, shape (N, N_BIASES), for a new episode."""
    for k in range(0, N_BIASES, 2):
        bias[i, k], bias[i, k + 1] = next_normals(stream, i)


@njit(cache=True)
def disturb(sensors: Any, bias: Any, stream: Any, i: int, reading: Any) -> None:
    """Add craft i's sensor errors to the true values in `reading` (READING_DTYPE)."""
    b = bias[i]
    w = np.empty(_N_NOISES)
    for k in range(0, _N_NOISES, 2):
        w[k], w[k + 1] = next_normals(stream, i)
    height = max(reading.height_m, 0.0)
    reading.height_m += sensors.altimeter_bias_fraction * height * b[0]
    reading.height_m += sensors.altimeter_noise_m * w[0]
    offset = sensors.position_bias_m + sensors.position_bias_fraction * height
    for k in range(2):
        reading.pad_offset_m[k] += offset * b[1 + k] + sensors.position_noise_m * w[1 + k]
        gauge = sensors.gauge_bias_fraction * b[3 + k] + sensors.gauge_noise_fraction * w[3 + k]
        reading.propellant_kg[k] = max(reading.propellant_kg[k] * (1.0 + gauge), 0.0)
    for k in range(3):
        scale = 1.0 + sensors.velocity_bias_fraction * b[5 + k]
        reading.velocity_m_s[k] *= scale
        reading.velocity_m_s[k] += sensors.velocity_noise_m_s * w[5 + k]
        reading.omega_rad_s[k] += sensors.gyro_bias_rad_s * b[8 + k]
        reading.omega_rad_s[k] += sensors.gyro_noise_rad_s * w[8 + k]
        reading.specific_force_m_s2[k] += sensors.accelerometer_bias_m_s2 * b[11 + k]
        reading.specific_force_m_s2[k] += sensors.accelerometer_noise_m_s2 * w[11 + k]
    ex = sensors.attitude_bias_rad * b[14] + sensors.attitude_noise_rad * w[14]
    ey = sensors.attitude_bias_rad * b[15] + sensors.attitude_noise_rad * w[15]
    ez = sensors.attitude_bias_rad * b[16] + sensors.attitude_noise_rad * w[16]
    _turn(reading.dcm, ex, ey, ez)


@njit(cache=True)
def _turn(dcm: Any, ex: float, ey: float, ez: float) -> None:
    """Multiply [NB] on the right by a rotation of (ex, ey, ez) rad about the body axes.

    Rodrigues' formula; orthonormal to rounding for any angle.
    """
    square = ex * ex + ey * ey + ez * ez
    angle = math.sqrt(square)
    if angle < 1e-12:
        return
    s = math.sin(angle) / angle
    c = (1.0 - math.cos(angle)) / square
    for r in range(3):
        x, y, z = dcm[r, 0], dcm[r, 1], dcm[r, 2]
        # row times (I + s [e] + c [e]^2), [e] the cross-product matrix
        u, v, w = y * ez - z * ey, z * ex - x * ez, x * ey - y * ex
        p, q, t = v * ez - w * ey, w * ex - u * ez, u * ey - v * ex
        dcm[r, 0], dcm[r, 1], dcm[r, 2] = x + s * u + c * p, y + s * v + c * q, z + s * w + c * t


# Faults have streams of their own, so that the noise stays what it is without them.
_OUTAGES = 0x3C79AC492BA7B653
_RAYS_LOST = 0x1C69B3F74AC4AE35
_GAMMA = 0x9E3779B97F4A7C15  # SplitMix64's increment: states this far apart are independent


@njit(cache=True)
def is_out(sensors: Any, episode_seed: Any, time_s: Any) -> bool:
    """Whether altimeter and velocimeter give no new reading at this time of the episode."""
    block = uint64(int(time_s / OUTAGE_S))
    state = (uint64(episode_seed) ^ uint64(_OUTAGES)) + block * uint64(_GAMMA)
    return bool(unit_uniform(state) < sensors.outage)


@njit(cache=True)
def lose_rays(sensors: Any, episode_seed: Any, step: int, ranges_m: Any) -> None:
    """Take rays (RAYS,) out of a scan: each is lost with the probability `ray_loss`."""
    first = uint64(step) * uint64(RAYS)
    for k in range(RAYS):
        state = (uint64(episode_seed) ^ uint64(_RAYS_LOST)) + (first + uint64(k)) * uint64(_GAMMA)
        if unit_uniform(state) < sensors.ray_loss:
            ranges_m[k] = np.nan
