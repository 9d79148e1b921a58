"""Simple impact craters: their number, and their shape from fresh to worn, compiled.

Sizes. Craters small enough to be in equilibrium count N(>D) = 0.03 x 1.54 D^-2 per unit area: a few
percent of geometric saturation (Gault, Radio Science 5 (1970) 273; Minton et al., Icarus 326 (2019)
63). Larger ones follow production, D^-2.8 (Moore, Boyce, Hahn, Moon and Planets 23 (1980) 231).

Shape. Fresh: depth/diameter 0.2 and rim height 0.04 D (Pike, Impact and Explosion Cratering (1977)
489: 0.196 D^1.01 and 0.036 D^1.01 km), a parabolic bowl below straight walls near repose, ejecta
thinning as (r/R)^-3 (McGetchin, Settle, Head, EPSL 20 (1973) 226). Worn: shallower, the rim lower
in proportion, the floor filled flat. Depth/diameter of small craters runs from 0.2 down to a few
hundredths, most of them worn (Stopar et al., Icarus 298 (2017) 34); uniform ages and exponential
infill make it log-uniform.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

SATURATION_PER_UNIT_AREA = 1.54  # N(>D) D^2 at geometric saturation, Gault 1970
EQUILIBRIUM_FRACTION = 0.03
EQUILIBRIUM_EXPONENT = 2.0
PRODUCTION_EXPONENT = 2.8
EQUILIBRIUM_DIAMETER_M = 300.0  # lunar maria: about where the two laws meet

FRESH_DEPTH_RATIO = 0.2
FRESH_RIM_RATIO = 0.04
WALL_SLOPE = math.tan(math.radians(33.0))  # angle of repose of loose ground
WALL_STEEPENING = 0.6  # assumption: a filled crater's bowl was this much deeper when most worn
CREST_ROUNDING = 0.3  # assumption: over this share of its depth, when most worn
EJECTA_REACH_RADII = 4.0  # (r/R)^-3 is faded to nothing between 3 R and here

CRATER_DTYPE = np.dtype(
    [
        ("x_m", np.float64),
        ("y_m", np.float64),
        ("diameter_m", np.float64),
        ("depth_ratio", np.float64),  # rim crest to floor, of the diameter
    ]
)


def craters_larger_than(diameter_m: float) -> float:
    """Number of craters larger than `diameter_m` per square metre."""
    count = EQUILIBRIUM_FRACTION * SATURATION_PER_UNIT_AREA
    if diameter_m <= EQUILIBRIUM_DIAMETER_M:
        return float(count * diameter_m**-EQUILIBRIUM_EXPONENT)
    count *= EQUILIBRIUM_DIAMETER_M**-EQUILIBRIUM_EXPONENT
    return float(count * (diameter_m / EQUILIBRIUM_DIAMETER_M) ** -PRODUCTION_EXPONENT)


def diameter_m_of(larger_per_m2: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Inverse of `craters_larger_than`, elementwise."""
    count = EQUILIBRIUM_FRACTION * SATURATION_PER_UNIT_AREA
    small = (larger_per_m2 / count) ** (-1.0 / EQUILIBRIUM_EXPONENT)
    knee = count * EQUILIBRIUM_DIAMETER_M**-EQUILIBRIUM_EXPONENT
    large = EQUILIBRIUM_DIAMETER_M * (larger_per_m2 / knee) ** (-1.0 / PRODUCTION_EXPONENT)
    return np.where(larger_per_m2 >= knee, small, large)


def draw_craters(
    generator: np.random.Generator,
    side_m: float,
    smallest_m: float,
    largest_m: float,
    shallowest: float,
) -> npt.NDArray[np.void]:
    """The craters of a square of `side_m`, in order of age: CRATER_DTYPE rows.

    Diameters between the two limits by the size-frequency law, depth/diameter log-uniform between
    `shallowest` and fresh.
    """
    most, fewest = craters_larger_than(smallest_m), craters_larger_than(largest_m)
    count = int(generator.poisson((most - fewest) * side_m * side_m))
    craters = np.zeros(count, CRATER_DTYPE)
    craters["x_m"] = generator.uniform(0.0, side_m, count)
    craters["y_m"] = generator.uniform(0.0, side_m, count)
    craters["diameter_m"] = diameter_m_of(generator.uniform(fewest, most, count))
    worn = np.sort(generator.uniform(0.0, 1.0, count))[::-1]  # the oldest are the most worn
    craters["depth_ratio"] = FRESH_DEPTH_RATIO * (shallowest / FRESH_DEPTH_RATIO) ** worn
    return craters


@njit(cache=True)
def _bowl_depth_m(x: float, depth_m: float, diameter_m: float) -> float:
    """Depth below the rim crest at `x` radii, of a bowl `depth_m` deep and nowhere too steep."""
    wall = 0.5 * diameter_m * WALL_SLOPE  # how deep a straight wall would reach at the centre
    join = 2.0 * (1.0 - depth_m / wall)  # where a parabola of this depth meets the wall smoothly
    if join >= 1.0:
        return depth_m * (1.0 - x * x)
    if x >= join:
        return wall * (1.0 - x)
    return depth_m - 0.5 * wall * x * x / join


@njit(cache=True)
def _rounded_min(a: float, b: float, width: float) -> float:
    """The minimum of two heights, smoothed where they differ by less than about `width`."""
    return 0.5 * (a + b - math.sqrt((a - b) * (a - b) + width * width))


@njit(cache=True)
def crater_height_m(distance_m: float, diameter_m: float, depth_ratio: float) -> float:
    """Height (m) that a crater adds to a plain, `distance_m` from its centre."""
    x = 2.0 * distance_m / diameter_m  # radii
    if x >= EJECTA_REACH_RADII:
        return 0.0
    wear = 1.0 - depth_ratio / FRESH_DEPTH_RATIO
    rim = FRESH_RIM_RATIO * (1.0 - wear) * diameter_m
    depth = depth_ratio * diameter_m
    rounding = CREST_ROUNDING * wear * depth
    bowl = rim - _bowl_depth_m(x, depth * (1.0 + WALL_STEEPENING * wear), diameter_m)
    floor = rim - depth
    inside = -_rounded_min(-bowl, -floor, rounding)
    ejecta = rim / max(x, 0.1) ** 3
    height = _rounded_min(inside, ejecta, rounding)
    if x > 3.0:
        t = EJECTA_REACH_RADII - x
        height *= t * t * (3.0 - 2.0 * t)
    return height


@njit(cache=True)
def add_craters(heights_m: Any, cell_m: float, craters: Any) -> None:
    """Add craters to a square periodic map (n, n), in metres, float64."""
    n = heights_m.shape[0]
    for k in range(craters.shape[0]):
        diameter = craters[k].diameter_m
        depth_ratio = craters[k].depth_ratio
        u, v = craters[k].x_m / cell_m, craters[k].y_m / cell_m
        reach = 0.5 * EJECTA_REACH_RADII * diameter / cell_m
        for j in range(math.ceil(v - reach), math.floor(v + reach) + 1):
            for i in range(math.ceil(u - reach), math.floor(u + reach) + 1):
                distance = math.sqrt((i - u) * (i - u) + (j - v) * (j - v)) * cell_m
                heights_m[j % n, i % n] += crater_height_m(distance, diameter, depth_ratio)
