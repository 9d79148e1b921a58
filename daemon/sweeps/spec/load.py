"""Reads `sweep.toml`: every fault at once, with its line and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from daemon.config.judging.error import ConfigError, LocatedFault, Origin, error_of
from daemon.config.judging.explain import explain
from daemon.config.judging.relations import Fault
from daemon.config.judging.syntax import without_faults
from daemon.config.judging.typed import type_faults
from daemon.config.layering.faults import plain_faults
from daemon.config.layering.layers import FileLayer, is_within
from daemon.config.read import UnreadableError, read_text
from daemon.sweeps.spec.parameters import parameter_faults
from daemon.sweeps.spec.relations import relation_faults
from daemon.sweeps.spec.schema import SweepSpec

# Takes the place of limits.steps where that is missing or faulty: above every rung.
_ANY_STEPS = 1 << 62


def load_sweep(path: Path) -> SweepSpec:
    """The sweep that a file describes. Raises ConfigError, which lists all faults."""
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise ConfigError(f"{path}: {error}") from None
    return parse_sweep(path, text)


def parse_sweep(path: Path, text: str) -> SweepSpec:
    """The sweep that a text describes; `path` names it in errors.

    Settings of `set` and `only_if` have dotted names afterwards, also where they were tables.
    Raises ConfigError, which lists all faults.
    """
    import tomllib  # noqa: PLC0415 - a slow import that some commands do not need

    _, unreadable = without_faults(text)
    if unreadable:
        raise error_of(
            [LocatedFault(Origin("file", str(path), one.line), one.text) for one in unreadable]
        )
    values = _flattened(tomllib.loads(text))
    if faults := list(_faults(values)):
        raise located_error(path, text, faults)
    return msgspec.convert(values, SweepSpec)


def located_error(path: Path, text: str, faults: Sequence[Fault]) -> ConfigError:
    """The error that lists faults of a sweep's file, each with its line."""
    layer = FileLayer(str(path), {}, text)
    return error_of([LocatedFault(layer.origin(fault.path), fault.text) for fault in faults])


def _faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    if plain := list(plain_faults(values, ())):
        yield from plain
        return
    wrong = []
    for path, error in type_faults(values, SweepSpec):
        wrong.append(re.sub(r"(\]).*", r"\1", path))  # of an element of a list all
        yield Fault(path, explain(error, values, SweepSpec))
    try:
        spec = msgspec.convert(_with_stand_ins(values, wrong), SweepSpec)
    except msgspec.ValidationError:
        return
    for fault in (*parameter_faults(spec), *relation_faults(spec)):
        touched = (fault.path, *fault.others)
        if not any(is_within(one, bad) or is_within(bad, one) for bad in wrong for one in touched):
            yield fault


def _flattened(values: Mapping[str, Any]) -> dict[str, Any]:
    """The file's values with dotted names of settings: ``[set] run.mode`` is a table in TOML."""
    changed = dict(values)
    if isinstance(chosen := values.get("set"), Mapping):
        changed["set"] = dict(_dotted(chosen, ""))
    if isinstance(parameters := values.get("parameters"), list):
        changed["parameters"] = [
            {**one, "only_if": dict(_dotted(one["only_if"], ""))}
            if isinstance(one, Mapping) and isinstance(one.get("only_if"), Mapping)
            else one
            for one in parameters
        ]
    return changed


def _dotted(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping) and value:
            yield from _dotted(value, name)
        else:
            yield name, value


def _with_stand_ins(values: Mapping[str, Any], wrong: Sequence[str]) -> dict[str, Any]:
    """The values without the wrong ones, so that the others can still be judged."""
    changed = {name: value for name, value in values.items() if name not in wrong}
    for path in wrong:
        section, _, rest = path.partition(".")
        table, bracket, index = section.partition("[")
        inner = changed.get(table)
        if bracket and isinstance(inner, list):
            inner = list(inner)
            inner[int(index[:-1])] = _stand_in(table, inner[int(index[:-1])])
            changed[table] = inner
        elif isinstance(inner, Mapping):
            changed[table] = {name: one for name, one in inner.items() if name != rest}
    limits = changed.get("limits", {})
    if isinstance(limits, Mapping) and "steps" not in limits:
        changed["limits"] = {**limits, "steps": _ANY_STEPS}
    return changed


def _stand_in(table: str, faulty: Any) -> dict[str, Any]:
    if table != "parameters":
        return {"metric": "gate"}
    setting = faulty.get("setting") if isinstance(faulty, Mapping) else None
    return {"setting": setting if isinstance(setting, str) else ""}
