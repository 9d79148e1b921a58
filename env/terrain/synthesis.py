"""The synthetic Moon: two periodic height maps, created once per process, always the same.

Roughness is fractal with the Hurst exponent of the lunar highlands, 0.95 in the median (Rosenburg
et al., JGR 116 (2011) E02001), by spectral synthesis (Turcotte, Fractals and Chaos in Geology,
1997, 7.4). Slopes beyond the angle of repose slump.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from env.terrain.boulders import add_boulders
from env.terrain.craters import add_craters, draw_craters
from env.terrain.height_map import Edges, HeightMap

HURST_EXPONENT = 0.95
# Between nodes; a bilinear cell that is no plane is a little steeper in a corner, and stays below
# the 35 degrees at which loose regolith comes to rest (Carrier et al., Lunar Sourcebook, 9.1).
SLUMP_SLOPE = math.tan(math.radians(33.0))

REGIONAL_CELLS = 1024
REGIONAL_CELL_M = 32.0
REGIONAL_CRATERS_M = (200.0, 4000.0)
REGIONAL_SHALLOWEST = 0.08  # large craters wear slowly
REGIONAL_RMS_SLOPE = 0.06  # of roughness alone, between neighbouring nodes

LOCAL_CELLS = 1024
LOCAL_CELL_M = 1.0
LOCAL_CRATERS_M = (4.0, 200.0)
LOCAL_SHALLOWEST = 0.03
LOCAL_RMS_SLOPE = 0.04

_SEED = 1969_07_20


def fractal_relief_m(
    generator: np.random.Generator, cells: int, cell_m: float, rms_slope: float
) -> npt.NDArray[np.float64]:
    """Periodic Gaussian relief (cells, cells), metres, with HURST_EXPONENT.

    `rms_slope` is that of one axis between neighbouring nodes.
    """
    wave_x = np.fft.rfftfreq(cells)
    wave_y = np.fft.fftfreq(cells)[:, None]
    wave = np.hypot(wave_x, wave_y)
    wave[0, 0] = np.inf  # no mean
    spectrum = np.fft.rfft2(generator.standard_normal((cells, cells)))
    relief = np.fft.irfft2(spectrum * wave ** -(HURST_EXPONENT + 1.0), s=(cells, cells))
    step = np.diff(relief, axis=1)
    return np.asarray(relief * (rms_slope * cell_m / math.sqrt(float((step**2).mean()))))


@njit(cache=True)
def _slump(heights_m: Any, cell_m: float, steepest: float) -> None:
    """Lower crests until no node is steeper than `steepest` towards its lower neighbours.

    The largest surface below this one whose gradient keeps the limit: an eikonal equation, solved
    by sweeps in four directions until nothing moves (Zhao, Math. Comp. 74 (2005) 603).
    """
    n = heights_m.shape[0]
    rise = steepest * cell_m
    moved = True
    while moved:
        moved = False
        for way_y in (1, -1):
            for way_x in (1, -1):
                for row in range(n):
                    j = row if way_y == 1 else n - 1 - row
                    south, north = (j - 1) % n, (j + 1) % n
                    for column in range(n):
                        i = column if way_x == 1 else n - 1 - column
                        west, east = (i - 1) % n, (i + 1) % n
                        x = min(heights_m[j, west], heights_m[j, east])
                        y = min(heights_m[south, i], heights_m[north, i])
                        top = min(x, y) + rise
                        if abs(x - y) < rise:
                            top = 0.5 * (x + y + math.sqrt(2.0 * rise * rise - (x - y) ** 2))
                        if heights_m[j, i] > top + 1e-6:
                            heights_m[j, i] = top
                            moved = True


def synthesize(
    seed: int,
    cells: int,
    cell_m: float,
    rms_slope: float,
    diameters_m: tuple[float, float],
    shallowest: float,
    boulders: bool = False,
) -> HeightMap:
    """A periodic map of roughness and craters between two diameters, slumped to repose."""
    generator = np.random.Generator(np.random.PCG64(seed))
    heights = fractal_relief_m(generator, cells, cell_m, rms_slope)
    craters = draw_craters(generator, cells * cell_m, *diameters_m, shallowest)
    add_craters(heights, cell_m, craters)
    if boulders:
        add_boulders(generator, heights, cell_m)
    _slump(heights, cell_m, SLUMP_SLOPE)
    heights -= heights.mean()
    return HeightMap(heights.astype(np.float32), cell_m, Edges.PERIODIC)


@cache
def regional_map() -> HeightMap:
    """Hills and craters from 200 m to 4 km on a square of 33 km."""
    return synthesize(
        _SEED,
        REGIONAL_CELLS,
        REGIONAL_CELL_M,
        REGIONAL_RMS_SLOPE,
        REGIONAL_CRATERS_M,
        REGIONAL_SHALLOWEST,
    )


@cache
def local_map() -> HeightMap:
    """Roughness, boulders and craters from 4 m to 200 m on a square of 1 km."""
    return synthesize(
        _SEED + 1,
        LOCAL_CELLS,
        LOCAL_CELL_M,
        LOCAL_RMS_SLOPE,
        LOCAL_CRATERS_M,
        LOCAL_SHALLOWEST,
        boulders=True,
    )
