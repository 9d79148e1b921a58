"""Sensor errors have their model's statistics, and can be turned off."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest

from env.base.random import next_normals
from env.fleet import FleetSettings, LanderFleet
from env.sensing.sensors import (
    N_BIASES,
    NOISY,
    PERFECT,
    READING_DTYPE,
    SensorModel,
    disturb,
    draw_biases,
    sensor_record,
)

N_EPISODES, N_READINGS = 400, 60
HEIGHT_M = 1_000.0
VELOCITY_M_S = np.array([30.0, -20.0, -50.0])
PROPELLANT_KG = np.array([8_000.0, 2_000.0])

# A statistic of n normal numbers strays further than this many of its own standard errors once in
# some ten million draws; the seeds are fixed, so a pass stays a pass.
STRAY = 5.3


def truth() -> npt.NDArray[np.void]:
    reading = np.zeros(1, READING_DTYPE)
    reading["height_m"] = HEIGHT_M
    reading["velocity_m_s"] = VELOCITY_M_S
    reading["propellant_kg"] = PROPELLANT_KG
    reading["dcm"] = np.eye(3)
    return reading


@pytest.fixture(scope="module")
def readings() -> npt.NDArray[np.void]:
    """(episodes, readings) of a craft that does not move, each episode on a stream of its own."""
    model = sensor_record(NOISY)[0]
    stream = np.random.default_rng(1).integers(2**64, size=N_EPISODES, dtype=np.uint64)
    bias = np.zeros((N_EPISODES, N_BIASES))
    taken = np.zeros((N_EPISODES, N_READINGS), READING_DTYPE)
    for episode in range(N_EPISODES):
        draw_biases(stream, episode, bias)
        for k in range(N_READINGS):
            reading = truth()
            disturb(model, bias, stream, episode, reading[0])
            taken[episode, k] = reading[0]
    return taken


def check(values: npt.NDArray[np.float64], bias_sigma: float, noise_sigma: float) -> None:
    """`values` (episodes, readings) are zero-mean errors of the two stated parts."""
    episodes, count = values.shape
    within = values.std(axis=1, ddof=1)
    degrees = episodes * (count - 1)
    spread = math.sqrt(float((within**2).mean()))
    assert spread == pytest.approx(noise_sigma, rel=STRAY / math.sqrt(2 * degrees))
    means = values.mean(axis=1)
    of_mean = math.hypot(bias_sigma, noise_sigma / math.sqrt(count))
    assert abs(means.mean()) < STRAY * of_mean / math.sqrt(episodes)
    assert means.std(ddof=1) == pytest.approx(of_mean, rel=STRAY / math.sqrt(2 * episodes))


def test_altimeter(readings: npt.NDArray[np.void]) -> None:
    check(
        readings["height_m"] - HEIGHT_M,
        NOISY.altimeter_bias_fraction * HEIGHT_M,
        NOISY.altimeter_noise_m,
    )


@pytest.mark.parametrize("axis", range(2))
def test_position_and_fuel_gauges(readings: npt.NDArray[np.void], axis: int) -> None:
    offset = NOISY.position_bias_m + NOISY.position_bias_fraction * HEIGHT_M
    check(readings["pad_offset_m"][..., axis], offset, NOISY.position_noise_m)
    check(
        readings["propellant_kg"][..., axis] / PROPELLANT_KG[axis] - 1.0,
        NOISY.gauge_bias_fraction,
        NOISY.gauge_noise_fraction,
    )


@pytest.mark.parametrize("axis", range(3))
def test_velocity_imu_and_attitude(readings: npt.NDArray[np.void], axis: int) -> None:
    speed = VELOCITY_M_S[axis]
    check(
        readings["velocity_m_s"][..., axis] - speed,
        NOISY.velocity_bias_fraction * abs(speed),
        NOISY.velocity_noise_m_s,
    )
    check(readings["omega_rad_s"][..., axis], NOISY.gyro_bias_rad_s, NOISY.gyro_noise_rad_s)
    check(
        readings["specific_force_m_s2"][..., axis],
        NOISY.accelerometer_bias_m_s2,
        NOISY.accelerometer_noise_m_s2,
    )
    turned = readings["dcm"][..., (axis + 2) % 3, (axis + 1) % 3]  # small angles about the axis
    check(turned, NOISY.attitude_bias_rad, NOISY.attitude_noise_rad)


def test_an_estimated_attitude_is_a_rotation(readings: npt.NDArray[np.void]) -> None:
    matrices = readings["dcm"].reshape(-1, 3, 3)
    product = np.einsum("nij,nkj->nik", matrices, matrices)
    assert np.abs(product - np.eye(3)).max() < 1e-12


def test_normal_numbers_are_normal() -> None:
    stream = np.array([2024], np.uint64)
    drawn = np.array([next_normals(stream, 0) for _ in range(50_000)])
    n = drawn.size
    assert abs(drawn.mean()) < STRAY / math.sqrt(n)
    assert drawn.std() == pytest.approx(1.0, rel=STRAY / math.sqrt(2 * n))
    assert (drawn**4).mean() == pytest.approx(3.0, abs=STRAY * math.sqrt(96.0 / n))
    assert abs(np.corrcoef(drawn.T)[0, 1]) < STRAY / math.sqrt(n / 2)
    beyond = (np.abs(drawn) > 2.0).mean()
    assert beyond == pytest.approx(0.0455, abs=STRAY * math.sqrt(0.0455 / n))


def test_perfect_instruments_read_the_true_values() -> None:
    assert sensor_record(PERFECT)["noisy"][0] == 0
    seen = []
    for model in (PERFECT, NOISY):
        fleet = LanderFleet(FleetSettings(n_envs=1, sensors=model))
        fleet.set_next_seeds([0], [77])
        fleet.reset()
        reading, position = fleet._buffers.reading[0], fleet._buffers.episode[0]
        seen.append((float(reading["height_m"]), float(position["start_altitude_m"])))
        fleet.close()
    (perfect, start), (noisy, same_start) = seen
    assert start == same_start
    assert perfect == pytest.approx(start, abs=0.3)  # the tilted craft's feet hang a little lower
    assert noisy != perfect


def test_a_negative_or_infinite_sigma_is_refused() -> None:
    for sigma in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="altimeter_noise_m"):
            SensorModel(altimeter_noise_m=sigma)


def test_the_lidar_holds_a_frame_until_the_next_is_due() -> None:
    fleet = LanderFleet(FleetSettings(n_envs=1))
    fleet.reset()
    frames = []
    for _ in range(7):
        frames.append(fleet._buffers.reading[0]["ranges_m"].copy())
        fleet.step(np.zeros((1, fleet.settings.vehicle.n_actions), np.float32))
    held = [np.array_equal(a, b, equal_nan=True) for a, b in itertools.pairwise(frames)]
    assert held == [True, False, True, False, True, False]
    fleet.close()
