"""The shape of a vehicle as flat faces, from its proportions: any vehicle can be drawn.

Slender ones are drawn as a rocket with a pointed nose, the others as a descent stage that carries
an ascent stage. Points are in body axes (m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from env.physics.vehicle import Vehicle, vehicle_record

Vector = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

SIDES, BELL_SIDES = 22, 10  # of a round hull, and of a nozzle
SLENDER = 6.0  # height in hull radii from which a craft is drawn as a rocket
WHITE, GREY, DARK, FOIL, STEEL, WINDOW = (
    (226, 228, 232),
    (150, 153, 160),
    (58, 60, 66),
    (205, 160, 72),
    (112, 116, 124),
    (24, 30, 42),
)


@dataclass(frozen=True)
class Mesh:
    """Faces of the hull, and struts."""

    faces: Vector  # (N, 4, 3)
    normals: Vector  # (N, 3), outwards
    colours: npt.NDArray[np.float64]  # (N, 3)
    struts: tuple[tuple[Vector, Vector, float, Colour], ...]  # from, to, thickness (m)
    foot_pads: Vector  # (4, 3), centres of the soles
    bells: Vector  # (n_engines, 3), centres of the nozzles' exits
    bell_radius_m: float
    jets: Vector  # (n_landing_thrusters, 3)
    rcs_station_m: float  # in body axes


def build_mesh(vehicle: Vehicle) -> Mesh:
    """The shape of a vehicle."""
    record = vehicle_record(vehicle)[0]
    origin = vehicle.centre_of_mass_station_m
    slender = vehicle.height_m > SLENDER * vehicle.hull_radius_m
    rings = _rocket(vehicle) if slender else _two_stages(vehicle)
    feet = np.array(record["foot_position_m"])
    engines = np.array(record["engine_position_m"][: vehicle.n_engines])
    ground_gap_m = -vehicle.foot_station_m
    bell_length_m = 0.6 * ground_gap_m
    bell_radius_m = min(0.55 * bell_length_m, 0.45 * vehicle.hull_radius_m)
    if vehicle.n_engines > 1:
        bell_radius_m = min(bell_radius_m, 0.8 * vehicle.engine_radius_m)
    parts = [
        _lathe([(station - origin, radius) for station, radius, _ in rings], [c for *_, c in rings])
    ]
    for engine in engines:
        bell = [(0.0, 0.4 * bell_radius_m), (-bell_length_m, bell_radius_m)]
        faces, normals, colours = _lathe(bell, [DARK, DARK], BELL_SIDES)
        parts.append((faces + engine, normals, colours))
    faces, normals, colours = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Mesh(
        faces=faces,
        normals=normals,
        colours=colours,
        struts=tuple(_legs(vehicle, feet, slender=slender)),
        foot_pads=feet,
        bells=engines - np.array([0.0, 0.0, bell_length_m]),
        bell_radius_m=bell_radius_m,
        jets=np.array(record["landing_position_m"][: vehicle.n_landing_thrusters]),
        rcs_station_m=(0.86 if slender else 0.55) * vehicle.height_m - origin,
    )


def _rocket(vehicle: Vehicle) -> list[tuple[float, float, Colour]]:
    """Rings of a hull with an ogive nose: station, radius, and the colour above."""
    height, radius = vehicle.height_m, vehicle.hull_radius_m
    rings: list[tuple[float, float, Colour]] = [(0.0, radius, GREY)]
    for share, colour in (
        (0.06, WHITE),
        (0.57, STEEL),  # the ring of landing thrusters
        (0.61, WHITE),
        (0.70, WINDOW),
        (0.73, WHITE),
    ):
        rings.append((share * height, radius, colour))
    for k in range(6):
        along = k / 5.0
        narrowing = math.sqrt(max(1.0 - along**1.8, 0.0))
        rings.append(((0.78 + 0.22 * along) * height, radius * max(narrowing, 0.03), WHITE))
    return rings


def _two_stages(vehicle: Vehicle) -> list[tuple[float, float, Colour]]:
    """Rings of a descent stage in foil and an ascent stage above it."""
    height, radius = vehicle.height_m, vehicle.hull_radius_m
    return [
        (-0.02 * height, 0.80 * radius, FOIL),
        (0.02 * height, radius, FOIL),
        (0.24 * height, radius, DARK),
        (0.27 * height, 0.72 * radius, GREY),
        (0.40 * height, 0.98 * radius, GREY),
        (0.62 * height, 0.98 * radius, WINDOW),
        (0.70 * height, 0.92 * radius, GREY),
        (0.84 * height, 0.62 * radius, STEEL),
        (0.90 * height, 0.30 * radius, STEEL),
        (height, 0.12 * radius, GREY),
        (height, 0.02 * radius, GREY),
    ]


def _lathe(
    rings: list[tuple[float, float]], colours: list[Colour], sides: int = SIDES
) -> tuple[Vector, Vector, npt.NDArray[np.float64]]:
    """Faces around the z axis between rings (z, radius); a band has its lower ring's colour."""
    angle = 2.0 * math.pi * np.arange(sides + 1) / sides
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    faces, normals, tints = [], [], []
    for (z0, r0), (z1, r1), colour in zip(rings[:-1], rings[1:], colours[:-1], strict=True):
        for k in range(sides):
            a, b = circle[k], circle[k + 1]
            faces.append([[*r0 * a, z0], [*r0 * b, z0], [*r1 * b, z1], [*r1 * a, z1]])
            out = np.array([*(a + b) / 2.0, 0.0])
            out[2] = (r0 - r1) / max(z1 - z0, 1e-3)
            normals.append(out / np.linalg.norm(out))
            tints.append(colour)
    return np.array(faces), np.array(normals), np.array(tints, np.float64)


def _legs(
    vehicle: Vehicle, feet: Vector, *, slender: bool
) -> list[tuple[Vector, Vector, float, Colour]]:
    """Three struts for each foot: from the hull's side, and from two points at its bottom."""
    origin = vehicle.centre_of_mass_station_m
    radius = vehicle.hull_radius_m
    high = (0.16 if slender else 0.24) * vehicle.height_m - origin
    low = 0.04 * vehicle.height_m - origin
    thick = 0.10 * radius if slender else 0.05 * radius
    struts: list[tuple[Vector, Vector, float, Colour]] = []
    for foot in feet:
        bearing = math.atan2(foot[1], foot[0])
        sole = foot + np.array([0.0, 0.0, 0.3 * vehicle.foot_pad_radius_m])
        struts.append((_at(radius, bearing, high), sole, thick, GREY))
        struts += [
            (_at(radius, bearing + turn, low), sole, 0.6 * thick, STEEL) for turn in (-0.45, 0.45)
        ]
    return struts


def _at(radius: float, bearing: float, z: float) -> Vector:
    return np.array([radius * math.cos(bearing), radius * math.sin(bearing), z])
