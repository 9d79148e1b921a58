"""A 64-ray LiDAR on the same ground as the feet, compiled.

Rays leave the sensor in a body-frame cone about -z: eight rings of equal solid angle, a ray in each
of eight sectors of azimuth. A range is that of the first hit (env.sensing.ray_casting).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from env.base.moon import RADIUS_M
from env.base.random import scramble
from env.sensing.ray_casting import CONTRACTION, Eye, first_hit, gap_m, single_hit
from env.terrain.bounds import steepest_within
from env.terrain.ground import ground_height_and_slope

SECTORS = 8  # of azimuth about body z, the first one from +x towards +y
RINGS = 8
RAYS = SECTORS * RINGS  # ray k is in ring k // SECTORS and sector k % SECTORS
PROFILE_SIZE = SECTORS + 3


@dataclass(frozen=True)
class LidarModel:
    """Geometry and errors. The scale is a flash LiDAR's: 8 cm (1 sigma) at a range of 1 km, as
    flown by ALHAT on Morpheus (Trawny et al., AIAA 2015-0326); the split of it is an assumption.
    """

    half_angle_rad: float = math.radians(27.0)  # of the cone; assumption
    max_range_m: float = 1000.0
    max_off_nadir_rad: float = math.radians(45.0)  # of a ray that is evaluated; assumption
    max_incidence_rad: float = math.radians(80.0)  # from the surface normal; assumption
    range_sigma_m: float = 0.05
    range_sigma_fraction: float = 3e-5  # of the range, added
    dropout_probability: float = 0.02  # of a ray; assumption
    frame_interval_s: float = 0.2  # between two scans; assumption
    noisy: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.half_angle_rad < math.pi / 2:
            raise ValueError(f"half angle of {self.half_angle_rad} rad: must be below 90 degrees")
        if not 0.0 < self.max_incidence_rad <= math.pi / 2:
            raise ValueError(f"incidence of {self.max_incidence_rad} rad: 90 degrees at most")
        if not 0.0 < self.max_range_m <= 5000.0:  # the altitude's series holds this far
            raise ValueError(f"maximum range of {self.max_range_m} m: must be 0 to 5000 m")
        if not self.frame_interval_s > 0.0:
            raise ValueError(f"frame interval of {self.frame_interval_s} s: must be positive")
        if not 0.0 < self.max_off_nadir_rad < math.pi / 2:
            raise ValueError(f"off nadir by {self.max_off_nadir_rad} rad: must be below 90 degrees")
        if not (self.range_sigma_m >= 0.0 and self.range_sigma_fraction >= 0.0):
            raise ValueError("range noise must not be negative")
        if not 0.0 <= self.dropout_probability <= 1.0:
            raise ValueError(f"dropout probability of {self.dropout_probability}: must be 0 to 1")

    def scaled(self, factor: float) -> LidarModel:
        """The model with range noise and dropouts times `factor`; 0 gives a perfect instrument."""
        return replace(
            self,
            range_sigma_m=factor * self.range_sigma_m,
            range_sigma_fraction=factor * self.range_sigma_fraction,
            dropout_probability=min(factor * self.dropout_probability, 1.0),
            noisy=self.noisy and factor > 0.0,
        )


FLASH_LIDAR = LidarModel()

LIDAR_DTYPE = np.dtype(
    [
        ("direction", np.float64, (RAYS, 3)),  # unit vectors, body axes
        ("max_range_m", np.float64),
        ("cos_off_nadir", np.float64),
        ("cos_incidence", np.float64),  # of the steepest incidence that still returns
        ("frame_interval_s", np.float64),
        ("range_sigma_m", np.float64),
        ("range_sigma_fraction", np.float64),
        ("dropout", np.uint64),  # of 2^16: a ray whose low bits are below it is lost
        ("noisy", np.int64),
    ]
)


def ray_directions(half_angle_rad: float) -> npt.NDArray[np.float64]:
    """Unit vectors (RAYS, 3), body axes: rings of equal solid angle, turned by the golden ratio."""
    ray = np.arange(RAYS)
    ring, sector = ray // SECTORS, ray % SECTORS
    cos = 1.0 - (1.0 - math.cos(half_angle_rad)) * (ring + 0.5) / RINGS
    sin = np.sqrt(1.0 - cos * cos)
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    azimuth = (sector + (0.5 + golden * ring) % 1.0) * (2.0 * math.pi / SECTORS)
    return np.column_stack([sin * np.cos(azimuth), sin * np.sin(azimuth), -cos])


RAY_DIRECTIONS = ray_directions(LidarModel.half_angle_rad)


def lidar_record(model: LidarModel) -> npt.NDArray[np.void]:
    """The model as one LIDAR_DTYPE record for compiled code."""
    record = np.zeros(1, LIDAR_DTYPE)
    record["direction"] = ray_directions(model.half_angle_rad)
    record["max_range_m"] = model.max_range_m
    record["cos_off_nadir"] = math.cos(model.max_off_nadir_rad)
    record["cos_incidence"] = math.cos(model.max_incidence_rad)
    record["frame_interval_s"] = model.frame_interval_s
    record["range_sigma_m"] = model.range_sigma_m
    record["range_sigma_fraction"] = model.range_sigma_fraction
    record["dropout"] = round(model.dropout_probability * 65536)
    record["noisy"] = model.noisy
    return record


_QUANTILES = 1024  # intervals of equal probability


def _normal_quantiles() -> npt.NDArray[np.float64]:
    """Nodes of N(0, 1)'s inverse distribution, ended and scaled so that variance is 1 exactly."""
    normal = NormalDist()
    inner = [normal.inv_cdf(k / _QUANTILES) for k in range(1, _QUANTILES)]
    outermost = normal.inv_cdf(0.1 / _QUANTILES)
    nodes = np.array([outermost, *inner, -outermost])
    a, b = nodes[:-1], nodes[1:]  # uniform between two nodes: E z^2 = (a^2 + a b + b^2) / 3
    return np.asarray(nodes / math.sqrt(float(((a * a + a * b + b * b) / 3.0).mean())))


_NORMAL = _normal_quantiles()

_PASSES = 2  # fixed-point steps for all rays together before single rays are refined
_CLOSE_M = 1e-2  # this near to the ground, one more step has an error of a few millimetres at most
_GAMMA = 0x9E3779B97F4A7C15  # SplitMix64's increment: ray k uses the (k + 1)-th state


@njit(cache=True)
def scan(
    lidar: Any,
    maps: Any,
    site: Any,
    position_m: Any,
    dcm: Any,
    origin_m: Any,
    stream: Any,
    i: int,
    ranges_m: Any,
) -> int:
    """Fill `ranges_m` (float32, (RAYS,)), NaN without a return; returns the number of returns.

    `position_m` of the body origin in Moon-centred axes, `dcm` [NB], `origin_m` of the rays in body
    axes. Noise advances craft i's state in `stream` (uint64, (N,)) by RAYS, whatever the rays meet.
    """
    px = position_m[0] + dcm[0, 0] * origin_m[0] + dcm[0, 1] * origin_m[1] + dcm[0, 2] * origin_m[2]
    py = position_m[1] + dcm[1, 0] * origin_m[0] + dcm[1, 1] * origin_m[1] + dcm[1, 2] * origin_m[2]
    pz = position_m[2] + dcm[2, 0] * origin_m[0] + dcm[2, 1] * origin_m[1] + dcm[2, 2] * origin_m[2]
    radius = math.sqrt(px * px + py * py + pz * pz)
    state = stream[i]
    if lidar.noisy == 1:
        stream[i] = state + uint64(RAYS) * uint64(_GAMMA)
    ranges_m[:] = np.nan
    if radius - RADIUS_M - site.highest_m > lidar.max_range_m:
        return 0
    half = (radius - RADIUS_M) * (radius + RADIUS_M) * (0.5 / RADIUS_M)
    eye = Eye(px, py, half, radius / RADIUS_M)
    height = gap_m(maps, site, eye, 0.0, 0.0, 1.0, 0.0)
    if not height > 0.0:  # below ground, or a diverged state
        return 0
    ray = np.empty((RAYS, 6))
    farthest = 1.5 * lidar.max_range_m
    heard = 0
    for k in range(RAYS):
        b0, b1, b2 = lidar.direction[k, 0], lidar.direction[k, 1], lidar.direction[k, 2]
        dx = dcm[0, 0] * b0 + dcm[0, 1] * b1 + dcm[0, 2] * b2
        dy = dcm[1, 0] * b0 + dcm[1, 1] * b1 + dcm[1, 2] * b2
        dz = dcm[2, 0] * b0 + dcm[2, 1] * b1 + dcm[2, 2] * b2
        down = -(px * dx + py * dy + pz * dz) / radius
        if down > lidar.cos_off_nadir:
            ray[heard, 0], ray[heard, 1], ray[heard, 2] = dx, dy, down
            ray[heard, 3] = 1.0 / down
            ray[heard, 4] = min(height / down, farthest)
            ray[heard, 5] = k
            heard += 1
    for _ in range(_PASSES):  # ray by ray without a branch, so that the processor overlaps them
        for k in range(heard):
            s = ray[k, 4]
            s += ray[k, 3] * gap_m(maps, site, eye, ray[k, 0], ray[k, 1], ray[k, 2], s)
            ray[k, 4] = min(max(s, 0.0), farthest)
    return _measure(lidar, maps, site, eye, ray[:heard], state, ranges_m)


@njit(cache=True)
def _shallow(cos_incidence: float, steepest: float) -> float:
    """The downward component above which no slope gives a too grazing incidence."""
    sin_incidence = math.sqrt(1.0 - cos_incidence * cos_incidence)
    if steepest * cos_incidence > sin_incidence:
        return 2.0  # some slope is beyond the limit even from straight above
    # the cosine of (largest incidence - steepest slope's angle)
    return (cos_incidence + steepest * sin_incidence) / math.sqrt(1.0 + steepest * steepest)


@njit(cache=True)
def _with_noise(lidar: Any, bits: Any, range_m: float) -> float:
    """The range as measured, NaN for a dropout, from 64 random bits.

    16 of them decide the dropout, 48 are a normal number by its tabulated inverse distribution.
    """
    if (bits & uint64(0xFFFF)) < lidar.dropout:
        return math.nan
    cell = bits >> uint64(54)
    share = float((bits >> uint64(16)) & uint64(0x3FFFFFFFFF)) * (1.0 / 274877906944.0)
    normal = _NORMAL[cell] + share * (_NORMAL[cell + uint64(1)] - _NORMAL[cell])
    sigma = lidar.range_sigma_m + lidar.range_sigma_fraction * range_m
    return float(max(range_m + sigma * normal, 0.0))


@njit(cache=True)
def _measure(
    lidar: Any, maps: Any, site: Any, eye: Eye, ray: Any, state: Any, ranges_m: Any
) -> int:
    """Complete each ray's first hit and convert it to a measurement."""
    reach = 0.0
    for k in range(ray.shape[0]):
        reach = max(reach, ray[k, 4] * ray[k, 4] * (1.0 - ray[k, 2] * ray[k, 2]))
    reach = math.sqrt(reach) + 1.0
    steepest = steepest_within(maps, site, eye.x_m, eye.y_m, reach)
    # a ray whose downward component exceeds this meets ground of at most that slope once
    single = steepest / math.sqrt(steepest * steepest + CONTRACTION * CONTRACTION)
    shallow = _shallow(lidar.cos_incidence, steepest)
    returns = 0
    for k in range(ray.shape[0]):
        dx, dy, down, s = ray[k, 0], ray[k, 1], ray[k, 2], ray[k, 4]
        if down > single:
            gap = gap_m(maps, site, eye, dx, dy, down, s)
            if abs(gap) < _CLOSE_M:
                s += gap * ray[k, 3]
            else:
                s = single_hit(maps, site, eye, dx, dy, down, s)
        else:
            s = first_hit(maps, site, eye, dx, dy, down, steepest, reach, lidar.max_range_m)
        if s > lidar.max_range_m:
            continue
        if down < shallow:
            _, gx, gy = ground_height_and_slope(maps, site, eye.x_m + s * dx, eye.y_m + s * dy)
            facing = down + gx * dx + gy * dy
            if facing < lidar.cos_incidence * math.sqrt(1.0 + gx * gx + gy * gy):
                continue
        if lidar.noisy == 1:
            s = _with_noise(lidar, scramble(state + uint64(ray[k, 5] + 1.0) * uint64(_GAMMA)), s)
            if math.isnan(s):
                continue
        ranges_m[int(ray[k, 5])] = s
        returns += 1
    return returns


@njit(cache=True)
def azimuthal_profile(lidar: Any, ranges_m: Any, up_body: Any, out: Any) -> float:
    """Reduce ranges (RAYS,) to `out` (float32, (PROFILE_SIZE,)); returns the fraction of returns.

    Hits are levelled with `up_body`, the estimated unit vector away from the Moon, body axes.

    - 0 to 7: height of the ground in each body sector above the average, divided by the root mean
    square of the hits' horizontal distance: a gradient, independent of the height; 0 for a sector
    without a hit - 8, 9: height of the sensor above the highest hit and above the mean one, ln(1 +
    m) / 10 - 10: standard deviation of the hits' elevation, asinh(m)

    Without any hit: no slope, no spread, and both heights as at the maximum range.
    """
    total, square, reach, top = 0.0, 0.0, 0.0, -math.inf
    count = 0
    for k in range(SECTORS):
        out[k] = 0.0
    for sector in range(SECTORS):
        part, hits = 0.0, 0
        for k in range(sector, RAYS, SECTORS):
            s = float(ranges_m[k])
            if math.isnan(s):
                continue
            up = lidar.direction[k, 0] * up_body[0] + lidar.direction[k, 1] * up_body[1]
            elevation = s * (up + lidar.direction[k, 2] * up_body[2])
            part += elevation
            square += elevation * elevation
            reach += s * s - elevation * elevation
            top = max(top, elevation)
            hits += 1
        total += part
        count += hits
        out[sector] = part / hits if hits > 0 else math.nan
    if count == 0:
        out[:] = 0.0
        out[8] = out[9] = math.log(1.0 + lidar.max_range_m) / 10.0
        return 0.0
    mean = total / count
    per_metre = 1.0 / max(math.sqrt(max(reach / count, 0.0)), 1e-3)
    for sector in range(SECTORS):
        value = float(out[sector])
        out[sector] = 0.0 if math.isnan(value) else (value - mean) * per_metre
    out[8] = math.log(1.0 + max(-top, 0.0)) / 10.0
    out[9] = math.log(1.0 + max(-mean, 0.0)) / 10.0
    out[10] = math.asinh(math.sqrt(max(square / count - mean * mean, 0.0)))
    return count / RAYS


def profile(
    model: LidarModel, ranges_m: npt.ArrayLike, up_body: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """`azimuthal_profile` of one scan, for Python. Raises ValueError for a wrong size."""
    ranges = np.asarray(ranges_m, np.float32)
    up = np.asarray(up_body, np.float64)
    if ranges.shape != (RAYS,):
        raise ValueError(f"{ranges.shape} ranges: the LiDAR has {RAYS} rays")
    if up.shape != (3,):
        raise ValueError(f"up of shape {up.shape}: must be a vector of 3")
    out = np.empty(PROFILE_SIZE, np.float32)
    azimuthal_profile(lidar_record(model)[0], ranges, up, out)
    return out
