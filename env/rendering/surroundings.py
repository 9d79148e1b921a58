"""What is around the craft: the sky, its shadow, the plume's light on the ground, and dust."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from env.physics.vehicle import Vehicle
from env.rendering.camera import Camera, craft_origin, craft_size_m
from env.rendering.frame import Frame
from env.rendering.ground import SUN_ELEVATION_RAD, SUN_FORWARD, SUN_RIGHT
from env.task.reward import Outcome

Vector = npt.NDArray[np.float64]

STARS = 420
EARTH_SHARE = 0.045  # of the picture's height
DUST = (186, 181, 172)
DUST_GRAINS = 110
DUST_HEIGHTS = 1.2  # altitude in craft sizes from which the plume raises dust
COARSE = 4  # dust is drawn this many times smaller
SHADOW_DARKNESS = 0.82


def draw_sky(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Stars and the Earth, (H, W, 3)."""
    draws = np.random.default_rng(11)
    sky = np.zeros((height, width, 3), np.uint8)
    sky[:] = (3, 4, 8)
    rows = draws.integers(0, height - 1, STARS)
    columns = draws.integers(0, width - 1, STARS)
    bright = (40 + 190 * draws.random(STARS) ** 4).astype(np.uint8)
    sky[rows, columns] = bright[:, None]
    radius = EARTH_SHARE * height
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = (x - 0.16 * width) / radius, (y - 0.13 * height) / radius
    inside = 1.0 - np.clip(x * x + y * y, 0.0, 1.0)
    facing = np.clip(-0.75 * x - 0.35 * y + 0.55 * np.sqrt(inside), 0.0, 1.0)
    cloud = 0.5 + 0.5 * np.sin(5.0 * x + 3.0 * np.sin(4.0 * y)) * np.sin(7.0 * y - 2.0 * x)
    edge = np.clip(inside * radius, 0.0, 1.0) * facing
    for k, (sea, white) in enumerate(((34, 215), (92, 228), (176, 245))):
        shown = edge * (sea + (white - sea) * cloud**3)
        sky[:, :, k] = np.where(inside > 0.0, np.maximum(shown, 2), sky[:, :, k]).astype(np.uint8)
    return sky


def shadow_of(frame: Frame, vehicle: Vehicle, camera: Camera) -> Vector:
    """The craft's shadow, as `paint_ground` takes it: that of its axis."""
    nose_m = vehicle.height_m - vehicle.centre_of_mass_station_m
    tail_m = -vehicle.centre_of_mass_station_m
    flat = math.cos(SUN_ELEVATION_RAD)
    away_x = -(SUN_RIGHT * camera.right_x + SUN_FORWARD * camera.forward_x) / flat
    away_y = -(SUN_RIGHT * camera.right_y + SUN_FORWARD * camera.forward_y) / flat
    origin, up = craft_origin(frame, vehicle), frame.attitude[:, 2]
    ends = []
    for along in (tail_m, nose_m):
        point = origin + along * up
        throw = max(point[2] - frame.telemetry.ground_height_m, 0.0) / math.tan(SUN_ELEVATION_RAD)
        ends += [point[0] + throw * away_x, point[1] + throw * away_y]
    return np.array([*ends, vehicle.hull_radius_m, SHADOW_DARKNESS])


def glow_of(frame: Frame, vehicle: Vehicle) -> Vector:
    """The plume's light on the ground, as `paint_ground` takes it."""
    at, size = frame.telemetry, craft_size_m(vehicle)
    heights = max(at.altitude_m, 0.0) / size
    strength = _thrust(frame) / (1.0 + 0.6 * heights * heights)
    return np.array([at.x_m, at.y_m, size * (0.45 + 0.7 * heights), strength])


def draw_dust(image: Image.Image, frame: Frame, vehicle: Vehicle, camera: Camera) -> None:
    """Dust that streams away along the ground below a plume, or that a crash has thrown up."""
    at, size = frame.telemetry, craft_size_m(vehicle)
    near = 1.0 - max(at.altitude_m, 0.0) / (DUST_HEIGHTS * size)
    strength = min(1.0, 2.5 * _thrust(frame)) * max(near, 0.0)
    rising, flow = 0.05, 1.1
    if frame.episode is not None and frame.episode.outcome is Outcome.CRASHED:
        strength, rising, flow = 1.3, 0.45, 0.0
    if strength < 0.02:
        return
    k = np.arange(DUST_GRAINS)
    age = (0.618034 * k + flow * at.time_s * (0.8 + 0.4 * ((0.37 * k) % 1.0))) % 1.0
    bearing = 2.39996 * k
    away = size * (0.15 + 1.7 * age)
    points = np.column_stack(
        [
            at.x_m + away * np.cos(bearing),
            at.y_m + away * np.sin(bearing),
            at.ground_height_m + size * rising * (0.3 + ((0.71 * k) % 1.0)) * np.sqrt(age),
        ]
    )
    seen = camera.project(points)
    mask = Image.new("L", (image.width // COARSE, image.height // COARSE))
    pen = ImageDraw.Draw(mask)
    for (x, y, depth), old in zip(seen, age, strict=True):
        radius = size * (0.05 + 0.16 * old) * camera.focal_px / depth / COARSE
        u, v = x / COARSE, y / COARSE
        shade = round(min(150.0 * strength * (1.0 - old) ** 0.7, 255.0))
        pen.ellipse((u - radius, v - 0.5 * radius, u + radius, v + 0.4 * radius), fill=shade)
    soft = mask.filter(ImageFilter.GaussianBlur(2.5)).resize(image.size, Image.Resampling.BILINEAR)
    image.paste(DUST, (0, 0, *image.size), soft)


def _thrust(frame: Frame) -> float:
    """The main engines' mean thrust, of full; landing thrusters count for a third."""
    at = frame.telemetry
    mean = [
        sum(part) / len(part) if part else 0.0 for part in (at.engine_thrust, at.landing_thrust)
    ]
    return min(1.0, mean[0] * 1.4 + mean[1] / 3.0)
