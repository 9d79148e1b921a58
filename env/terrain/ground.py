"""The ground for feet and LiDAR, compiled: two shared height maps seen through a site.

Compiled code gets the ground as `maps`, two records (env.terrain.maps) with the nodes' addresses:
one argument for maps of any size. A site (env.terrain.site) is an episode's window into both maps.
Height above the sphere through the pad, at Moon-centred x, y:

    h = plane(x, y) + blend(d) * (regional(x, y) + local(x, y) - both at the pad)

`plane` is a slope through the pad that fades with distance, `blend` keeps a clear pad. Maps are
bilinear, so their steepest slope is known exactly; ray casting relies on it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, uint64

from env.base.addresses import carray, pointer

_FAR_M2 = 1e14  # beyond any flight: a diverged state (infinite, NaN) must not index a map
SLOPE_FADE_M = 200.0  # distance from the pad at which the regional slope has faded by half


@njit(cache=True, error_model="numpy", forceinline=True)
def map_height_m(chart: Any, u: float, v: float) -> float:
    """Bilinear height of a map at `u`, `v` (periods, any size); `chart` is its MAP_DTYPE record."""
    u = abs((u - np.floor(u)) * chart.period_x - chart.fold_x)
    v = abs((v - np.floor(v)) * chart.period_y - chart.fold_y)
    i, j = int(u), int(v)
    u -= i
    v -= j
    nodes = carray(pointer(chart.nodes), (chart.size,), np.float32)
    corner = uint64(j * chart.columns + i)  # unsigned: no index counts from the end
    above = corner + uint64(chart.columns)
    a = np.float64(nodes[corner])
    c = np.float64(nodes[above])
    low = a + u * (np.float64(nodes[corner + uint64(1)]) - a)
    high = c + u * (np.float64(nodes[above + uint64(1)]) - c)
    return low + v * (high - low)


@njit(cache=True, error_model="numpy", forceinline=True)
def map_height_and_slope(chart: Any, u: float, v: float) -> tuple[float, float, float]:
    """Bilinear height (m) of a map and its derivatives by `u` and `v` (m a period)."""
    u = (u - np.floor(u)) * chart.period_x - chart.fold_x
    v = (v - np.floor(v)) * chart.period_y - chart.fold_y
    sign_u = math.copysign(1.0, u)
    sign_v = math.copysign(1.0, v)
    u, v = abs(u), abs(v)
    i, j = int(u), int(v)
    u -= i
    v -= j
    nodes = carray(pointer(chart.nodes), (chart.size,), np.float32)
    corner = uint64(j * chart.columns + i)  # unsigned: no index counts from the end
    above = corner + uint64(chart.columns)
    a, b = np.float64(nodes[corner]), np.float64(nodes[corner + uint64(1)])
    c, d = np.float64(nodes[above]), np.float64(nodes[above + uint64(1)])
    low = a + u * (b - a)
    high = c + u * (d - c)
    by_u = (b - a) + v * ((d - c) - (b - a))
    by_v = sign_v * chart.period_y * (high - low)
    return low + v * (high - low), sign_u * chart.period_x * by_u, by_v


@njit(cache=True, error_model="numpy", forceinline=True)
def relief_m(maps: Any, site: Any, x_m: float, y_m: float) -> float:
    """Height (m) that the maps add to the plane without clearing; 0 at the pad."""
    relief = site.regional_scale * map_height_m(
        maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    relief += site.local_scale * map_height_m(
        maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
    )
    return float(relief - site.datum_m)


@njit(cache=True, error_model="numpy", forceinline=True)
def ground_height_m(maps: Any, site: Any, x_m: float, y_m: float) -> float:
    """Height (m) above the sphere through the pad, at Moon-centred `x_m`, `y_m`."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    height = float((site.slope_x * x_m + site.slope_y * y_m) * fade)
    t = (square - site.clear_m2) * site.blend_per_m2
    if t <= 0.0:
        return height
    t = min(t, 1.0)
    return height + float(t * t * (3.0 - 2.0 * t)) * relief_m(maps, site, x_m, y_m)


@njit(cache=True, error_model="numpy", forceinline=True)
def ground_height_and_slope(
    maps: Any, site: Any, x_m: float, y_m: float
) -> tuple[float, float, float]:
    """Height (m) as `ground_height_m` gives it, and its gradient by x and y (1)."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    rise = site.slope_x * x_m + site.slope_y * y_m
    turn = -2.0 * rise * fade * fade / (SLOPE_FADE_M * SLOPE_FADE_M)
    height = rise * fade
    slope_x = site.slope_x * fade + turn * x_m
    slope_y = site.slope_y * fade + turn * y_m
    t = (square - site.clear_m2) * site.blend_per_m2
    if not 0.0 < t < _FAR_M2:
        return height, slope_x, slope_y
    regional, regional_u, regional_v = map_height_and_slope(
        maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    local, local_u, local_v = map_height_and_slope(
        maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
    )
    relief = site.regional_scale * regional + site.local_scale * local - site.datum_m
    relief_x = site.regional_scale * (regional_u * site.regional_ux + regional_v * site.regional_vx)
    relief_x += site.local_scale * (local_u * site.local_ux + local_v * site.local_vx)
    relief_y = site.regional_scale * (regional_u * site.regional_uy + regional_v * site.regional_vy)
    relief_y += site.local_scale * (local_u * site.local_uy + local_v * site.local_vy)
    if t >= 1.0:
        return height + relief, slope_x + relief_x, slope_y + relief_y
    blend = t * t * (3.0 - 2.0 * t)
    edge = 12.0 * t * (1.0 - t) * site.blend_per_m2 * relief
    slope_x += blend * relief_x + edge * x_m
    slope_y += blend * relief_y + edge * y_m
    return height + blend * relief, slope_x, slope_y
