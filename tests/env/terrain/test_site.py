"""Choice of a site: from the seed alone, clear or landable."""

from __future__ import annotations

import math

import numpy as np

from env.terrain.ground import ground_height_and_slope
from env.terrain.maps import synthetic_ground
from env.terrain.site import (
    FOOTPRINT_RADIUS_M,
    MAX_CANDIDATES,
    MAX_SITE_RELIEF_M,
    MAX_SITE_SLOPE,
)
from tests.env.terrain.sites import heights_at, site_of, surface_ground

GROUND = synthetic_ground()


def test_a_site_is_a_function_of_its_seed() -> None:
    for relief, clear in ((1.0, 0.0), (0.4, 50.0)):
        first = site_of(GROUND, 77, (0.0, 5.0), relief, clear)
        site_of(GROUND, 78, (0.0, 5.0), relief, clear)
        assert first == site_of(GROUND, 77, (0.0, 5.0), relief, clear)


def test_every_seed_has_new_ground() -> None:
    x, y = np.linspace(-300.0, 300.0, 40), np.linspace(200.0, -250.0, 40)
    seen = [heights_at(GROUND.maps, site_of(GROUND, seed), x, y) for seed in range(60)]
    for k, heights in enumerate(seen):
        for other in seen[:k]:
            assert np.abs(heights - other).max() > 0.5


def test_a_clear_pad_is_a_plane_and_relief_lies_beyond() -> None:
    clear = 100.0
    for seed in range(20):
        site = site_of(GROUND, seed, (2.0, 4.0), 1.0, clear)
        angle = np.linspace(0.0, 2.0 * math.pi, 60)
        for radius in (1.0, 30.0, 99.9):
            x, y = radius * np.cos(angle), radius * np.sin(angle)
            fade = 200.0**2 / (200.0**2 + radius**2)
            plane = (site["slope_x"] * x + site["slope_y"] * y) * fade
            np.testing.assert_allclose(heights_at(GROUND.maps, site, x, y), plane, atol=1e-9)
        slope = math.degrees(math.atan(math.hypot(site["slope_x"], site["slope_y"])))
        assert 2.0 <= slope <= 4.0
        x, y = 400.0 * np.cos(angle), 400.0 * np.sin(angle)
        assert np.std(heights_at(GROUND.maps, site, x, y)) > 0.3


def test_relief_scales_the_ground() -> None:
    x, y = np.linspace(150.0, 900.0, 30), np.linspace(-400.0, 500.0, 30)
    whole = heights_at(GROUND.maps, site_of(GROUND, 5, relief=1.0, clear_radius_m=30.0), x, y)
    part = heights_at(GROUND.maps, site_of(GROUND, 5, relief=0.25, clear_radius_m=30.0), x, y)
    np.testing.assert_allclose(part, 0.25 * whole, atol=1e-9)


def test_directions_of_the_plane_are_uniform() -> None:
    sites = [site_of(GROUND, seed, (3.0, 3.0), 0.0) for seed in range(2000)]
    angle = np.array([math.atan2(site["slope_y"], site["slope_x"]) for site in sites])
    counts, _ = np.histogram(angle, bins=10, range=(-math.pi, math.pi))
    assert ((counts - 200.0) ** 2 / 200.0).sum() < 27.9  # chi-square, 9 degrees, 1 in 1000


def test_sites_on_full_relief_are_landable() -> None:
    """Checked again on a grid of the footprint, by limits a little above those of the choice."""
    axis = np.linspace(-FOOTPRINT_RADIUS_M, FOOTPRINT_RADIUS_M, 41)
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    inside = np.hypot(x, y) <= FOOTPRINT_RADIUS_M
    x, y = x[inside], y[inside]
    design = np.column_stack([x, y, np.ones(x.size)])
    landable = 0
    candidates = []
    for seed in range(300):
        site = site_of(GROUND, seed, (0.0, 0.0), 1.0, 0.0)
        candidates.append(int(site["candidates"]))
        if not site["landable"]:
            assert candidates[-1] == MAX_CANDIDATES
            continue
        landable += 1
        assert site["site_slope"] <= MAX_SITE_SLOPE
        assert site["site_relief_m"] <= MAX_SITE_RELIEF_M
        heights = heights_at(GROUND.maps, site, x, y)
        fit, *_ = np.linalg.lstsq(design, heights, rcond=None)
        assert math.hypot(fit[0], fit[1]) < MAX_SITE_SLOPE + 0.02
        rest = heights - design @ fit
        # 64 points may pass between the boulders that a finer grid meets
        assert np.percentile(rest, 98) - np.percentile(rest, 2) < MAX_SITE_RELIEF_M
    assert landable >= 294
    assert 1.5 < np.mean(candidates) < 20.0


def test_the_best_of_bad_sites_is_taken() -> None:
    """A slope of 20 degrees everywhere: no site is landable, and the choice says so."""
    ground = surface_ground(lambda x, y: math.tan(math.radians(20.0)) * x, 400, 5.0)
    site = site_of(ground, 6)
    assert site["landable"] == 0
    assert site["candidates"] == MAX_CANDIDATES
    _, slope_x, slope_y = ground_height_and_slope(ground.maps, site, 0.0, 0.0)
    assert math.isclose(math.hypot(slope_x, slope_y), math.tan(math.radians(20.0)), rel_tol=1e-3)
