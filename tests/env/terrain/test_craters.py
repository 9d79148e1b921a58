"""Craters and roughness against published morphometry."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from env.terrain import craters, synthesis
from env.terrain.height_map import HeightMap


def profile(diameter_m: float, depth_ratio: float, samples: int = 4001) -> tuple[list[float], ...]:
    """Distances out to 5 radii, and heights there."""
    distance = [2.5 * diameter_m * k / (samples - 1) for k in range(samples)]
    return distance, [craters.crater_height_m(d, diameter_m, depth_ratio) for d in distance]


@pytest.mark.parametrize("diameter_m", [5.0, 100.0, 3000.0])
def test_a_fresh_crater_has_pikes_proportions(diameter_m: float) -> None:
    distance, height = profile(diameter_m, craters.FRESH_DEPTH_RATIO)
    crest = int(np.argmax(height))
    assert distance[crest] == pytest.approx(diameter_m / 2, rel=2e-3)
    # Pike 1977, km: depth 0.196 D^1.010, rim height 0.036 D^1.014
    kilometres = diameter_m / 1000.0
    assert height[crest] - min(height) == pytest.approx(196.0 * kilometres**1.010, rel=0.08)
    assert height[crest] == pytest.approx(36.0 * kilometres**1.014, rel=0.2)


def test_ejecta_thin_with_the_cube_of_distance() -> None:
    diameter = 200.0
    fresh = craters.FRESH_DEPTH_RATIO
    near = craters.crater_height_m(1.2 * diameter / 2, diameter, fresh)
    far = craters.crater_height_m(2.4 * diameter / 2, diameter, fresh)
    assert near / far == pytest.approx(8.0)


def test_a_fresh_bowl_is_a_parabola_below_walls_near_repose() -> None:
    diameter = 100.0
    height = [craters.crater_height_m(d, diameter, craters.FRESH_DEPTH_RATIO) for d in range(51)]
    curvature = np.diff(height, 2)
    inner = curvature[:35]
    assert inner == pytest.approx(np.full(inner.size, inner[0]), rel=1e-9)
    slope = np.diff(height)
    assert slope.max() == pytest.approx(craters.WALL_SLOPE, rel=1e-6)


@pytest.mark.parametrize("depth_ratio", [0.2, 0.15, 0.1, 0.05, 0.03])
def test_worn_craters_are_shallower_with_lower_rims(depth_ratio: float) -> None:
    diameter = 50.0
    _, height = profile(diameter, depth_ratio)
    depth = max(height) - min(height)
    rounding = craters.CREST_ROUNDING * (1.0 - depth_ratio / craters.FRESH_DEPTH_RATIO)
    assert depth <= depth_ratio * diameter * (1.0 + 1e-9)
    assert depth >= depth_ratio * diameter * (1.0 - rounding)
    steepest = max(abs(b - a) for a, b in pairwise(height))
    assert steepest / (2.5 * diameter / 4000) <= craters.WALL_SLOPE * 1.001
    assert height[-1] == 0.0


def test_size_frequency_follows_equilibrium_then_production() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    drawn = np.sort(craters.draw_craters(generator, 30_000.0, 40.0, 5000.0, 0.05)["diameter_m"])
    area = 30_000.0**2

    def larger(diameter: float) -> int:
        return int(drawn.size - np.searchsorted(drawn, diameter))

    for diameter in (50.0, 100.0, 200.0, 400.0, 800.0):
        # the lower law of the two, less what is larger than the largest drawn
        equilibrium = 0.03 * 1.54 * diameter**-2.0
        knee = 0.03 * 1.54 * 300.0**-2.0
        expected = equilibrium if diameter <= 300.0 else knee * (diameter / 300.0) ** -2.8
        expected = (expected - knee * (5000.0 / 300.0) ** -2.8) * area
        assert abs(larger(diameter) - expected) < 4.5 * math.sqrt(expected)
    slope = math.log(larger(50.0) / larger(200.0)) / math.log(50.0 / 200.0)
    assert slope == pytest.approx(-2.0, abs=0.1)


def test_a_crater_across_the_edge_of_a_periodic_map_is_whole() -> None:
    def stamped(x_m: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        heights = np.zeros((128, 128))
        crater = np.zeros(1, craters.CRATER_DTYPE)
        crater["x_m"], crater["y_m"] = x_m, 128.0
        crater["diameter_m"], crater["depth_ratio"] = 40.0, 0.15
        craters.add_craters(heights, 2.0, crater)
        return heights

    middle, edge = stamped(128.0), stamped(0.0)
    assert middle.min() < -4.0
    np.testing.assert_allclose(np.roll(middle, -64, axis=1), edge, atol=1e-12)


def test_roughness_has_the_hurst_exponent_of_the_highlands() -> None:
    """Power falls as wave number to the -2 (H + 1): Turcotte 1997, equation 7.44 for a surface."""
    generator = np.random.Generator(np.random.PCG64(5))
    relief = synthesis.fractal_relief_m(generator, 1024, 1.0, 0.05)
    power = np.abs(np.fft.fft2(relief)) ** 2
    wave = np.hypot(np.fft.fftfreq(1024), np.fft.fftfreq(1024)[:, None])
    edges = np.geomspace(0.005, 0.4, 12)
    rings = [power[(wave >= a) & (wave < b)].mean() for a, b in pairwise(edges)]
    middles = [np.log(wave[(wave >= a) & (wave < b)]).mean() for a, b in pairwise(edges)]
    assert np.polyfit(middles, np.log(rings), 1)[0] == pytest.approx(-2 * 1.95, abs=0.05)
    step = np.diff(relief, axis=1)
    assert np.sqrt((step**2).mean()) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize("height_map", [synthesis.regional_map(), synthesis.local_map()])
def test_slopes_keep_the_angle_of_repose(height_map: HeightMap) -> None:
    heights = np.asarray(height_map.heights_m, np.float64)
    x = (np.roll(heights, -1, axis=1) - np.roll(heights, 1, axis=1)) / (2 * height_map.cell_m)
    y = (np.roll(heights, -1, axis=0) - np.roll(heights, 1, axis=0)) / (2 * height_map.cell_m)
    slope = np.degrees(np.arctan(np.hypot(x, y)))
    assert slope.max() < 36.0
    assert np.median(slope) > 2.0
    assert np.median(slope) < 8.0  # Rosenburg et al. 2011: maria 2, highlands 7.5 at 17 m


def test_the_maps_are_the_same_in_every_process() -> None:
    once, again = synthesis.local_map(), synthesis.local_map.__wrapped__()
    np.testing.assert_array_equal(once.heights_m, again.heights_m)
