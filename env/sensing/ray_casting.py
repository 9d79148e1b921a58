"""The first intersection of a ray with the ground, compiled.

Where no slope is steep enough for a ray to meet the ground twice, any root is the first, and steps
of gap / downward component find it: they contract by slope x tan(off-nadir angle). Elsewhere a ray
advances by what the steepest slope allows, which never skips a crest (sphere tracing: Hart, The
Visual Computer 12 (1996) 527), until the slopes near its end leave one root.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from env.base.moon import RADIUS_M
from env.terrain.bounds import steepest_within
from env.terrain.ground import ground_height_m

TOUCH_M = 1e-3  # distance at which a ray counts as a hit
CONTRACTION = 0.96  # steps are used where they contract at least this much ...
_NEAR_CONTRACTION = 0.75  # ... and at a ray's end, this much: the root is then within
_NEAR_WAY = 1.0 / (1.0 - _NEAR_CONTRACTION)  # times the gap over level ground
_MAX_REFINEMENTS = 60
_MAX_ADVANCES = 256
_SKIMMED_M = 0.05  # a ray that does not converge but is this near to the ground counts as a hit
_BEND = 1e-3  # the ground bends away by a metre a kilometre over a ray's length


class Eye(NamedTuple):
    """The rays' origin."""

    x_m: float  # Moon-centred
    y_m: float
    half_m: float  # (|r|^2 - R^2) / 2R, the altitude to the first order
    scale: float  # |r| / R


@njit(cache=True, error_model="numpy", forceinline=True)
def gap_m(maps: Any, site: Any, eye: Eye, dx: float, dy: float, down: float, s: float) -> float:
    """Height above the ground of the point at range `s` along a ray (altitude to third order)."""
    half = eye.half_m + s * (s * (0.5 / RADIUS_M) - down * eye.scale)
    altitude = half * (1.0 - half / (2.0 * RADIUS_M) * (1.0 - half / RADIUS_M))
    return altitude - ground_height_m(maps, site, eye.x_m + s * dx, eye.y_m + s * dy)


@njit(cache=True)
def single_hit(
    maps: Any, site: Any, eye: Eye, dx: float, dy: float, down: float, s: float
) -> float:
    """The range of the hit of a ray that meets the ground once: bracket from `s`, regula falsi.

    Illinois' variant: Dowell and Jarratt, BIT 11 (1971) 168.
    """
    gap = gap_m(maps, site, eye, dx, dy, down, s)
    low, low_gap, high, high_gap = 0.0, 0.0, 0.0, 0.0
    outside = gap > 0.0
    step = 1.5 * gap / down
    for _ in range(_MAX_REFINEMENTS):  # ten times the gap reaches the other side, as steps contract
        if gap > 0.0:
            low, low_gap = s, gap
        else:
            high, high_gap = s, gap
        if (gap > 0.0) != outside:
            break
        s = max(s + step, 0.0)
        step *= 2.0
        gap = gap_m(maps, site, eye, dx, dy, down, s)
    if not low_gap > high_gap:  # no other side
        return s
    side = 0
    for _ in range(_MAX_REFINEMENTS):
        s = (low * high_gap - high * low_gap) / (high_gap - low_gap)
        gap = gap_m(maps, site, eye, dx, dy, down, s)
        if abs(gap) < TOUCH_M:
            break
        if gap > 0.0:
            low, low_gap = s, gap
            high_gap *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            high, high_gap = s, gap
            low_gap *= 0.5 if side == -1 else 1.0
            side = -1
    return s


@njit(cache=True)
def first_hit(
    maps: Any,
    site: Any,
    eye: Eye,
    dx: float,
    dy: float,
    down: float,
    steepest: float,
    reach_m: float,
    farthest_m: float,
) -> float:
    """The range of any ray's first hit; inf if none within `farthest_m`.

    `dx`, `dy` are Moon-centred, `down` the component towards the Moon's centre. No slope within
    `reach_m` of the eye, horizontally, is larger than `steepest`.
    """
    along = math.sqrt(dx * dx + dy * dy)
    near_end = reach_m / max(along, 1e-9)
    closing = down + steepest * along + _BEND
    closing_far = down + site.steepest * along + _BEND
    s = 0.0
    gap = math.inf
    for _ in range(_MAX_ADVANCES):
        if s > farthest_m:
            return math.inf
        gap = gap_m(maps, site, eye, dx, dy, down, s)
        if gap < TOUCH_M:
            return s
        if down > 0.1:
            way = _NEAR_WAY * gap * along / down  # how far off the ground can be, if one root
            if way < reach_m:
                x, y = eye.x_m + s * dx, eye.y_m + s * dy
                slope = steepest_within(maps, site, x, y, way)
                if slope * along < _NEAR_CONTRACTION * down:
                    return single_hit(maps, site, eye, dx, dy, down, s)
                s += gap / (down + slope * along + _BEND)
                continue
        if s < near_end:
            s = near_end if closing <= 0.0 else min(s + gap / closing, near_end)
        elif closing_far <= 0.0:
            return math.inf
        else:
            s += gap / closing_far
    return s if gap < _SKIMMED_M else math.inf
