"""Everything that is wrong with a configuration, at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from daemon.config.judging.error import LocatedFault
from daemon.config.judging.explain import explain, shown_path
from daemon.config.judging.relations import Fault, relation_faults
from daemon.config.judging.typed import type_faults
from daemon.config.layering.layers import Layered, is_within
from daemon.config.schema import Config

MAX_DEPTH = 16


def located_faults(layered: Layered, default: Mapping[str, Any]) -> list[LocatedFault]:
    """The faults of merged layers with their origins.

    A plugin's rule for a stage that is not there is no fault: its author does not know the
    curriculum.
    """
    found = map(layered.located, faults_of(layered.values, default, layered.given))
    return [one for one in found if (one.unknown, one.origin.kind) != ("stage", "plugin")]


def faults_of(
    values: Mapping[str, Any], default: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Fault]:
    """The faults of merged settings: of their types and bounds, and of what they are to each other.

    Where a type is wrong, the default replaces the value in the second part, and what depends
    on it is not judged. `default`: valid settings. `given`: as for `relation_faults`.
    """
    if plain := list(plain_faults(values, ())):
        return plain
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError:
        pass
    else:
        return list(relation_faults(config, given))
    found = [Fault(path, explain(error, values)) for path, error in type_faults(values, Config)]
    return [*found, *_relations_apart(values, default, given, [fault.path for fault in found])]


def _relations_apart(
    values: Mapping[str, Any],
    default: Mapping[str, Any],
    given: Mapping[str, Any],
    wrong: Sequence[str],
) -> Iterator[Fault]:
    """The faults between the settings that are none of the wrong ones."""
    replaced = []
    for path in wrong:
        values, whole = _with_stand_in(values, default, path, wrong)
        replaced.append(whole)
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError:
        return
    for fault in relation_faults(config, given):
        judged = not any(
            is_within(fault.path, one)
            or is_within(one, fault.path)
            or any(is_within(other, one) for other in fault.others)
            for one in replaced
        )
        if judged:
            yield fault


def _with_stand_in(
    values: Mapping[str, Any], default: Mapping[str, Any], path: str, wrong: Sequence[str]
) -> tuple[dict[str, Any], str]:
    """The settings with a valid value at a path, and the path of all that was replaced.

    In a list of tables the default list's first element takes the place of a faulty one, or without
    one the first that is not faulty. It gets the name of the faulty one: others refer to it.
    """
    steps, bracket, rest = path.partition("[")
    keys = steps.split(".")
    standing, usual = _at(values, keys), _at(default, keys)
    index, _, inner = rest.partition("]")
    # Shorter than it was, if all of the list has been replaced.
    there = bracket and isinstance(standing, list) and int(index) < len(standing)
    if there:
        usual = usual or [
            one
            for number, one in enumerate(standing)
            if not any(is_within(fault, f"{steps}[{number}]") for fault in wrong)
        ]
    if there and usual and isinstance(usual[0], Mapping):
        element = standing[int(index)]
        name = element.get("name") if isinstance(element, Mapping) else None
        if isinstance(name, str) and inner != ".name":
            changed = list(standing)
            changed[int(index)] = {**usual[0], "name": name}
            return _with(values, keys, changed), f"{steps}[{index}]"
    return _with(values, keys, usual), steps


def _at(values: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _with(values: Mapping[str, Any], keys: Sequence[str], value: Any) -> dict[str, Any]:
    """The tables with a value; None removes the key."""
    key, *rest = keys
    inner = values.get(key)
    if rest and isinstance(inner, Mapping):
        value = _with(inner, rest, value)
    elif rest:
        return dict(values)
    changed = {name: one for name, one in values.items() if name != key or value is not None}
    return changed if value is None else {**changed, key: value}


def plain_faults(value: Any, steps: tuple[str, ...]) -> Iterator[Fault]:
    """What JSON, msgspec or the system cannot hold: inf, nan, integers over 64 bits, deep nesting,
    NUL characters.
    """
    fault = ""
    if len(steps) > MAX_DEPTH:
        fault = f": tables and arrays nested more than {MAX_DEPTH} deep"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from plain_faults(inner, (*steps, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from plain_faults(inner, (*steps, f"[{index}]"))
    elif isinstance(value, float) and not math.isfinite(value):
        fault = f" = {value!r}: expected a finite number"
    elif isinstance(value, int) and value.bit_length() > 63:
        fault = ": expected an integer of at most 64 bits"
    elif isinstance(value, str) and "\0" in value:
        fault = ": contains a NUL character"
    if fault:
        yield Fault(".".join(steps).replace(".[", "["), f"{shown_path(steps)}{fault}")
