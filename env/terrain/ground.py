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
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from env.addresses import carray, pointer
from env.terrain.height_map import Edges, HeightMap
from env.terrain.synthesis import local_map, regional_map

SLOPE_FADE_M = 200.0  # the regional slope is half gone at this distance from the pad

FINEST_TILE_CELLS = 4  # side of a tile on the pyramid's level 0; each level doubles it
MAX_LEVELS = 16
_FAR_M2 = 1e14  # nobody flies here: a diverged state (infinite, NaN) must not index a map
_SCANNED_CELLS = 16  # up to here nodes around the pad are looked at one by one

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
        ("levels", np.int64),  # of the pyramid of steepest gradients
        ("level", np.uint64, (MAX_LEVELS,)),  # address of its float32 tiles, row by row
        ("level_rows", np.int64, (MAX_LEVELS,)),
        ("level_columns", np.int64, (MAX_LEVELS,)),
        ("lowest_m", np.float64),
        ("highest_m", np.float64),
    ]
)


@dataclass(frozen=True)
class Ground:
    """Height maps that all craft share. Whoever flies over `maps` keeps this object alive."""

    regional: npt.NDArray[np.float32]  # nodes, metres; y by row, x by column
    local: npt.NDArray[np.float32]
    pyramids: tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]]]
    maps: npt.NDArray[np.void]  # (2,) MAP_DTYPE: regional and local, as compiled code reads them


@cache
def synthetic_ground() -> Ground:
    """The synthetic Moon, made once a process."""
    return make_ground()


def make_ground(user_map: HeightMap | None = None, local_scale: float = 1.0) -> Ground:
    """The synthetic Moon, or `user_map` in place of its regional map.

    `local_scale` (0 or more) scales the local map, which adds the relief that `user_map` is too
    coarse for. Raises ValueError for a negative or infinite one.
    """
    if not (math.isfinite(local_scale) and local_scale >= 0.0):
        raise ValueError(f"local relief scaled by {local_scale}: must be 0 or more")
    regional_map_ = regional_map() if user_map is None else user_map
    maps = np.zeros(2, MAP_DTYPE)
    regional, regional_pyramid = _chart(regional_map_, 1.0, maps[0])
    local, local_pyramid = _chart(local_map(), local_scale, maps[1])
    return Ground(regional, local, (regional_pyramid, local_pyramid), maps)


def _chart(
    height_map: HeightMap, scale: float, chart: Any
) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]:
    """Fill a map's record; the nodes and the slope pyramid that it holds the addresses of."""
    periodic = height_map.edges is Edges.PERIODIC
    shape = height_map.heights_m.shape
    if periodic and any(side & (side - 1) or side < FINEST_TILE_CELLS for side in shape):
        raise ValueError(f"a periodic map of {shape[0]} x {shape[1]}: sides are powers of two")
    nodes = height_map.heights_m
    if periodic:  # the first row and column again at the far edge
        nodes = np.pad(nodes, ((0, 1), (0, 1)), mode="wrap")
    pyramid = slope_pyramid(nodes, height_map.cell_m)
    for k, level in enumerate(pyramid):
        chart["level"][k] = level.ctypes.data
        chart["level_rows"][k], chart["level_columns"][k] = level.shape
    chart["levels"], chart["steepest"] = len(pyramid), pyramid[-1].max()
    chart["lowest_m"], chart["highest_m"] = nodes.min(), nodes.max()
    chart["cell_m"], chart["scale"] = height_map.cell_m, scale
    cells_y, cells_x = nodes.shape[0] - 1, nodes.shape[1] - 1
    chart["fold_x"], chart["fold_y"] = (0, 0) if periodic else (cells_x, cells_y)
    chart["period_x"] = cells_x if periodic else 2 * cells_x
    chart["period_y"] = cells_y if periodic else 2 * cells_y
    # one more row and column, so that a query on the far edge itself reads within the array
    nodes = np.ascontiguousarray(np.pad(nodes, ((0, 1), (0, 1)), mode="edge"))
    chart["nodes"], chart["size"], chart["columns"] = nodes.ctypes.data, nodes.size, nodes.shape[1]
    return nodes, pyramid


def slope_pyramid(nodes: npt.NDArray[np.float32], cell_m: float) -> list[npt.NDArray[np.float32]]:
    """The largest gradient of the bilinear surface in tiles of 4, 8, 16, ... cells a side.

    The last level has one tile.
    """
    levels = [_steepest_tiles(nodes, cell_m)]
    while levels[-1].size > 1:
        finer = levels[-1]
        rows, columns = finer.shape
        finer = np.pad(finer, ((0, rows % 2), (0, columns % 2)), mode="edge")
        quarters = finer.reshape(finer.shape[0] // 2, 2, finer.shape[1] // 2, 2)
        levels.append(np.ascontiguousarray(quarters.max(axis=(1, 3))))
    return levels


@njit(cache=True)
def _steepest_tiles(nodes: Any, cell_m: float) -> Any:
    """Level 0 of the pyramid. A gradient is largest at a corner of a cell."""
    rows, columns = nodes.shape[0] - 1, nodes.shape[1] - 1
    side = FINEST_TILE_CELLS
    tiles = np.zeros(((rows + side - 1) // side, (columns + side - 1) // side), np.float32)
    for j in range(rows):
        for i in range(columns):
            a, b = np.float64(nodes[j, i]), np.float64(nodes[j, i + 1])
            c, d = np.float64(nodes[j + 1, i]), np.float64(nodes[j + 1, i + 1])
            along = max((b - a) * (b - a), (d - c) * (d - c))
            across = max((c - a) * (c - a), (d - b) * (d - b))
            # each corner pairs an edge along x with one along y; rounded up to float32
            gradient = np.float32(math.sqrt(along + across) / cell_m * (1.0 + 1e-6))
            tiles[j // side, i // side] = max(tiles[j // side, i // side], gradient)
    return tiles


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
    """What the maps add to the plane where nothing is cleared: 0 at the pad."""
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
    """Height (m) as :func:`ground_height_m` gives it, and its gradient by x and y (1)."""
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


@njit(cache=True)
def _map_steepest_within(chart: Any, u: float, v: float, reach_cells: float) -> float:
    """No gradient of the map (scale 1) is larger within `reach_cells` of `u`, `v` (periods)."""
    level = 0
    tile = float(FINEST_TILE_CELLS)
    while tile < 2.0 * reach_cells:  # so that the reach spans two tiles a side at most
        tile *= 2.0
        level += 1
    if level >= chart.levels:
        return float(chart.steepest)
    u = abs((u - np.floor(u)) * chart.period_x - chart.fold_x)
    v = abs((v - np.floor(v)) * chart.period_y - chart.fold_y)
    rows, columns = chart.level_rows[level], chart.level_columns[level]
    i0, i1 = int(np.floor((u - reach_cells) / tile)), int(np.floor((u + reach_cells) / tile))
    j0, j1 = int(np.floor((v - reach_cells) / tile)), int(np.floor((v + reach_cells) / tile))
    if chart.fold_x == 0.0:
        i0, i1, j0, j1 = i0 % columns, i1 % columns, j0 % rows, j1 % rows
    else:  # beyond the edge lies what lies before it
        i0, i1 = max(i0, 0), min(i1, columns - 1)
        j0, j1 = max(j0, 0), min(j1, rows - 1)
    tiles = carray(pointer(chart.level[level]), (rows, columns), np.float32)
    return float(max(tiles[j0, i0], tiles[j0, i1], tiles[j1, i0], tiles[j1, i1]))


@njit(cache=True)
def steepest_within(maps: Any, site: Any, x_m: float, y_m: float, reach_m: float) -> float:
    """No gradient of the ground is larger within `reach_m` of `x_m`, `y_m`."""
    distance = math.sqrt(x_m * x_m + y_m * y_m)
    t = ((distance + reach_m) ** 2 - site.clear_m2) * site.blend_per_m2
    if t <= 0.0:
        return float(site.plane_slope)
    slope = site.regional_scale * _map_steepest_within(
        maps[0],
        site.regional_u + site.regional_ux * x_m + site.regional_uy * y_m,
        site.regional_v + site.regional_vx * x_m + site.regional_vy * y_m,
        reach_m / maps[0].cell_m,
    )
    slope += site.local_scale * _map_steepest_within(
        maps[1],
        site.local_u + site.local_ux * x_m + site.local_uy * y_m,
        site.local_v + site.local_vx * x_m + site.local_vy * y_m,
        reach_m / maps[1].cell_m,
    )
    nearest = max(distance - reach_m, 0.0)
    if (nearest * nearest - site.clear_m2) * site.blend_per_m2 < 1.0:
        slope += site.blend_slope
    return float(min(site.plane_slope + slope, site.steepest))


@njit(cache=True)
def relief_range_m(maps: Any, site: Any, reach_m: float) -> float:
    """What the relief does not exceed, up or down, within `reach_m` of the pad."""
    chart = maps[0]
    low, high = chart.lowest_m, chart.highest_m
    reach = reach_m / chart.cell_m
    if reach <= _SCANNED_CELLS and chart.fold_x == 0.0:
        # a bilinear surface has its extremes at nodes
        i, j = int(site.regional_u * chart.period_x), int(site.regional_v * chart.period_y)
        margin = int(reach) + 1
        low, high = math.inf, -math.inf
        nodes = carray(pointer(chart.nodes), (chart.size,), np.float32)
        for row in range(j - margin, j + margin + 2):
            start = (row % int(chart.period_y)) * chart.columns
            for column in range(i - margin, i + margin + 2):
                node = np.float64(nodes[start + column % int(chart.period_x)])
                low, high = min(low, node), max(high, node)
    pad = map_height_m(chart, site.regional_u, site.regional_v)
    span = max(high - pad, pad - low) * site.regional_scale
    span = min(span, reach_m * chart.steepest * site.regional_scale)
    pad = map_height_m(maps[1], site.local_u, site.local_v)
    return float(span + max(maps[1].highest_m - pad, pad - maps[1].lowest_m) * site.local_scale)
