"""What is wrong with what files set for one vehicle only: with their tables ``vehicles.NAME``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from daemon.config.judging.error import LocatedFault
from daemon.config.judging.explain import shown_key, suggestion
from daemon.config.layering.faults import located_faults
from daemon.config.layering.layers import VEHICLES, FileLayer, Layer, merge_layers
from daemon.config.sections import FROZEN

# What says which vehicle it is cannot depend on that.
_OF_THE_CRAFT = ("vehicle", "vehicle_data")


def table_faults(layers: Sequence[Layer]) -> list[LocatedFault]:
    """The faults of form: what is no table, no section of a run, or names the vehicle."""
    files = [layer for layer in layers if isinstance(layer, FileLayer)]
    return [
        LocatedFault(file.origin(path), f"{path}: {text}")
        for file in files
        for path, text in _table_faults(file.values.get(VEHICLES, {}))
    ]


def other_faults(default: Mapping[str, Any], layers: Sequence[Layer]) -> list[LocatedFault]:
    """The faults in tables of vehicles that are not flown, each judged as if it were.

    `layers`: without other faults.
    """
    named = {
        name
        for layer in layers
        if isinstance(layer, FileLayer)
        for name in layer.values.get(VEHICLES, {})
    }
    return [
        fault
        for name in sorted(named)
        for fault in located_faults(merge_layers(default, layers, name), default)
    ]


def unknown_vehicles(layers: Sequence[Layer], known: Sequence[str]) -> list[LocatedFault]:
    """A fault for each table of a vehicle that there is not."""
    return [
        LocatedFault(
            # Headers name what is in the table: [vehicles.scout.ppo].
            layer.origin(".".join((VEHICLES, name, *list(_tables(table))[:1]))),
            f"{VEHICLES}.{shown_key(name)}: no such vehicle{suggestion(name, known)}",
        )
        for layer in layers
        if isinstance(layer, FileLayer)
        for name, table in _tables(layer.values.get(VEHICLES)).items()
        if name not in known
    ]


def _tables(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _table_faults(tables: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(tables, Mapping):
        yield VEHICLES, "expected a table for each vehicle, as [vehicles.apollo-lm.ppo]"
        return
    for name, table in tables.items():
        path = f"{VEHICLES}.{shown_key(name)}"
        if not isinstance(table, Mapping):
            yield path, "expected tables, as [vehicles.apollo-lm.ppo]"
            continue
        for section in table:
            if section not in FROZEN:
                why = f"is no section of a run{suggestion(section, FROZEN)}"
                yield f"{path}.{shown_key(section)}", f"{why}; those are {', '.join(FROZEN)}"
        for key in _tables(table.get("fleet")):
            if key in _OF_THE_CRAFT:
                yield f"{path}.fleet.{key}", "says which vehicle it is: set fleet.vehicle itself"
