"""The ground that feet and laser meet, compiled: two shared height maps seen through a site.

Compiled code knows the ground by `maps`, two MAP_DTYPE records that hold the nodes' addresses: one
argument, however large the maps. A site (env.terrain.site) is an episode's window into both maps.
Height above the sphere through the pad, at Moon-centred x, y:

    h = plane(x, y) + blend(d) * (regional(x, y) + local(x, y) - both at the pad)

`plane` is a slope through the pad that fades with distance, `blend` keeps a clear pad. Maps are
bilinear, so their steepest slope is known exactly; ray casting relies on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from env.addresses import carray, pointer
from env.terrain.height_map import Edges, HeightMap
from env.terrain.synthesis import local_map, regional_map

SLOPE_FADE_M = 200.0  # the regional slope is half gone at this distance from the pad

MAP_DTYPE = np.dtype(
    [
        ("nodes", np.uint64),  # address of `size` float32 heights in metres, row by row
        ("size", np.int64),
        ("columns", np.int64),
        ("cell_m", np.float64),
        ("scale", np.float64),  # of the map's heights at full relief
        ("period_x", np.float64),  # in cells
        ("period_y", np.float64),
        ("fold_x", np.float64),  # where a mirrored map turns back, in cells; 0 for a periodic one
        ("fold_y", np.float64),
        ("steepest", np.float64),  # largest gradient anywhere, at scale 1
        ("lowest_m", np.float64),
        ("highest_m", np.float64),
    ]
)


@dataclass(frozen=True)
class Ground:
    """Height maps that all craft share. Whoever flies over `maps` keeps this object alive."""

    regional: npt.NDArray[np.float32]  # nodes, metres; y by row, x by column
    local: npt.NDArray[np.float32]
    maps: npt.NDArray[np.void]  # (2,) MAP_DTYPE: regional and local, as compiled code reads them


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
    periodic = height_map.edges is Edges.PERIODIC
    nodes = height_map.heights_m
    if periodic:  # the first row and column again at the far edge
        nodes = np.pad(nodes, ((0, 1), (0, 1)), mode="wrap")
    chart = np.zeros(1, MAP_DTYPE)
    chart["steepest"] = steepest_gradient(nodes, height_map.cell_m)
    chart["lowest_m"], chart["highest_m"] = nodes.min(), nodes.max()
    chart["cell_m"], chart["scale"] = height_map.cell_m, scale
    cells_y, cells_x = nodes.shape[0] - 1, nodes.shape[1] - 1
    chart["fold_x"], chart["fold_y"] = (0, 0) if periodic else (cells_x, cells_y)
    chart["period_x"] = cells_x if periodic else 2 * cells_x
    chart["period_y"] = cells_y if periodic else 2 * cells_y
    # one more row and column, so that a query on the far edge itself reads within the array
    nodes = np.ascontiguousarray(np.pad(nodes, ((0, 1), (0, 1)), mode="edge"))
    chart["nodes"], chart["size"], chart["columns"] = nodes.ctypes.data, nodes.size, nodes.shape[1]
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
def ground_height_m(maps: Any, site: Any, x_m: float, y_m: float) -> float:
    """Height (m) above the sphere through the pad, at Moon-centred `x_m`, `y_m`."""
    square = x_m * x_m + y_m * y_m
    fade = SLOPE_FADE_M * SLOPE_FADE_M / (SLOPE_FADE_M * SLOPE_FADE_M + square)
    height = (site.slope_x * x_m + site.slope_y * y_m) * fade
    t = (square - site.clear_m2) * site.blend_per_m2
    if t <= 0.0:
        return height
    relief = -site.datum_m
    relief += site.regional_scale * map_height_m(
        maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    relief += site.local_scale * map_height_m(
        maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
    )
    t = min(t, 1.0)
    return height + t * t * (3.0 - 2.0 * t) * relief


@njit(cache=True, error_model="numpy", forceinline=True)
def ground_height_and_slope(
    maps: Any, site: Any, x_m: float, y_m: float
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
        maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
    )
    local, local_u, local_v = map_height_and_slope(
        maps[1],
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
