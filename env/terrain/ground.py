"""The ground that feet and laser meet, compiled: two shared height maps seen through a site.

A site (env.terrain.site) is an episode's window into both maps. Height above the sphere through
the pad, at Moon-centred x, y:

    h = plane(x, y) + blend(d) * (regional(x, y) + local(x, y) - both at the pad)

`plane` is a slope through the pad that fades with distance, `blend` keeps a clear pad. Maps are
bilinear, so their steepest slope is known exactly; ray casting relies on it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from env.terrain.height_map import Edges, HeightMap
from env.terrain.synthesis import local_map, regional_map

SLOPE_FADE_M = 200.0  # the regional slope is half gone at this distance from the pad

REGIONAL, LOCAL = 0, 1  # rows of Ground.maps

MAP_DTYPE = np.dtype(
    [
        ("rows", np.int64),  # of the array, one more than cells
        ("columns", np.int64),
        ("cell_m", np.float64),
        ("scale", np.float64),  # of the map's heights at full relief
        ("period_x", np.float64),  # in cells
        ("period_y", np.float64),
        ("inverse_period_x", np.float64),
        ("inverse_period_y", np.float64),
        ("fold_x", np.float64),  # where a mirrored map turns back, in cells; 0 for a periodic one
        ("fold_y", np.float64),
        ("steepest", np.float64),  # largest gradient anywhere, at scale 1
        ("lowest_m", np.float64),
        ("highest_m", np.float64),
    ]
)


class Ground(NamedTuple):
    """Height maps that all craft share: (rows, columns) float32, metres; y by row, x by column."""

    regional: npt.NDArray[np.float32]
    local: npt.NDArray[np.float32]
    maps: npt.NDArray[np.void]  # (2,) MAP_DTYPE


def make_ground(user_map: HeightMap | None = None, local_scale: float = 1.0) -> Ground:
    """The synthetic Moon, or `user_map` in place of its regional map.

    `local_scale` (0 or more) scales the local map, which adds the relief that `user_map` is too
    coarse for. Raises ValueError for a negative or infinite one.
    """
    if not (math.isfinite(local_scale) and local_scale >= 0.0):
        raise ValueError(f"local relief scaled by {local_scale}: must be 0 or more")
    regional, regional_chart = _chart(regional_map() if user_map is None else user_map, 1.0)
    local, local_chart = _chart(local_map(), local_scale)
    return Ground(regional, local, np.concatenate([regional_chart, local_chart]))


def _chart(height_map: HeightMap, scale: float) -> tuple[Any, npt.NDArray[np.void]]:
    """The nodes as queries read them, and their MAP_DTYPE record (1,)."""
    nodes = height_map.heights_m
    if height_map.edges is Edges.PERIODIC:  # the first row and column again at the far edge
        nodes = np.pad(nodes, ((0, 1), (0, 1)), mode="wrap")
    nodes = np.ascontiguousarray(nodes)
    rows, columns = nodes.shape
    chart = np.zeros(1, MAP_DTYPE)
    chart["rows"], chart["columns"] = rows, columns
    chart["cell_m"], chart["scale"] = height_map.cell_m, scale
    if height_map.edges is Edges.PERIODIC:
        chart["period_x"], chart["period_y"] = columns - 1, rows - 1
    else:
        chart["fold_x"], chart["fold_y"] = columns - 1, rows - 1
        chart["period_x"], chart["period_y"] = 2 * (columns - 1), 2 * (rows - 1)
    chart["inverse_period_x"] = 1.0 / chart["period_x"]
    chart["inverse_period_y"] = 1.0 / chart["period_y"]
    chart["steepest"] = steepest_gradient(nodes, height_map.cell_m)
    chart["lowest_m"], chart["highest_m"] = nodes.min(), nodes.max()
    return nodes, chart


@njit(cache=True)
def steepest_gradient(nodes: Any, cell_m: float) -> float:
    """The largest gradient of the bilinear surface through `nodes`: at a corner of some cell."""
    steepest = 0.0
    for j in range(nodes.shape[0] - 1):
        for i in range(nodes.shape[1] - 1):
            a, b = float(nodes[j, i]), float(nodes[j, i + 1])
            c, d = float(nodes[j + 1, i]), float(nodes[j + 1, i + 1])
            along = max((b - a) * (b - a), (d - c) * (d - c))
            across = max((c - a) * (c - a), (d - b) * (d - b))
            # a corner of the cell pairs any edge along x with any edge along y
            steepest = max(steepest, along + across)
    return math.sqrt(steepest) / cell_m


@njit(cache=True)
def map_height_m(heights: Any, chart: Any, u: float, v: float) -> float:
    """Bilinear height of a map at `u`, `v` (cells, any size); `chart` is its MAP_DTYPE record."""
    u = abs(u - chart.period_x * math.floor(u * chart.inverse_period_x) - chart.fold_x)
    v = abs(v - chart.period_y * math.floor(v * chart.inverse_period_y) - chart.fold_y)
    i = min(int(u), chart.columns - 2)
    j = min(int(v), chart.rows - 2)
    u -= i
    v -= j
    i0, j0 = uint64(i), uint64(j)
    i1, j1 = uint64(i + 1), uint64(j + 1)
    a = float(heights[j0, i0])
    c = float(heights[j1, i0])
    low = a + u * (float(heights[j0, i1]) - a)
    high = c + u * (float(heights[j1, i1]) - c)
    return low + v * (high - low)


@njit(cache=True)
def map_height_and_slope(
    heights: Any, chart: Any, u: float, v: float
) -> tuple[float, float, float]:
    """Bilinear height (m) of a map and its derivatives by `u` and `v` (m a cell)."""
    u = u - chart.period_x * math.floor(u * chart.inverse_period_x) - chart.fold_x
    v = v - chart.period_y * math.floor(v * chart.inverse_period_y) - chart.fold_y
    sign_u = math.copysign(1.0, u)
    sign_v = math.copysign(1.0, v)
    u, v = abs(u), abs(v)
    i = min(int(u), chart.columns - 2)
    j = min(int(v), chart.rows - 2)
    u -= i
    v -= j
    i0, j0 = uint64(i), uint64(j)
    i1, j1 = uint64(i + 1), uint64(j + 1)
    a, b = float(heights[j0, i0]), float(heights[j0, i1])
    c, d = float(heights[j1, i0]), float(heights[j1, i1])
    low = a + u * (b - a)
    high = c + u * (d - c)
    by_u = (b - a) + v * ((d - c) - (b - a))
    return low + v * (high - low), sign_u * by_u, sign_v * (high - low)


@njit(cache=True)
def ground_height_m(ground: Ground, site: Any, x_m: float, y_m: float) -> float:
    """Height (m) above the sphere through the pad, at Moon-centred `x_m`, `y_m`."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    height = (site.slope_x * x_m + site.slope_y * y_m) * fade
    t = (square - site.clear_m2) * site.blend_per_m2
    if t <= 0.0:
        return height
    relief = -site.datum_m
    relief += site.regional_scale * map_height_m(
        ground.regional,
        ground.maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    relief += site.local_scale * map_height_m(
        ground.local,
        ground.maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
    )
    t = min(t, 1.0)
    return height + t * t * (3.0 - 2.0 * t) * relief


@njit(cache=True)
def ground_height_and_slope(
    ground: Ground, site: Any, x_m: float, y_m: float
) -> tuple[float, float, float]:
    """Height (m) as :func:`ground_height_m` gives it, and its gradient by x and y (1)."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    rise = site.slope_x * x_m + site.slope_y * y_m
    turn = -2.0 * rise * fade * fade / (SLOPE_FADE_M * SLOPE_FADE_M)
    height = rise * fade
    slope_x = site.slope_x * fade + turn * x_m
    slope_y = site.slope_y * fade + turn * y_m
    t = (square - site.clear_m2) * site.blend_per_m2
    if t <= 0.0:
        return height, slope_x, slope_y
    regional, regional_u, regional_v = map_height_and_slope(
        ground.regional,
        ground.maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    local, local_u, local_v = map_height_and_slope(
        ground.local,
        ground.maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
    )
    relief = -site.datum_m
    relief += site.regional_scale * regional
    relief += site.local_scale * local
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
