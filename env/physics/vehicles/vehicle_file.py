"""A vehicle of a file: TOML or JSON with the fields of `env.physics.vehicle.Vehicle`.

Its ending names the format. `braking` is a table, three numbers are a list.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.physics.guidance import Braking
from env.physics.vehicle import MAX_ENGINES, MAX_LANDING_THRUSTERS, Vehicle

# Of these zero or less has a meaning; every other number is above zero.
_ANY = frozenset(
    {
        *("centre_of_mass_station_m", "oxidizer_station_m", "fuel_station_m"),
        *("foot_station_m", "landing_station_m", "lidar_mount_m"),
    }
)
_FROM_ZERO = frozenset(
    {
        *("payload_mass_kg", "hull_clearance_m", "engine_radius_m", "engine_start_delay_s"),
        *("engine_gimbal_rad", "n_landing_thrusters", "landing_thrust_n", "landing_radius_m"),
        *("leg_damping_n_s_m", "leg_lateral_damping_n_s_m", "foot_friction"),
    }
)
_COUNTS = {"n_engines": MAX_ENGINES, "n_landing_thrusters": MAX_LANDING_THRUSTERS}


class VehicleFileError(ValueError):
    """A vehicle's numbers cannot be used. The message is one line with every fault."""


def load_vehicle(file: str | Path, name: str = "") -> Vehicle:
    """The vehicle of a file, by default named as the file is. Raises VehicleFileError, OSError."""
    path = Path(file)
    text = path.read_text(encoding="utf-8")
    try:
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise VehicleFileError(f"{path}: {error}") from None
    try:
        return vehicle_of(name or path.stem, content)
    except VehicleFileError as error:
        raise VehicleFileError(f"{path}: {error}") from None


def vehicle_of(name: str, content: Mapping[str, Any]) -> Vehicle:
    """The vehicle with these numbers. Raises VehicleFileError, which names all that is wrong."""
    kinds = {one.name: str(one.type) for one in fields(Vehicle) if one.name != "name"}
    faults = [_unknown(key, kinds) for key in content if key not in kinds]
    faults += [f"{key} is missing" for key in kinds if key not in content]
    for key, kind in kinds.items():
        if key in content:
            faults += _faults(key, kind, content[key])
    faults = faults or list(_relations(content))
    if faults:
        raise VehicleFileError("; ".join(faults))
    return Vehicle(name=name, **{key: _value(kind, content[key]) for key, kind in kinds.items()})


def _unknown(key: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"unknown key {key}" + (f"; did you mean {close[0]}?" if close else "")


def _faults(key: str, kind: str, value: Any) -> Iterator[str]:
    if kind == Braking.__name__:
        if not isinstance(value, Mapping) or value.keys() != set(Braking._fields):
            yield f"{key}: expected a table with {', '.join(Braking._fields)}"
            return
        for inner, one in value.items():
            yield from _number_faults(f"{key}.{inner}", one)
    elif kind == "Triple":
        if not isinstance(value, list | tuple) or len(value) != 3:
            yield f"{key}: expected a list of three numbers"
            return
        for number, one in enumerate(value):
            yield from _number_faults(f"{key}[{number}]", one)
    else:
        yield from _number_faults(key, value)
        if kind == "int" and _is_number(value) and not float(value).is_integer():
            yield f"{key} = {value!r}: expected an integer"


def _number_faults(key: str, value: Any) -> Iterator[str]:
    name = key.partition("[")[0]
    if not _is_number(value):
        yield f"{key} = {value!r}: expected a number"
    elif name in _COUNTS and value > _COUNTS[name]:
        yield f"{key} = {value!r}: expected at most {_COUNTS[name]}"
    elif name not in _ANY and not (value > 0 or (name in _FROM_ZERO and value == 0)):
        least = "0 or more" if name in _FROM_ZERO else "above 0"
        yield f"{key} = {value!r}: expected {least}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _relations(content: Mapping[str, Any]) -> Iterator[str]:
    """What the numbers must be to each other for a craft that can stand, turn and land."""
    x, y, z = content["hub_inertia_kg_m2"]
    if min(y + z - x, z + x - y, x + y - z) <= 0.0:
        yield "hub_inertia_kg_m2: no moment of inertia may exceed the sum of the two others"
    if content["foot_station_m"] >= -content["hull_clearance_m"]:
        yield "foot_station_m: expected the feet below the hull by more than hull_clearance_m"
    if content["engine_minimum_throttle"] > 1.0:
        yield "engine_minimum_throttle: expected at most 1"
    if content["n_landing_thrusters"] and not content["landing_thrust_n"]:
        yield "landing_thrust_n = 0: expected above 0, as there are landing thrusters"
    hub_kg = content["dry_mass_kg"] + content["payload_mass_kg"]
    most_m_s2 = content["n_engines"] * content["engine_thrust_n"] / hub_kg - SURFACE_GRAVITY_M_S2
    if content["braking"]["far_m_s2"] >= most_m_s2:
        yield (
            f"braking.far_m_s2 = {content['braking']['far_m_s2']!r}: the engines brake an empty "
            f"craft by at most {max(most_m_s2, 0.0):.2f} m/s2"
        )


def _value(kind: str, value: Any) -> Any:
    if kind == Braking.__name__:
        return Braking(**{key: float(one) for key, one in value.items()})
    if kind == "Triple":
        return tuple(map(float, value))
    return int(value) if kind == "int" else float(value)
