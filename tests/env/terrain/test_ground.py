"""Queries of the ground: continuity, gradients, bounds, curvature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from env.base.moon import RADIUS_M
from env.terrain.bounds import steepest_within
from env.terrain.ground import ground_height_and_slope, ground_height_m
from env.terrain.height_map import height_map_from_array
from env.terrain.maps import make_ground, synthetic_ground
from tests.env.terrain.sites import heights_at, middle_site, site_of, surface_ground

GROUND = synthetic_ground()
CONDITIONS = [  # slope range, relief, clear radius
    ((0.0, 0.0), 0.0, 0.0),
    ((2.0, 6.0), 0.0, 100.0),
    ((0.0, 6.0), 1.0, 0.0),
    ((0.0, 3.0), 0.5, 60.0),
    ((5.0, 5.0), 1.0, 10.0),
]
seeds = st.integers(0, 2**64 - 1)
distances = st.floats(-4000.0, 4000.0)


def site_for(seed: int, condition: int) -> Any:
    slope, relief, clear = CONDITIONS[condition]
    return site_of(GROUND, seed, slope, relief, clear)


@given(seeds, st.integers(0, len(CONDITIONS) - 1))
@settings(max_examples=60, deadline=None)
def test_the_pad_is_at_height_zero(seed: int, condition: int) -> None:
    assert ground_height_m(GROUND.maps, site_for(seed, condition), 0.0, 0.0) == 0.0


@given(seeds, st.integers(0, len(CONDITIONS) - 1), distances, distances)
@settings(max_examples=300, deadline=None)
def test_gradient_is_the_finite_difference(seed: int, condition: int, x: float, y: float) -> None:
    site = site_for(seed, condition)
    height, slope_x, slope_y = ground_height_and_slope(GROUND.maps, site, x, y)
    assert height == pytest.approx(ground_height_m(GROUND.maps, site, x, y), abs=1e-9)
    step = 1e-6
    for dx, dy, slope in ((step, 0.0, slope_x), (0.0, step, slope_y)):
        ahead = (ground_height_m(GROUND.maps, site, x + dx, y + dy) - height) / step
        behind = (height - ground_height_m(GROUND.maps, site, x - dx, y - dy)) / step
        # within one cell both sides agree with it; on a cell's edge, one side does
        assert min(abs(ahead - slope), abs(behind - slope)) < 1e-3


@given(
    seeds,
    st.integers(0, len(CONDITIONS) - 1),
    st.tuples(distances, distances),
    st.floats(0.5, 1000.0),
    st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 2.0 * math.pi)),
)
@settings(max_examples=400, deadline=None)
def test_no_slope_within_reach_exceeds_the_bound(
    seed: int,
    condition: int,
    centre: tuple[float, float],
    reach: float,
    place: tuple[float, float],
) -> None:
    x, y = centre
    share, bearing = place
    site = site_for(seed, condition)
    bound = steepest_within(GROUND.maps, site, x, y, reach)
    assert bound <= site["steepest"]
    for part in (share, 0.999):
        at_x, at_y = x + part * reach * math.cos(bearing), y + part * reach * math.sin(bearing)
        height, slope_x, slope_y = ground_height_and_slope(GROUND.maps, site, at_x, at_y)
        assert math.hypot(slope_x, slope_y) <= bound + 1e-6
        assert height <= site["highest_m"] + 1e-3


def test_the_bound_covers_the_blend_s_own_slope() -> None:
    """On a map that is one plane, the blend around a clear pad is steeper than the plane."""
    ground = surface_ground(lambda x, y: 0.2 * x, 600, 8.0)
    steepest = 0.0
    for seed in range(20):
        site = site_of(ground, seed, relief=1.0, clear_radius_m=60.0)
        for bearing in np.linspace(0.0, 2.0 * math.pi, 24):
            for radius in np.linspace(62.0, 200.0, 30):
                x, y = radius * math.cos(bearing), radius * math.sin(bearing)
                _, slope_x, slope_y = ground_height_and_slope(ground.maps, site, x, y)
                slope = math.hypot(slope_x, slope_y)
                assert slope <= steepest_within(ground.maps, site, x, y, 1.0)
                steepest = max(steepest, slope)
    assert steepest > 1.5 * ground.maps[0]["steepest"]


def test_the_bound_is_reached() -> None:
    """A bound twice too large would still hold: the steepest cell of the local map reaches it."""
    site = site_of(GROUND, 1)
    site["regional_scale"] = 0.0
    largest = 0.0
    axis = np.arange(0.0, 1024.0, 1.0)
    # just inside each cell's four corners, in the map's own cells
    for u, v in ((1e-6, 1e-6), (1e-6, 1 - 1e-6), (1 - 1e-6, 1e-6), (1 - 1e-6, 1 - 1e-6)):
        site["local_u"], site["local_v"] = u / 1024.0, v / 1024.0
        site["local_ux"], site["local_uy"] = 1.0 / 1024.0, 0.0
        site["local_vx"], site["local_vy"] = 0.0, 1.0 / 1024.0
        for y in axis[::4]:
            x = axis
            h = heights_at(GROUND.maps, site, x, np.full(x.size, y))
            ahead = heights_at(GROUND.maps, site, x + 1e-7, np.full(x.size, y))
            aside = heights_at(GROUND.maps, site, x, np.full(x.size, y + 1e-7))
            largest = max(largest, float(np.hypot(ahead - h, aside - h).max() / 1e-7))
    assert largest > 0.9 * GROUND.maps[1]["steepest"]
    assert largest < 1.001 * GROUND.maps[1]["steepest"]


def test_heights_have_no_step() -> None:
    """Along 8 km lines across every edge of both maps, no 1 mm step rises more than it may."""
    for condition in range(len(CONDITIONS)):
        site = site_for(11, condition)
        for bearing in (0.3, 1.9):
            along = np.arange(-4000.0, 4000.0, 0.37)
            x, y = along * math.cos(bearing), along * math.sin(bearing)
            h = heights_at(GROUND.maps, site, x, y)
            step = 1e-3
            ahead = heights_at(
                GROUND.maps, site, x + step * math.cos(bearing), y + step * math.sin(bearing)
            )
            assert np.abs(ahead - h).max() <= site["steepest"] * step + 1e-7


def test_far_from_the_edges_the_periodic_map_repeats() -> None:
    site = site_of(GROUND, 4)
    site["local_scale"] = 0.0
    x, y = np.linspace(-500.0, 500.0, 50), np.linspace(300.0, -700.0, 50)
    period = 1024 * 32.0
    # a period of the map, along its own axes
    turn_x = site["regional_ux"] * period * period
    turn_y = site["regional_uy"] * period * period
    again = heights_at(GROUND.maps, site, x + turn_x, y + turn_y)
    np.testing.assert_allclose(again, heights_at(GROUND.maps, site, x, y), atol=1e-6)


def test_a_user_map_is_mirrored_at_its_edges() -> None:
    rng = np.random.default_rng(2)
    ground = make_ground(height_map_from_array(rng.normal(size=(5, 9)), 10.0), local_scale=0.0)
    site = middle_site(ground)
    right, top = 40.0, 20.0  # the last column and row, from the middle
    for beyond in (0.0, 3.0, 17.0, 55.0):
        outside = ground_height_m(ground.maps, site, right + beyond, 5.0)
        assert outside == pytest.approx(ground_height_m(ground.maps, site, right - beyond, 5.0))
        outside = ground_height_m(ground.maps, site, -7.0, top + beyond)
        assert outside == pytest.approx(ground_height_m(ground.maps, site, -7.0, top - beyond))


def test_nodes_of_a_user_map_are_met_exactly() -> None:
    ground = surface_ground(lambda x, y: 0.01 * x * y + 3.0 * x, 21, 5.0)
    site = middle_site(ground)
    for x, y in ((0.0, 0.0), (25.0, -10.0), (-45.0, 49.0), (12.0, 31.0)):
        # a bilinear surface of a bilinear function is that function
        height, slope_x, slope_y = ground_height_and_slope(ground.maps, site, x, y)
        assert height == pytest.approx(0.01 * x * y + 3.0 * x, abs=1e-4)
        assert slope_x == pytest.approx(0.01 * y + 3.0, abs=1e-4)
        assert slope_y == pytest.approx(0.01 * x, abs=1e-4)


def test_the_plane_fades_with_distance() -> None:
    site = site_of(GROUND, 9, (6.0, 6.0), 0.0, 0.0)
    slope = math.tan(math.radians(6.0))
    _, slope_x, slope_y = ground_height_and_slope(GROUND.maps, site, 0.0, 0.0)
    assert math.hypot(slope_x, slope_y) == pytest.approx(slope)
    x, y = 200.0 * slope_x / slope, 200.0 * slope_y / slope
    assert ground_height_m(GROUND.maps, site, x, y) == pytest.approx(100.0 * slope)
    assert abs(ground_height_m(GROUND.maps, site, 100 * x, 100 * y)) < 0.02 * 200.0 * slope


def test_a_level_moon_curves_away() -> None:
    """15 km from the pad, level ground stands d^2 / 2R below the pad's horizon, by exact radius."""
    site = site_of(GROUND, 2, (0.0, 0.0), 0.0, 0.0)
    x = 15_000.0
    ground_radius = RADIUS_M + ground_height_m(GROUND.maps, site, x, 0.0)
    z = math.sqrt(ground_radius**2 - x**2)
    assert RADIUS_M - z == pytest.approx(x**2 / (2.0 * RADIUS_M), rel=1e-4)
    assert RADIUS_M - z == pytest.approx(64.75, abs=0.01)


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 1e300])
def test_a_diverged_state_reads_no_map(x: float) -> None:
    site = site_of(GROUND, 3)
    assert not math.isfinite(ground_height_m(GROUND.maps, site, x, 0.0)) or x == 1e300
    ground_height_and_slope(GROUND.maps, site, 0.0, x)


@pytest.mark.parametrize("scale", [-1.0, math.nan, math.inf])
def test_local_relief_cannot_be_negative(scale: float) -> None:
    with pytest.raises(ValueError, match="must be 0 or more"):
        make_ground(local_scale=scale)
