"""Upper bounds of a site's slopes and relief within some distance, compiled.

A pyramid of the steepest gradients in ever larger tiles bounds the map's slope around any place by
four numbers. Ray casting needs it, and is faster on gentle ground.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from env.base.addresses import carray, pointer
from env.terrain.ground import map_height_m
from env.terrain.maps import FINEST_TILE_CELLS

_SCANNED_CELLS = 16  # up to this size nodes around the pad are checked one by one


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
    else:  # mirrored: beyond the edge are the same tiles as before it
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
    """Upper bound (m) of the relief, up or down, within `reach_m` of the pad."""
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
