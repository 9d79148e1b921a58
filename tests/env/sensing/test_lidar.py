"""The LiDAR against closed forms: planes, a bowl, a wall; and its noise against its model."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from env.base.moon import RADIUS_M
from env.physics.attitude import body_to_inertial, tilt_sigma
from env.sensing.lidar import (
    PROFILE_SIZE,
    RAY_DIRECTIONS,
    RAYS,
    RINGS,
    SECTORS,
    LidarModel,
    lidar_record,
    profile,
    scan,
)
from env.terrain.ground import ground_height_m
from env.terrain.maps import Ground, synthetic_ground
from tests.env.terrain.sites import middle_site, site_of, surface_ground

Vector = npt.NDArray[np.float64]
Ranges = npt.NDArray[np.float32]

GROUND = synthetic_ground()
# Rays in every direction: tests the ground, not the sensor's limits.
EXACT = LidarModel(noisy=False, max_off_nadir_rad=math.radians(89.9))
NO_OFFSET = np.zeros(3)


def above(x: float, y: float, height_m: float) -> Vector:
    """A Moon-centred position `height_m` above the sphere through the pad."""
    radius = RADIUS_M + height_m
    return np.array([x, y, math.sqrt(radius * radius - x * x - y * y)])


def tilted(tilt_deg: float, azimuth_deg: float = 0.0) -> Vector:
    """[NB] of a craft that leans."""
    sigma, dcm = np.zeros(3), np.zeros((3, 3))
    tilt_sigma(math.radians(tilt_deg), math.radians(azimuth_deg), sigma)
    body_to_inertial(sigma, dcm)
    return dcm


def scanned(
    ground: Ground,
    site: Any,
    position: Vector,
    dcm: Vector,
    model: LidarModel = EXACT,
    *,
    origin: Vector = NO_OFFSET,
) -> Ranges:
    ranges = np.zeros(RAYS, np.float32)
    stream = np.array([1], np.uint64)
    record = lidar_record(model)[0]
    count = scan(record, ground.maps, site, position, dcm, origin, stream, 0, ranges)
    assert count == np.count_nonzero(np.isfinite(ranges))
    return ranges


def to_sphere(position: Vector, direction: Vector, radius: float) -> float:
    """Range from a position to a Moon-centred sphere."""
    along = float(position @ direction)
    depth = float(np.linalg.norm(position) - radius) * float(np.linalg.norm(position) + radius)
    return -along - math.sqrt(along * along - depth)


@pytest.mark.parametrize("tilt_deg", [0.0, 7.0, 25.0, 45.0])
@pytest.mark.parametrize("height_m", [2.0, 60.0, 400.0])
def test_level_ground_is_a_sphere(tilt_deg: float, height_m: float) -> None:
    site = site_of(GROUND, 1, relief=0.0)
    position, dcm = above(300.0, -200.0, height_m), tilted(tilt_deg, 30.0)
    ranges = scanned(GROUND, site, position, dcm, replace(EXACT, max_range_m=2000.0))
    expected = [to_sphere(position, dcm @ ray, RADIUS_M) for ray in RAY_DIRECTIONS]
    np.testing.assert_allclose(ranges, expected, atol=3e-3, rtol=1e-6)


@pytest.mark.parametrize("tilt_deg", [0.0, 12.0, 30.0])
def test_a_sloped_plane_and_an_offset_sensor(tilt_deg: float) -> None:
    """z = a x + b y over the pad's tangent plane, less the 1 mm that the Moon drops in 60 m."""
    a, b = 0.15, -0.08
    ground = surface_ground(lambda x, y: a * x + b * y, 201, 10.0)
    site = middle_site(ground)
    origin = np.array([3.0, -4.0, -8.0])
    position, dcm = above(20.0, 10.0, 70.0), tilted(tilt_deg, 200.0)
    sensor = position + dcm @ origin
    ranges = scanned(ground, site, position, dcm, origin=origin)
    for k, ray in enumerate(RAY_DIRECTIONS):
        d = dcm @ ray
        gap = sensor[2] - RADIUS_M - a * sensor[0] - b * sensor[1]
        flat = gap / -(d[2] - a * d[0] - b * d[1])
        hit = sensor + flat * d
        # ground is level with the sphere, which falls away from the tangent plane
        sag = (hit[0] ** 2 + hit[1] ** 2) / (2.0 * RADIUS_M)
        expected = flat + sag / -(d[2] - a * d[0] - b * d[1])
        assert ranges[k] == pytest.approx(expected, abs=4e-3)


def test_a_bowl() -> None:
    """z = c (x^2 + y^2) on a 0.5 m map, whose bilinear cells stand at most c / 16 above it."""
    c = 0.004
    ground = surface_ground(lambda x, y: c * (x * x + y * y), 801, 0.5)
    site = middle_site(ground)
    position, dcm = above(15.0, -25.0, 120.0), tilted(9.0, 70.0)
    ranges = scanned(ground, site, position, dcm)
    curve = c - 1.0 / (2.0 * RADIUS_M)  # over the tangent plane
    for k, ray in enumerate(RAY_DIRECTIONS):
        d = dcm @ ray
        x, y, z = position[0], position[1], position[2] - RADIUS_M
        # curve ((x + s dx)^2 + (y + s dy)^2) = z + s dz
        quadratic = [
            curve * (d[0] ** 2 + d[1] ** 2),
            2.0 * curve * (x * d[0] + y * d[1]) - d[2],
            curve * (x * x + y * y) - z,
        ]
        expected = min(root for root in np.roots(quadratic).real if root > 0.0)
        assert ranges[k] == pytest.approx(expected, abs=5e-3)


def test_a_wall_hides_what_is_behind_it() -> None:
    """A ridge 30 m high with flanks of 80 degrees, met by rays that lean 45 degrees and more."""
    half, top = 8.0, 30.0

    def ridge(x: Vector, y: Vector) -> Vector:
        return np.clip((half - np.abs(x - 40.0)) * (top / 5.0), 0.0, top)

    ground = surface_ground(ridge, 401, 1.0)
    site = middle_site(ground)
    position, dcm = above(0.0, 0.0, 45.0), tilted(-40.0)
    ranges = scanned(ground, site, position, dcm)
    blocked = 0
    for k, ray in enumerate(RAY_DIRECTIONS):
        d = dcm @ ray
        steps = np.arange(0.0, 300.0, 0.005)
        x, z = steps * d[0], position[2] - RADIUS_M + steps * d[2]
        under = z < np.clip((half - np.abs(x - 40.0)) * (top / 5.0), 0.0, top)
        if not under.any():
            continue
        first = steps[np.argmax(under)]
        level = (position[2] - RADIUS_M) / -d[2]
        if first < 0.98 * level:
            blocked += 1
        if not math.isnan(ranges[k]):
            assert ranges[k] == pytest.approx(first, abs=0.02)
    assert blocked > 10


@njit
def gap_m(maps: Any, site: Any, point: Any) -> float:
    """Height of a Moon-centred point above the ground."""
    radius = math.sqrt(point[0] * point[0] + point[1] * point[1] + point[2] * point[2])
    return radius - RADIUS_M - ground_height_m(maps, site, point[0], point[1])


@njit
def marched(maps: Any, site: Any, position: Any, direction: Any, farthest: float) -> float:
    """The first hit by small steps and bisection: slow, and right but for crests under 1 cm."""
    s, before = 0.0, 0.0
    while s < farthest:
        gap = gap_m(maps, site, position + s * direction)
        if gap < 0.0:
            low, high = before, s
            for _ in range(50):
                s = 0.5 * (low + high)
                if gap_m(maps, site, position + s * direction) > 0.0:
                    low = s
                else:
                    high = s
            return s
        before = s
        s += max(min(0.3 * gap, 2.0), 0.01)
    return math.inf


@given(
    st.integers(0, 2**64 - 1),
    st.tuples(st.floats(0.0, 40.0), st.floats(0.0, 360.0)),
    st.sampled_from([3.0, 20.0, 90.0, 300.0, 700.0]),
    st.sampled_from([(1.0, 0.0), (0.6, 40.0), (1.0, 15.0)]),
)
@settings(max_examples=150, deadline=None)
def test_the_first_hit_on_craters_is_the_one_of_a_slow_march(
    seed: int, lean: tuple[float, float], height_m: float, condition: tuple[float, float]
) -> None:
    relief, clear = condition
    site = site_of(GROUND, seed, (0.0, 4.0), relief, clear)
    x, y = 90.0, -40.0
    ground = ground_height_m(GROUND.maps, site, x, y)
    position, dcm = above(x, y, ground + height_m), tilted(*lean)
    model = replace(EXACT, max_incidence_rad=math.pi / 2)
    ranges = scanned(GROUND, site, position, dcm, model)
    for k, ray in enumerate(RAY_DIRECTIONS):
        direction = dcm @ ray
        expected = marched(GROUND.maps, site, position, direction, 1100.0)
        if math.isnan(ranges[k]):
            assert expected > 999.9
            continue
        assert ranges[k] < expected + 5e-3
        if ranges[k] < expected - 5e-3:  # a crest that the march stepped over
            assert abs(gap_m(GROUND.maps, site, position + ranges[k] * direction)) < 2e-3


def test_out_of_range_and_past_the_horizon_nothing_returns() -> None:
    site = site_of(GROUND, 1, relief=0.0)
    high = scanned(GROUND, site, above(0.0, 0.0, 1001.0), tilted(0.0))
    assert np.isnan(high).all()
    near = scanned(GROUND, site, above(0.0, 0.0, 950.0), tilted(0.0))
    expected = [to_sphere(above(0.0, 0.0, 950.0), ray, RADIUS_M) for ray in RAY_DIRECTIONS]
    np.testing.assert_array_equal(np.isnan(near), np.array(expected) > 1000.0)
    assert 0 < np.isnan(near).sum() < RAYS
    sideways = scanned(GROUND, site, above(0.0, 0.0, 500.0), tilted(130.0))
    assert np.isnan(sideways).all()


def test_nothing_returns_from_a_grazing_incidence() -> None:
    site = site_of(GROUND, 1, relief=0.0)
    position, dcm = above(0.0, 0.0, 20.0), tilted(60.0, 10.0)
    up = position / np.linalg.norm(position)
    incidence = np.array([math.acos(-(dcm @ ray) @ up) for ray in RAY_DIRECTIONS])
    ranges = scanned(GROUND, site, position, dcm)
    within = np.array([20.0 / max(math.cos(angle), 1e-9) < 900.0 for angle in incidence])
    clear_cut = within & (np.abs(incidence - EXACT.max_incidence_rad) > 1e-3)
    lost = incidence > EXACT.max_incidence_rad
    np.testing.assert_array_equal(np.isnan(ranges)[clear_cut], lost[clear_cut])
    assert lost[clear_cut].any()


def test_rays_too_far_off_nadir_do_not_return() -> None:
    site = site_of(GROUND, 1, relief=0.0)
    model = LidarModel(noisy=False)
    for tilt_deg in (0.0, 15.0, 30.0, 70.0):
        position, dcm = above(0.0, 0.0, 50.0), tilted(tilt_deg, 200.0)
        up = position / np.linalg.norm(position)
        off_nadir = np.array([math.acos(-(dcm @ ray) @ up) for ray in RAY_DIRECTIONS])
        ranges = scanned(GROUND, site, position, dcm, model)
        assert np.array_equal(np.isfinite(ranges), off_nadir < model.max_off_nadir_rad)


def test_a_sensor_below_ground_or_nowhere_sees_nothing() -> None:
    site = site_of(GROUND, 1, relief=0.0)
    assert np.isnan(scanned(GROUND, site, above(0.0, 0.0, -1.0), tilted(0.0))).all()
    assert np.isnan(scanned(GROUND, site, np.full(3, math.nan), tilted(0.0))).all()


def many_scans(model: LidarModel, scans: int) -> npt.NDArray[np.float64]:
    """Ranges (scans, RAYS) from one craft's stream, at 200 m over level ground."""
    site = site_of(GROUND, 1, relief=0.0)
    record = lidar_record(model)[0]
    stream = np.array([99], np.uint64)
    out = np.zeros((scans, RAYS), np.float32)
    position, dcm = above(0.0, 0.0, 200.0), tilted(0.0)
    for k in range(scans):
        scan(record, GROUND.maps, site, position, dcm, NO_OFFSET, stream, 0, out[k])
    return np.asarray(out, np.float64)


def test_range_noise_is_normal() -> None:
    model = LidarModel(range_sigma_m=0.3, range_sigma_fraction=2e-3, dropout_probability=0.0)
    ranges = many_scans(model, 4000)
    exact = many_scans(replace(model, noisy=False), 1)[0]
    z = ((ranges - exact) / (0.3 + 2e-3 * exact)).ravel()
    n = z.size
    assert abs(z.mean()) < 4.0 / math.sqrt(n)
    assert abs(z.var() - 1.0) < 4.0 * math.sqrt(2.0 / n)
    # chi-square over bins of equal probability of N(0, 1)
    edges = [-1.2815516, -0.8416212, -0.5244005, -0.2533471, 0.0]
    edges += [-edge for edge in edges[-2::-1]]
    counts = np.diff(np.concatenate([[0], np.searchsorted(np.sort(z), edges), [n]]))
    assert ((counts - n / 10) ** 2 / (n / 10)).sum() < 27.9  # 9 degrees, 1 in 1000
    assert np.abs(z).max() > 3.4
    correlation = np.corrcoef((ranges - exact).T)
    off = correlation[~np.eye(RAYS, dtype=bool)]
    assert np.abs(off).max() < 5.5 / math.sqrt(4000)


@pytest.mark.parametrize("probability", [0.0, 0.02, 0.3, 1.0])
def test_dropouts_have_their_probability(probability: float) -> None:
    ranges = many_scans(LidarModel(dropout_probability=probability), 2000)
    n = ranges.size
    lost = np.isnan(ranges).sum()
    assert abs(lost - probability * n) <= 4.0 * math.sqrt(n * probability * (1 - probability))


def test_noise_is_the_stream_s_alone_and_off_draws_nothing() -> None:
    site = site_of(GROUND, 1, relief=0.5)
    dcm = tilted(5.0)
    for noisy in (True, False):
        record = lidar_record(LidarModel(noisy=noisy))[0]
        stream = np.array([5, 6, 5], np.uint64)
        out = np.zeros((3, RAYS), np.float32)
        for k in (2, 1, 0):
            position = above(30.0, 10.0, 150.0)
            scan(record, GROUND.maps, site, position, dcm, NO_OFFSET, stream, k, out[k])
        np.testing.assert_array_equal(out[0], out[2])
        assert np.array_equal(out[0], out[1], equal_nan=True) is not noisy
        assert (int(stream[0]) == 5) is not noisy
        # how far the stream moves does not depend on what the rays met
        far = np.array([5], np.uint64)
        scan(record, GROUND.maps, site, above(0.0, 0.0, 9e4), dcm, NO_OFFSET, far, 0, out[1])
        assert far[0] == stream[0]


def test_rays_are_spread_by_solid_angle_in_their_sectors() -> None:
    assert RAY_DIRECTIONS.shape == (RAYS, 3)
    np.testing.assert_allclose(np.linalg.norm(RAY_DIRECTIONS, axis=1), 1.0)
    azimuth = np.arctan2(RAY_DIRECTIONS[:, 1], RAY_DIRECTIONS[:, 0]) % (2.0 * math.pi)
    np.testing.assert_array_equal(azimuth // (math.pi / 4), np.arange(RAYS) % SECTORS)
    cap = 1.0 + RAY_DIRECTIONS[:, 2]  # solid angle within a ray's cone, over 2 pi
    whole = 1.0 - math.cos(EXACT.half_angle_rad)
    expected = np.repeat((np.arange(RINGS) + 0.5) / RINGS * whole, SECTORS)
    np.testing.assert_allclose(cap, expected)


def test_profile_of_level_ground_and_of_a_slope() -> None:
    up = np.array([0.0, 0.0, 1.0])
    level = 50.0 / -RAY_DIRECTIONS[:, 2]
    out = profile(EXACT, level, up)
    np.testing.assert_allclose(out[:8], 0.0, atol=1e-6)
    np.testing.assert_allclose(out[8:10], math.log(51.0) / 10.0, rtol=1e-5)
    assert out[10] == pytest.approx(0.0, abs=2e-2)
    # z = 0.1 x: the sectors about +x are high, those about -x low, by the mean of their hits
    sloped = 50.0 / (-RAY_DIRECTIONS[:, 2] + 0.1 * RAY_DIRECTIONS[:, 0])
    hits = sloped[:, None] * RAY_DIRECTIONS
    out = profile(EXACT, sloped, up)
    distance = math.sqrt((hits[:, 0] ** 2 + hits[:, 1] ** 2).mean())
    for sector in range(SECTORS):
        towards = hits[sector::SECTORS, 2].mean() - hits[:, 2].mean()
        assert out[sector] == pytest.approx(towards / distance, abs=1e-4)
    assert out[0] > 0.05
    assert out[4] < -0.05
    assert out[8] == pytest.approx(math.log(1.0 - hits[:, 2].max()) / 10.0, rel=1e-5)
    assert out[9] == pytest.approx(math.log(1.0 - hits[:, 2].mean()) / 10.0, rel=1e-5)
    assert out[10] == pytest.approx(math.asinh(hits[:, 2].std()), rel=1e-3)


def test_profile_is_levelled() -> None:
    """A craft that leans over level ground sees no slope."""
    dcm = tilted(15.0, 40.0)
    up = dcm.T @ np.array([0.0, 0.0, 1.0])
    ranges = 80.0 / -(RAY_DIRECTIONS @ up)
    np.testing.assert_allclose(profile(EXACT, ranges, up)[:8], 0.0, atol=1e-5)


def test_profile_without_returns() -> None:
    up = np.array([0.0, 0.0, 1.0])
    nothing = profile(EXACT, np.full(RAYS, np.nan), up)
    far = math.log(1001.0) / 10.0
    np.testing.assert_allclose(nothing, [0.0] * 8 + [far, far, 0.0], rtol=1e-6)
    ranges = 50.0 / -RAY_DIRECTIONS[:, 2]
    ranges[3::SECTORS] = np.nan
    ranges[0::SECTORS] -= 5.0
    some = profile(EXACT, ranges, up)
    assert np.isfinite(some).all()
    assert some[3] == 0.0
    assert some[0] > some[1]


def test_profile_checks_its_sizes() -> None:
    up = np.array([0.0, 0.0, 1.0])
    assert profile(EXACT, np.ones(RAYS), up).shape == (PROFILE_SIZE,)
    with pytest.raises(ValueError, match="the LiDAR has 64 rays"):
        profile(EXACT, np.ones(RAYS - 1), up)
    with pytest.raises(ValueError, match="vector of 3"):
        profile(EXACT, np.ones(RAYS), np.ones(4))


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_angle_rad": 1.6},
        {"max_incidence_rad": 2.0},
        {"max_range_m": 0.0},
        {"range_sigma_m": -0.1},
        {"dropout_probability": 1.5},
    ],
)
def test_an_invalid_model_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must|most"):
        replace(EXACT, **wrong)  # type: ignore[arg-type]
