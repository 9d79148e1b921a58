"""The two height maps of a process, for compiled code: nodes and bounds of slopes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.terrain.height_map import Edges, HeightMap
from env.terrain.synthesis import local_map, regional_map

FINEST_TILE_CELLS = 4  # side of a tile on the pyramid's level 0; each level doubles it
MAX_LEVELS = 16
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
    """Height maps shared by all craft. Keep this object alive while `maps` is in use."""

    regional: npt.NDArray[np.float32]  # nodes, metres; y by row, x by column
    local: npt.NDArray[np.float32]
    pyramids: tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]]]
    maps: npt.NDArray[np.void]  # (2,) MAP_DTYPE: regional and local, as compiled code reads them


@cache
def synthetic_ground() -> Ground:
    """The synthetic Moon, created once per process."""
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
    """Fill a map's record; returns the nodes and the slope pyramid to which it points."""
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
