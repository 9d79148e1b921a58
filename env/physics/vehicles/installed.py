"""Vehicles of installed packages: files that the entry points `landerctl.vehicles` name.

No code of such a package runs: the entry point ``package.folder:file`` is the file
``package/folder/file.toml`` or ``.json``. docs/plugins.md shows how to make one.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path

from env.base.arguments import known_names
from env.physics.vehicle import Vehicle
from env.physics.vehicles.vehicle_file import VehicleFileError, load_vehicle

GROUP = "landerctl.vehicles"
# What reading metadata raises that are missing or malformed.
_DAMAGED = (OSError, ValueError, TypeError, KeyError, AttributeError)


def installed_names() -> list[str]:
    """The names of the vehicles that installed packages have."""
    return sorted(_points())


def installed_vehicle(name: str) -> Vehicle:
    """The vehicle of this name of an installed package.

    Raises ValueError if there is none, VehicleFileError if its file is missing or invalid.
    """
    points = _points()
    known_names("installed vehicle", [name], sorted(points))
    point = points[name]
    package, *folders = point.module.split(".")
    spec = find_spec(package)  # of a nested package it would import the outer ones
    places = (spec.submodule_search_locations if spec else None) or []
    files = [
        Path(place, *folders, f"{point.attr}{e}") for place in places for e in (".toml", ".json")
    ]
    file = next(filter(Path.is_file, files), None)
    if file is None:
        raise VehicleFileError(f"{point.value}: the package has no such file, .toml or .json")
    return load_vehicle(file, name)


def _points() -> dict[str, EntryPoint]:
    """By name. Packages with damaged metadata are skipped: they may be none of ours."""
    found = dict[str, EntryPoint]()
    for distribution in distributions():
        with suppress(*_DAMAGED):
            if f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or ""):
                for point in distribution.entry_points.select(group=GROUP):
                    found.setdefault(point.name, point)
    return found
