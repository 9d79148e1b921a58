"""An episode's site: its window into the height maps, drawn from the episode's seed, compiled.

Where relief reaches the pad, sites are drawn until one is landable, as a mission would choose.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, uint64

from env.base.random import scramble, split_mix, unit_uniform
from env.terrain.bounds import relief_range_m
from env.terrain.ground import SLOPE_FADE_M, ground_height_m, relief_m

SITE_DTYPE = np.dtype(
    [
        ("slope_x", np.float64),  # gradient of the plane through the pad
        ("slope_y", np.float64),
        ("clear_m2", np.float64),  # square of the clear radius; below 0 where nothing is cleared
        ("blend_per_m2", np.float64),
        ("datum_m", np.float64),  # relief that the maps have at the pad
        ("regional_scale", np.float64),
        ("regional_u", np.float64),  # the pad in the map, periods
        ("regional_v", np.float64),
        ("regional_ux", np.float64),  # periods a metre
        ("regional_uy", np.float64),
        ("regional_vx", np.float64),
        ("regional_vy", np.float64),
        ("local_scale", np.float64),
        ("local_u", np.float64),
        ("local_v", np.float64),
        ("local_ux", np.float64),
        ("local_uy", np.float64),
        ("local_vx", np.float64),
        ("local_vy", np.float64),
        ("plane_slope", np.float64),  # upper bound of gradients within the clear radius
        ("blend_slope", np.float64),  # upper bound of the blend's own gradient
        ("steepest", np.float64),  # upper bound of all gradients
        ("highest_m", np.float64),  # upper bound of heights
        ("site_slope", np.float64),  # gradient of the plane that fits the footprint best
        ("site_relief_m", np.float64),  # highest above lowest there, after taking that gradient off
        ("candidates", np.int64),  # number of sites tried
        ("landable", np.int64),  # 1 if the footprint keeps both limits
    ]
)

FOOTPRINT_RADIUS_M = 20.0  # around the pad: where a craft may stand
FOOTPRINT_POINTS = 64
MAX_CANDIDATES = 48
MAX_SITE_SLOPE = math.tan(math.radians(5.0))
MAX_SITE_RELIEF_M = 1.0
BLEND_MARGIN_M = 50.0  # relief is complete at twice the clear radius plus this

_STREAM = 0x5EED0F7E44A1B35D  # separates this stream from the seed's other streams
_GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
_POINT = np.arange(FOOTPRINT_POINTS)
_POINT_RADIUS_M = FOOTPRINT_RADIUS_M * np.sqrt((_POINT + 0.5) / FOOTPRINT_POINTS)
# Vogel's sunflower: equal areas, no direction preferred
_POINT_X_M = _POINT_RADIUS_M * np.cos(_POINT * _GOLDEN_ANGLE)
_POINT_Y_M = _POINT_RADIUS_M * np.sin(_POINT * _GOLDEN_ANGLE)
_POINT_X_M -= _POINT_X_M.mean()
_POINT_Y_M -= _POINT_Y_M.mean()
_SUM_XX = float((_POINT_X_M**2).sum())
_SUM_YY = float((_POINT_Y_M**2).sum())
_SUM_XY = float((_POINT_X_M * _POINT_Y_M).sum())


@njit(cache=True)
def choose_site(
    maps: Any,
    site: Any,
    slope_deg_low: float,
    slope_deg_high: float,
    relief: float,
    clear_radius_m: float,
    seed: Any,
) -> None:
    """Fill `site` (a SITE_DTYPE record) for an episode, from its 64-bit seed alone.

    The plane's slope is drawn between the two limits (degrees); `relief` (0 to 1) scales both maps;
    within `clear_radius_m` of the pad there is only the plane. Where relief reaches into the
    footprint, up to MAX_CANDIDATES windows are drawn, and the first that is landable is taken, or
    else the one that misses the limits least.
    """
    state = scramble(uint64(seed) ^ uint64(_STREAM))
    state = split_mix(state)
    low, high = math.tan(math.radians(slope_deg_low)), math.tan(math.radians(slope_deg_high))
    slope = low + (high - low) * unit_uniform(state)
    state = split_mix(state)
    fall = 2.0 * math.pi * unit_uniform(state)
    _set_relief(maps, site, relief, clear_radius_m)
    site.slope_x = slope * math.cos(fall)
    site.slope_y = slope * math.sin(fall)
    if relief == 0.0 or clear_radius_m >= FOOTPRINT_RADIUS_M:
        _draw_window(maps, site, state)
        site.candidates = 1
        site.site_slope, site.site_relief_m, site.landable = slope, 0.0, 1
    else:
        _select_window(maps, site, state)
    _set_bounds(maps, site, slope, clear_radius_m)


@njit(cache=True)
def _set_relief(maps: Any, site: Any, relief: float, clear_radius_m: float) -> None:
    site.regional_scale = relief * maps[0].scale
    site.local_scale = relief * maps[1].scale
    if clear_radius_m > 0.0:
        outer = 2.0 * clear_radius_m + BLEND_MARGIN_M
        site.clear_m2 = clear_radius_m * clear_radius_m
        site.blend_per_m2 = 1.0 / (outer * outer - site.clear_m2)
    else:
        site.clear_m2 = -1.0
        site.blend_per_m2 = 1.0
    if relief == 0.0:  # so far away that no query uses the maps
        site.clear_m2 = 1e30


@njit(cache=True)
def _draw_window(maps: Any, site: Any, state: Any) -> Any:
    """Draw offset, rotation and mirroring of both windows; the stream's new state."""
    chart = maps[0]
    state = split_mix(state)
    site.regional_u = unit_uniform(state)
    state = split_mix(state)
    site.regional_v = unit_uniform(state)
    state = split_mix(state)
    turn = 4.0 * math.pi * unit_uniform(state)  # two turns: the second one is mirrored
    mirror = 1.0 if turn < 2.0 * math.pi else -1.0
    cos, sin = math.cos(turn) / chart.cell_m, math.sin(turn) / chart.cell_m
    site.regional_ux, site.regional_uy = cos / chart.period_x, -sin / chart.period_x
    site.regional_vx = mirror * sin / chart.period_y
    site.regional_vy = mirror * cos / chart.period_y
    chart = maps[1]
    state = split_mix(state)
    site.local_u = unit_uniform(state)
    state = split_mix(state)
    site.local_v = unit_uniform(state)
    state = split_mix(state)
    turn = 4.0 * math.pi * unit_uniform(state)
    mirror = 1.0 if turn < 2.0 * math.pi else -1.0
    cos, sin = math.cos(turn) / chart.cell_m, math.sin(turn) / chart.cell_m
    site.local_ux, site.local_uy = cos / chart.period_x, -sin / chart.period_x
    site.local_vx = mirror * sin / chart.period_y
    site.local_vy = mirror * cos / chart.period_y
    site.datum_m = 0.0
    site.datum_m = relief_m(maps, site, 0.0, 0.0)  # the same sum that a query subtracts it from
    return state


@njit(cache=True)
def _judge_footprint(maps: Any, site: Any, heights: Any) -> float:
    """Fill slope and relief of the footprint; returns their ratio to the limits (<= 1:
    landable).
    """
    mean, sum_xz, sum_yz = 0.0, 0.0, 0.0
    for k in range(FOOTPRINT_POINTS):
        z = ground_height_m(maps, site, _POINT_X_M[k], _POINT_Y_M[k])
        heights[k] = z
        mean += z
        sum_xz += _POINT_X_M[k] * z
        sum_yz += _POINT_Y_M[k] * z
    mean /= FOOTPRINT_POINTS
    scale = 1.0 / (_SUM_XX * _SUM_YY - _SUM_XY * _SUM_XY)
    slope_x = (sum_xz * _SUM_YY - sum_yz * _SUM_XY) * scale
    slope_y = (sum_yz * _SUM_XX - sum_xz * _SUM_XY) * scale
    lowest, highest = 0.0, 0.0
    for k in range(FOOTPRINT_POINTS):
        rest = heights[k] - mean - slope_x * _POINT_X_M[k] - slope_y * _POINT_Y_M[k]
        lowest = min(lowest, rest)
        highest = max(highest, rest)
    site.site_slope = math.sqrt(slope_x * slope_x + slope_y * slope_y)
    site.site_relief_m = highest - lowest
    return float(max(site.site_slope / MAX_SITE_SLOPE, site.site_relief_m / MAX_SITE_RELIEF_M))


@njit(cache=True)
def _select_window(maps: Any, site: Any, state: Any) -> None:
    """Draw windows until one is landable; keep the best."""
    heights = np.empty(FOOTPRINT_POINTS)
    best_state, best = state, math.inf
    site.landable = 0
    for k in range(MAX_CANDIDATES):
        before = state
        state = _draw_window(maps, site, state)
        miss = _judge_footprint(maps, site, heights)
        site.candidates = k + 1
        if miss <= 1.0:
            site.landable = 1
            return
        if miss < best:
            best_state, best = before, miss
    _draw_window(maps, site, best_state)
    _judge_footprint(maps, site, heights)


@njit(cache=True)
def _set_bounds(maps: Any, site: Any, slope: float, clear_radius_m: float) -> None:
    """Set the upper bounds of gradients and heights of this site."""
    regional, local = maps[0], maps[1]
    site.plane_slope = slope
    site.blend_slope = 0.0
    if clear_radius_m > 0.0 and site.clear_m2 < 1e30:
        # |grad blend| = 12 t (1 - t) d / width, where width = outer^2 - clear^2 and
        # d^2 = clear^2 + width t; with a = clear^2 / width, largest at 5 t^2 - (3 - 4 a) t = 2 a
        a = site.clear_m2 * site.blend_per_m2
        c = 3.0 - 4.0 * a
        t = (c + math.sqrt(c * c + 40.0 * a)) / 10.0
        gradient = 12.0 * t * (1.0 - t) * math.sqrt((a + t) * site.blend_per_m2)
        outer = math.sqrt(site.clear_m2 + 1.0 / site.blend_per_m2)
        site.blend_slope = gradient * relief_range_m(maps, site, outer)
    steep = site.regional_scale * regional.steepest + site.local_scale * local.steepest
    site.steepest = slope + steep + site.blend_slope
    # slope x fade is largest at the fade distance, where it has half of its rise
    site.highest_m = 0.5 * SLOPE_FADE_M * slope
    top = site.regional_scale * regional.highest_m + site.local_scale * local.highest_m
    site.highest_m += max(top - site.datum_m, 0.0)
