"""The synthetic Moon: two periodic height maps made once a process, the same in every one.

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

from env.terrain.craters import add_craters, draw_craters
from env.terrain.height_map import Edges, HeightMap

HURST_EXPONENT = 0.95
REPOSE_SLOPE = math.tan(math.radians(35.0))  # loose regolith, Carrier et al., Lunar Sourcebook 9.1

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
_SLUMP_PASSES = 200


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
def _slump(heights_m: Any, cell_m: float, steepest: float, passes: int) -> None:
    """Level what is steeper than `steepest` by moving ground to the neighbours, in place."""
    n = heights_m.shape[0]
    moved = np.empty_like(heights_m)
    limit = (steepest * cell_m) ** 2
    for _ in range(passes):
        moved[:] = 0.0
        busy = False
        for j in range(n):
            j1 = j + 1 if j + 1 < n else 0
            for i in range(n):
                i1 = i + 1 if i + 1 < n else 0
                a, b = heights_m[j, i], heights_m[j, i1]
                c, d = heights_m[j1, i], heights_m[j1, i1]
                square = max((b - a) ** 2, (d - c) ** 2) + max((c - a) ** 2, (d - b) ** 2)
                if square > limit:
                    busy = True
                    share = 0.2 * (1.0 - math.sqrt(limit / square)) + 0.002
                    mean = 0.25 * (a + b + c + d)
                    moved[j, i] += share * (mean - a)
                    moved[j, i1] += share * (mean - b)
                    moved[j1, i] += share * (mean - c)
                    moved[j1, i1] += share * (mean - d)
        if not busy:
            return
        heights_m += moved


def synthesize(
    seed: int,
    cells: int,
    cell_m: float,
    rms_slope: float,
    diameters_m: tuple[float, float],
    shallowest: float,
) -> HeightMap:
    """A periodic map of roughness and craters between two diameters, slumped to repose."""
    generator = np.random.Generator(np.random.PCG64(seed))
    heights = fractal_relief_m(generator, cells, cell_m, rms_slope)
    craters = draw_craters(generator, cells * cell_m, *diameters_m, shallowest)
    add_craters(heights, cell_m, craters)
    _slump(heights, cell_m, REPOSE_SLOPE, _SLUMP_PASSES)
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
    """Roughness and craters from 4 m to 200 m on a square of 1 km."""
    return synthesize(
        _SEED + 1,
        LOCAL_CELLS,
        LOCAL_CELL_M,
        LOCAL_RMS_SLOPE,
        LOCAL_CRATERS_M,
        LOCAL_SHALLOWEST,
    )
