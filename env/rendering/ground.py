"""The ground in perspective, compiled: each column of the picture is followed from near to far.

What is nearer is drawn first and hides what is lower behind it, as in the voxel-space games of the
1990s (`Comanche`, NovaLogic 1992). The heights are those that feet and LiDAR meet; the Moon's
curvature bends them down.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.base.moon import RADIUS_M
from env.task.reward import MAX_DISTANCE_M
from env.terrain.ground import ground_height_m

Pixels = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]

SUN_ELEVATION_RAD = math.radians(24.0)
SUN_RIGHT = -0.80 * math.cos(SUN_ELEVATION_RAD)  # from the left ...
SUN_FORWARD = -0.60 * math.cos(SUN_ELEVATION_RAD)  # ... and from the camera's side
SUN_UP = math.sin(SUN_ELEVATION_RAD)

ROWS_A_STEP = 1.8  # of the picture, between two points of a column
LARGEST_STEP = 0.05  # of the distance
NOISE_SIDE = 256
NOISE_MASK = NOISE_SIDE - 1  # a remainder, the side being a power of two
GRAIN = 0.13  # share by which the ground's brightness varies
FINEST_GRAIN_M = 0.05
PAD_LINE_M = 0.7  # half width of the circle around the pad


def make_noise() -> npt.NDArray[np.float32]:
    """Smooth noise (NOISE_SIDE, NOISE_SIDE), periodic, -1 to 1."""
    rough = np.random.default_rng(7).standard_normal((NOISE_SIDE, NOISE_SIDE))
    smooth = rough
    for axis in (0, 1):
        smooth = 0.5 * smooth + 0.25 * (np.roll(smooth, 1, axis) + np.roll(smooth, -1, axis))
    noise: npt.NDArray[np.float32] = np.clip(smooth / (2.0 * smooth.std()), -1.0, 1.0).astype(
        np.float32
    )
    return noise


@njit(cache=True, error_model="numpy")
def paint_ground(
    maps: Any,
    site: Any,
    noise: Any,
    eye: Any,
    lens: Any,
    depths: Any,
    shadow: Any,
    glow: Any,
    pixels: Pixels,
) -> None:
    """Draw the ground into `pixels` (H, W, 3), over what is there; W is even.

    `eye`: the camera's x, y, z (m) and forward direction x, y. `lens`: focal length, column of
    what is straight ahead, level row (pixels). `depths`: of `depth_steps`.
    `shadow`: ends of the shadow's axis x, y, x, y, its half width (m) and darkness. `glow`: x, y,
    radius (m) and brightness of the plume's light.
    """
    height = pixels.shape[0]
    right_x, right_y = eye[4], -eye[3]
    focal, columns = lens[0], pixels.shape[1] // 2
    tops = np.empty(columns + 1, np.int64)
    lefts = np.empty(len(depths))  # heights of the column before
    grains = np.empty((len(depths), 2))
    for k in range(len(depths)):
        level = math.log2(max(2.0 * depths[k] / focal, FINEST_GRAIN_M))
        grains[k, 0], grains[k, 1] = 2.0 ** math.floor(level), level - math.floor(level)
    box = _shadow_box(shadow)
    for c in range(-1, columns):
        across = (2.0 * c + 0.5 - lens[1]) / focal
        ray_x, ray_y = eye[3] + across * right_x, eye[4] + across * right_y
        curve = (1.0 + across * across) / (2.0 * RADIUS_M)
        red, green, blue = -1.0, 0.0, 0.0
        nearer_m, top = 0.0, height
        for k in range(len(depths)):
            depth = depths[k]
            x, y = eye[0] + ray_x * depth, eye[1] + ray_y * depth
            ground = ground_height_m(maps, site, x, y)
            left_m, lefts[k] = lefts[k], ground
            last_m, nearer_m = nearer_m, ground
            row = lens[2] + focal * (eye[2] - ground + depth * depth * curve) / depth
            if c < 0 or k == 0 or row >= top:
                continue
            pixel = depth / focal
            step = depth - depths[k - 1]
            light = _light((ground - left_m) / (2.0 * pixel), (ground - last_m) / step)
            light *= 1.0 + _grain(noise, x, y, grains[k, 0], grains[k, 1], pixel / step)
            if box[0] < x < box[1] and box[2] < y < box[3]:
                light *= 1.0 - shadow[5] * _within(shadow, x, y)
            r, g, b = _colour(light, x, y, max(pixel, 0.25 * step), glow)
            first = max(math.floor(row), 0)
            if red < 0.0:
                red, green, blue = r, g, b
            span = max(top - first, 1)
            for v in range(first, top):
                share = (top - v) / span
                pixels[v, 2 * c, 0] = _byte(red + share * (r - red))
                pixels[v, 2 * c, 1] = _byte(green + share * (g - green))
                pixels[v, 2 * c, 2] = _byte(blue + share * (b - blue))
            red, green, blue = r, g, b
            top = first
        if c >= 0:
            tops[c] = top
    tops[columns] = tops[columns - 1]
    _fill_odd_columns(pixels, tops)


@njit(cache=True)
def _fill_odd_columns(pixels: Pixels, tops: Any) -> None:
    """Make each odd column the mean of its neighbours, from their ground's mean top downwards."""
    height, width = pixels.shape[0], pixels.shape[1]
    for c in range(width // 2):
        following = min(2 * c + 2, width - 2)
        for v in range((tops[c] + tops[c + 1]) // 2, height):
            for k in range(3):
                left, right = int(pixels[v, 2 * c, k]), int(pixels[v, following, k])
                pixels[v, 2 * c + 1, k] = (left + right) // 2


@njit(cache=True, inline="always")
def _colour(
    light: float, x: float, y: float, detail_m: float, glow: Any
) -> tuple[float, float, float]:
    """Red, green and blue of a point of the ground in this light."""
    red, green, blue = 128.0 * light, 125.0 * light, 120.0 * light
    if x * x + y * y < 4.0 * MAX_DISTANCE_M * MAX_DISTANCE_M:
        mark = _pad_mark(x, y, detail_m)
        paint = min(light, 1.1)
        red += mark * (235.0 * paint - red)
        green += mark * (180.0 * paint - green)
        blue += mark * (60.0 * paint - blue)
    if glow[3] > 0.0:
        away = ((x - glow[0]) ** 2 + (y - glow[1]) ** 2) / (glow[2] * glow[2])
        warm = glow[3] / (1.0 + away * away)
        red += 120.0 * warm
        green += 95.0 * warm
        blue += 60.0 * warm
    return red, green, blue


@njit(cache=True)
def depth_steps(focal_px: float, above_m: float, nearest_m: float, farthest_m: float) -> Vector:
    """Distances (m) at which a camera `above_m` above the ground looks at it."""
    depths = np.empty(4096)
    count, depth = 0, nearest_m
    while depth < farthest_m and count < len(depths):
        depths[count] = depth
        count += 1
        step = ROWS_A_STEP * depth * depth / (focal_px * above_m)
        depth += min(max(step, 0.002 * depth), LARGEST_STEP * depth)
    return depths[:count]


@njit(cache=True, inline="always")
def _light(by_right: float, by_forward: float) -> float:
    """Brightness of ground with these slopes; 1: level ground."""
    up = 1.0 / math.sqrt(1.0 + by_right * by_right + by_forward * by_forward)
    facing = up * (SUN_UP - by_right * SUN_RIGHT - by_forward * SUN_FORWARD)
    return 0.10 + 0.90 * min(max(facing / SUN_UP, 0.0), 1.9)


@njit(cache=True, inline="always")
def _grain(noise: Any, x: float, y: float, scale: float, share: float, shape: float) -> float:
    """Uneven brightness: noise at `scale` (m) and, by `share`, at twice that.

    `shape`: width of a pixel's ground over its depth. Where it is small, points would sparkle.
    """
    fine = (1.0 - share) * _nearest(noise, x / scale, y / scale)
    fine += share * _nearest(noise, x / (2.0 * scale), y / (2.0 * scale))
    coarse = (1.0 - share) * _smooth(noise, x / (12.0 * scale), y / (12.0 * scale))
    coarse += share * _smooth(noise, x / (24.0 * scale), y / (24.0 * scale))
    return GRAIN * (fine * min(1.0, 3.0 * shape) + coarse * min(1.0, 30.0 * shape))


@njit(cache=True, inline="always")
def _nearest(noise: Any, u: float, v: float) -> float:
    return float(noise[math.floor(v) & NOISE_MASK, math.floor(u) & NOISE_MASK])


@njit(cache=True, inline="always")
def _smooth(noise: Any, u: float, v: float) -> float:
    i, j = math.floor(u), math.floor(v)
    a, b = u - i, v - j
    i0, j0 = int(i) & NOISE_MASK, int(j) & NOISE_MASK
    i1, j1 = (i0 + 1) & NOISE_MASK, (j0 + 1) & NOISE_MASK
    low = noise[j0, i0] + a * (noise[j0, i1] - noise[j0, i0])
    high = noise[j1, i0] + a * (noise[j1, i1] - noise[j1, i0])
    return float(low + b * (high - low))


@njit(cache=True)
def _shadow_box(shadow: Any) -> tuple[float, float, float, float]:
    """Least and largest x, least and largest y that the shadow reaches."""
    edge = 1.25 * shadow[4]
    return (
        min(shadow[0], shadow[2]) - edge,
        max(shadow[0], shadow[2]) + edge,
        min(shadow[1], shadow[3]) - edge,
        max(shadow[1], shadow[3]) + edge,
    )


@njit(cache=True, inline="always")
def _within(shadow: Any, x: float, y: float) -> float:
    """1 inside the shadow, 0 outside, soft at its edge."""
    ax, ay = shadow[2] - shadow[0], shadow[3] - shadow[1]
    square = ax * ax + ay * ay
    share = 0.0
    if square > 0.0:
        share = min(max(((x - shadow[0]) * ax + (y - shadow[1]) * ay) / square, 0.0), 1.0)
    far = math.hypot(x - shadow[0] - share * ax, y - shadow[1] - share * ay)
    return float(min(max(2.0 * (1.0 - far / shadow[4]) + 0.5, 0.0), 1.0))


@njit(cache=True, inline="always")
def _pad_mark(x: float, y: float, pixel: float) -> float:
    """How much of a point is painted: the circle of a landing on target, and a cross."""
    edge = max(PAD_LINE_M, 0.7 * pixel)
    away = abs(math.hypot(x, y) - MAX_DISTANCE_M)
    mark = min(max(1.5 - away / edge, 0.0), 1.0)
    if max(abs(x), abs(y)) < 0.35 * MAX_DISTANCE_M:
        mark = max(mark, min(max(1.5 - min(abs(x), abs(y)) / edge, 0.0), 1.0))
    return float(0.8 * mark * min(1.0, 3.0 * PAD_LINE_M / edge))


@njit(cache=True, inline="always")
def _byte(value: float) -> int:
    return int(min(max(value, 0.0), 255.0))


@njit(cache=True)
def heights_between(
    maps: Any, site: Any, x0: float, y0: float, x1: float, y1: float, heights: Vector
) -> None:
    """Fill `heights` (N,) with the ground's along a straight line, in even steps."""
    last = max(len(heights) - 1, 1)
    for k in range(len(heights)):
        share = k / last
        heights[k] = ground_height_m(maps, site, x0 + share * (x1 - x0), y0 + share * (y1 - y0))
