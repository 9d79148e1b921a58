"""The layers of a configuration: each overrides those before it. Pure.

Defaults < files (a later one wins) < variables < --set < options such as --n-envs. Tables merge key
by key; lists (stages, alerts) replace the earlier list as a whole. Plugins override nothing. What
the defaults or a file set for the vehicle that is flown comes directly after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from daemon.config.judging.error import ConfigError, LocatedFault, Origin, OriginKind, Unknown
from daemon.config.layering.assign import Assignment, assign
from daemon.config.layering.plugin_data import PluginData
from daemon.config.read import lines_of, nearest
from daemon.config.sections import FROZEN

if TYPE_CHECKING:
    from daemon.config.judging.relations import Fault

# Tables of a file with what it sets for one vehicle only: ``[vehicles.apollo-lm.ppo]``.
VEHICLES = "vehicles"


class FileLayer(msgspec.Struct, frozen=True, dict=True):
    """The settings of a file. `text`, if it is known, has their lines."""

    name: str
    values: Mapping[str, Any]
    text: str = ""

    def origin(self, path: str) -> Origin:
        """The line of a setting, or of the table that has it."""
        return Origin("file", self.name, nearest(self._lines, path))

    def of_vehicle(self, vehicle: str) -> VehicleLayer | None:
        """What the file sets for this vehicle only; None: nothing."""
        tables = self.values.get(VEHICLES)
        table = tables.get(vehicle) if isinstance(tables, Mapping) else None
        if not isinstance(table, Mapping):
            return None
        of_run = {section: value for section, value in table.items() if section in FROZEN}
        return VehicleLayer(vehicle, of_run, self)

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        try:
            return lines_of(self.text)
        except RecursionError:  # tables nested so deep that the parser just managed
            return {}


class VehicleLayer(msgspec.Struct, frozen=True):
    """What a file sets for the vehicle that is flown; without a file, what the defaults do."""

    vehicle: str
    values: Mapping[str, Any]
    file: FileLayer | None

    def origin(self, path: str) -> Origin:
        """The line of a setting in the vehicle's table, or of that table."""
        if self.file is None:
            return Origin(name=f"default of {self.vehicle}")
        return self.file.origin(f"{VEHICLES}.{self.vehicle}.{path}")


class GivenLayer(msgspec.Struct, frozen=True):
    """One setting, of a variable or an option of this name."""

    name: str
    kind: OriginKind
    assignment: Assignment

    def origin(self, path: str) -> Origin:
        """The variable or option, whatever it sets."""
        del path
        return Origin(self.kind, self.name)


Layer = FileLayer | VehicleLayer | GivenLayer | PluginData


class Layered(msgspec.Struct, frozen=True):
    """The merged settings, not yet checked, and which layer set what."""

    values: Mapping[str, Any]
    given: Mapping[str, Any]  # without the defaults, but lists with elements that were changed
    layers: Sequence[Layer]
    marks: Sequence[tuple[str, Layer]]  # in their order: a later one counts
    faults: Sequence[LocatedFault]  # elements that are in no list

    def origin(self, path: str) -> Origin:
        """Where the value of a setting (``alerts[2].threshold``) comes from."""
        inside: Layer | None = None
        for marked, layer in reversed(self.marks):
            if is_within(path, marked):
                return layer.origin(path)
            if inside is None and is_within(marked, path):
                inside = layer
        return Origin() if inside is None else inside.origin(path)

    def located(self, fault: Fault) -> LocatedFault:
        """The fault with the origin of its setting, or else of one that it depends on."""
        for path in (fault.path, *fault.others):
            origin = self.origin(path)
            if origin.kind != "default":
                return LocatedFault(origin, fault.text, fault.unknown)
        files = [layer for layer in self.layers if isinstance(layer, FileLayer)]
        origin = files[-1].origin(fault.path) if files else Origin(name="configuration")
        return LocatedFault(origin, fault.text, fault.unknown)


def merge_layers(
    default: Mapping[str, Any], layers: Sequence[Layer], vehicle: str | None = None
) -> Layered:
    """The defaults with all layers, the lowest first, and what they set for the vehicle.

    `vehicle`: as if it were flown; None: the one that `fleet.vehicle` names.
    """
    layered = _merged(default, layers)
    fleet = layered.values.get("fleet")
    if vehicle is None and isinstance(fleet, Mapping) and isinstance(fleet.get("vehicle"), str):
        vehicle = fleet["vehicle"]
    own = list(_with_vehicle(FileLayer("default", default), layers, vehicle or ""))
    return layered if len(own) == len(layers) else _merged(default, own)


def _with_vehicle(default: FileLayer, layers: Sequence[Layer], vehicle: str) -> Iterator[Layer]:
    """The layers, and what the defaults and the files set for a vehicle after each of them."""
    if found := default.of_vehicle(vehicle):
        yield msgspec.structs.replace(found, file=None)
    for layer in layers:
        yield layer
        if isinstance(layer, FileLayer) and (found := layer.of_vehicle(vehicle)):
            yield found


def _merged(default: Mapping[str, Any], layers: Sequence[Layer]) -> Layered:
    values, given = _without_vehicles(default), dict[str, Any]()
    marks: list[tuple[str, Layer]] = []
    faults = []
    for layer in layers:
        if isinstance(layer, FileLayer | VehicleLayer):
            own = _without_vehicles(layer.values)
            values = merge(values, own)
            if not isinstance(layer, VehicleLayer) or layer.file is not None:
                given = merge(given, own)
            marks += [(path, layer) for path in _paths(own)]
            continue
        if isinstance(layer, PluginData):
            values, added = layer.beneath(values)
            marks += [(path, layer) for path in added]
            continue
        try:
            values, path = assign(values, layer.assignment)
        except ConfigError as error:
            unknown: Unknown = "rule" if layer.assignment.section == "alerts" else ""
            faults.append(LocatedFault(layer.origin(""), str(error), unknown))
            continue
        given = _copied(given, values, path)
        marks.append((path, layer))
    return Layered(values, given, layers, marks, faults)


def _without_vehicles(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != VEHICLES}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Nested tables of which the second overrides the first."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both_tables = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both_tables else value  # type: ignore[arg-type]
    return merged


def is_within(path: str, outer: str) -> bool:
    """Whether a setting is another one, or in it."""
    return path.startswith(outer) and path[len(outer) : len(outer) + 1] in ("", ".", "[")


def _paths(values: Mapping[str, Any], table: str = "") -> Iterator[str]:
    """The path of each value; a list is one."""
    for key, value in values.items():
        path = f"{table}.{key}" if table else key
        if isinstance(value, Mapping) and value:
            yield from _paths(value, path)
        else:
            yield path


def _copied(given: Mapping[str, Any], values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """`given` with what `values` has at a path: of a list with a changed element the whole list."""
    key, _, rest = path.partition("[")[0].partition(".")
    if not rest:
        return {**given, key: values[key]}
    inner = given.get(key)
    table = inner if isinstance(inner, Mapping) else {}
    return {**given, key: _copied(table, values[key], rest)}
