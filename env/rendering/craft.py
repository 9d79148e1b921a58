"""Draws the craft: its hull by faces in the sunlight, its legs, and what its engines blow out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from env.physics.vehicle import Vehicle
from env.rendering.camera import Camera, craft_origin, craft_size_m
from env.rendering.frame import Frame
from env.rendering.ground import SUN_FORWARD, SUN_RIGHT, SUN_UP
from env.rendering.mesh import Mesh

Vector = npt.NDArray[np.float64]
_Placed = Callable[[Vector], Vector]
_Strut = tuple[Vector, Vector, float, tuple[int, int, int]]

FINE = 2  # the hull is drawn this many times larger, for smooth edges
COARSE = 2  # flames this many times smaller: they are soft
FAINTEST = 0.02  # share of full thrust below which no flame is drawn
ENGINE_FLAME, JET_FLAME, PUFF = 0.85, 0.30, 0.16  # longest, in craft sizes
HOT, WARM = (255, 246, 226), (255, 178, 92)


def draw_craft(
    image: Image.Image, frame: Frame, vehicle: Vehicle, mesh: Mesh, camera: Camera
) -> None:
    """Draw the craft of `frame` into `image`."""
    origin, turn = craft_origin(frame, vehicle), frame.attitude
    outline = np.concatenate([mesh.faces[:, 0], mesh.foot_pads])
    seen = camera.project(origin + outline @ turn.T)[:, :2]
    margin = 3.0 + vehicle.foot_pad_radius_m * camera.pixels_per_m
    left, upper = (int(value) for value in seen.min(axis=0) - margin)
    wide, tall = (int(value) for value in seen.max(axis=0) + margin - (left, upper))
    patch = Image.new("RGBA", (FINE * wide, FINE * tall), (0, 0, 0, 0))
    pen = ImageDraw.Draw(patch)

    def placed(points: Vector) -> Vector:
        """Columns, rows in the patch, and depths, of points in body axes."""
        seen = camera.project(origin + points @ turn.T)
        seen[:, 0] = FINE * (seen[:, 0] - left)
        seen[:, 1] = FINE * (seen[:, 1] - upper)
        return seen

    toward = turn.T @ np.array([camera.forward_x, camera.forward_y, 0.0])
    struts = sorted(mesh.struts, key=lambda one: -float(one[1] @ toward))
    half = len(struts) // 2
    for strut in struts[:half]:
        _strut(pen, strut, placed, FINE * camera.pixels_per_m)
    _faces(pen, frame, mesh, camera, placed)
    for strut in struts[half:]:
        _strut(pen, strut, placed, FINE * camera.pixels_per_m)
    _foot_pads(pen, vehicle, mesh, camera, placed(mesh.foot_pads))
    patch = patch.reduce(FINE)
    image.paste(patch, (left, upper), patch)


def _faces(
    pen: ImageDraw.ImageDraw, frame: Frame, mesh: Mesh, camera: Camera, placed: _Placed
) -> None:
    seen = placed(mesh.faces.reshape(-1, 3)).reshape(-1, 4, 3)
    a, b = seen[:, 2] - seen[:, 0], seen[:, 3] - seen[:, 1]
    facing = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0.0
    normals = mesh.normals @ frame.attitude.T
    sun = np.array(
        [
            SUN_RIGHT * camera.right_x + SUN_FORWARD * camera.forward_x,
            SUN_RIGHT * camera.right_y + SUN_FORWARD * camera.forward_y,
            SUN_UP,
        ]
    )
    # Ground in the sun lights what looks down.
    light = 0.10 + 0.95 * np.clip(normals @ sun, 0.0, None) - 0.12 * np.clip(normals[:, 2], -1, 0)
    colours = np.clip(mesh.colours * light[:, None], 0, 255).astype(int)
    order = np.argsort(-seen[:, :, 2].mean(axis=1))
    for k in order[facing[order]]:
        points = [(float(x), float(y)) for x, y in seen[k, :, :2]]
        pen.polygon(points, fill=(*colours[k].tolist(), 255))


def _strut(pen: ImageDraw.ImageDraw, strut: _Strut, placed: _Placed, pixels_per_m: float) -> None:
    start, end, thick_m, colour = strut
    (x0, y0, _), (x1, y1, _) = placed(np.array([start, end]))
    width = max(round(thick_m * pixels_per_m), FINE)
    pen.line([(x0, y0), (x1, y1)], fill=(*colour, 255), width=width)


def _foot_pads(
    pen: ImageDraw.ImageDraw, vehicle: Vehicle, mesh: Mesh, camera: Camera, seen: Vector
) -> None:
    radius = max(FINE * vehicle.foot_pad_radius_m * camera.pixels_per_m, FINE)
    for x, y, _ in seen:
        pen.ellipse((x - radius, y - 0.45 * radius, x + radius, y + 0.25 * radius), (96, 99, 106))


def draw_flames(
    image: Image.Image, frame: Frame, vehicle: Vehicle, mesh: Mesh, camera: Camera
) -> None:
    """Draw what the engines, landing thrusters and RCS of `frame` blow out."""
    at, size = frame.telemetry, craft_size_m(vehicle)
    flicker = 1.0 + 0.05 * math.sin(61.0 * at.time_s) + 0.04 * math.sin(97.0 * at.time_s)
    flames: list[tuple[Vector, Vector, float, float, float]] = []
    for k, thrust in enumerate(at.engine_thrust):
        if thrust > FAINTEST:
            a, b = (math.radians(angle) for angle in at.gimbal_deg[2 * k : 2 * k + 2])
            push = np.array([math.sin(a), math.sin(b) * math.cos(a), math.cos(a) * math.cos(b)])
            length = ENGINE_FLAME * size * (0.35 + 0.65 * thrust) * flicker
            flames.append((mesh.bells[k], -push, length, mesh.bell_radius_m, 0.55 + 0.45 * thrust))
    down = np.array([0.0, 0.0, -1.0])
    if at.landing_thrust and (thrust := sum(at.landing_thrust) / len(at.landing_thrust)) > FAINTEST:
        # A group is a third of a ring around the hull: two jets at the visible sides stand for all.
        for side in (-1.0, 1.0):
            across = side * 1.12 * vehicle.landing_radius_m * _right(frame, camera)
            nozzle = across + np.array([0.0, 0.0, mesh.jets[0, 2]])
            length = JET_FLAME * size * (0.4 + 0.6 * thrust) * flicker
            flames.append((nozzle, down, length, 0.22 * vehicle.hull_radius_m, 1.0))
    flames += _puffs(frame, vehicle, mesh)
    if not flames:
        return
    origin, turn = craft_origin(frame, vehicle), frame.attitude
    ends = np.array([(nozzle, nozzle + length * way) for nozzle, way, length, *_ in flames])
    ends = origin + ends @ turn.T
    _end_on_ground(ends, at.ground_height_m)
    seen = camera.project(ends.reshape(-1, 3)).reshape(-1, 2, 3)[:, :, :2]
    radii = [max(radius * camera.pixels_per_m, 1.2) for *_, radius, _ in flames]
    margin = 2.2 * max(radii) + 12.0
    low, high = seen.min(axis=(0, 1)) - margin, seen.max(axis=(0, 1)) + margin
    left, upper = (max(int(value), -100) for value in low)
    right, lower = min(int(high[0]), image.width + 100), min(int(high[1]), image.height + 100)
    wide, tall = (right - left) // COARSE, (lower - upper) // COARSE
    if wide < 1 or tall < 1:
        return
    glow, core = Image.new("L", (wide, tall)), Image.new("L", (wide, tall))
    outer, inner = ImageDraw.Draw(glow), ImageDraw.Draw(core)
    for (start, end), radius, (*_, strength) in zip(seen, radii, flames, strict=True):
        a, b = (start - (left, upper)) / COARSE, (end - (left, upper)) / COARSE
        _cone(outer, a, b, radius / COARSE, 1.9, round(165 * strength))
        _cone(inner, a, a + 0.55 * (b - a), 0.75 * radius / COARSE, 1.0, round(235 * strength))
    for mask, colour, blur in ((glow, WARM, 3.0), (core, HOT, 1.3)):
        soft = mask.filter(ImageFilter.GaussianBlur(blur))
        soft = soft.resize((COARSE * wide, COARSE * tall), Image.Resampling.BILINEAR)
        image.paste(colour, (left, upper, left + soft.width, upper + soft.height), soft)


def _end_on_ground(ends: Vector, ground_m: float) -> None:
    """Shorten flames (N, 2, 3) that would reach below the ground."""
    start, end = ends[:, 0], ends[:, 1]
    fall = start[:, 2] - end[:, 2]
    room = np.maximum(start[:, 2] - ground_m, 0.0)
    share = np.where(fall > room, room / np.maximum(fall, 1e-6), 1.0)
    ends[:, 1] = start + share[:, None] * (end - start)


def _cone(
    pen: ImageDraw.ImageDraw, start: Vector, end: Vector, radius: float, widening: float, fill: int
) -> None:
    """A flame that fades along its length, in slices."""
    way = end - start
    length = float(np.hypot(*way))
    if length < 0.5:
        return
    beside = np.array([-way[1], way[0]]) / length
    slices = 7
    for k in reversed(range(slices)):
        share = (k + 1) / slices
        tip = start + share * way
        half = radius * (1.0 + (widening - 1.0) * share) * (1.0 if k < slices - 1 else 0.75)
        points = [start + radius * beside, tip + half * beside, tip - half * beside]
        points.append(start - radius * beside)
        shade = round(fill * (1.0 - share) ** 0.8) + 4
        pen.polygon([(float(x), float(y)) for x, y in points], fill=shade)


def _puffs(
    frame: Frame, vehicle: Vehicle, mesh: Mesh
) -> list[tuple[Vector, Vector, float, float, float]]:
    """RCS exhaust at the hull's upper part, opposite to the forces of the torque."""
    radius, station = vehicle.hull_radius_m, mesh.rcs_station_m
    x, y, z = frame.telemetry.rcs
    jets = [  # where on the hull, and where to
        (np.array([0.0, math.copysign(radius, x), station]), (0.0, math.copysign(1.0, x), 0.0), x),
        (
            np.array([-math.copysign(radius, y), 0.0, station]),
            (-math.copysign(1.0, y), 0.0, 0.0),
            y,
        ),
        (np.array([radius, 0.0, station]), (0.0, -math.copysign(1.0, z), 0.0), z),
        (np.array([-radius, 0.0, station]), (0.0, math.copysign(1.0, z), 0.0), z),
    ]
    size = craft_size_m(vehicle)
    return [
        (
            nozzle,
            np.array(way),
            PUFF * size * (0.3 + 0.7 * abs(share)),
            0.02 * size,
            0.6 * abs(share),
        )
        for nozzle, way, share in jets
        if abs(share) > 0.08
    ]


def _right(frame: Frame, camera: Camera) -> Vector:
    """The picture's right side in body axes, across the craft's own axis."""
    right: Vector = frame.attitude.T @ np.array([camera.right_x, camera.right_y, 0.0])
    right[2] = 0.0
    return right / max(float(np.linalg.norm(right)), 1e-6)
