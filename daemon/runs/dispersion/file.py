"""Reads a file of dispersions: TOML, a table for each parameter. The package has a default one."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config.judging.explain import explain_toml, suggestion
from daemon.config.read import UnreadableError, lines_of, nearest, read_text
from daemon.runs.dispersion.parameters import PARAMETERS, Dispersion, Dispersions, Parameter

DEFAULT = "default"  # names the package's own file
DEFAULT_FILE = Path(__file__).with_name("default.toml")
DISTRIBUTIONS = get_args(get_type_hints(Dispersion)["distribution"])
SIGMAS = 3.0  # how far from the mean a normal distribution must stay within the limits

_KEYS = Dispersion.__struct_fields__
_NUMBERS = ("size", "mean", "chance")


class DispersionError(Exception):
    """A file of dispersions is invalid. The message is one line that lists all faults."""


def load_dispersions(path: Path | None) -> Dispersions:
    """The dispersions of a file, in the order of PARAMETERS; None: the default set.

    Raises DispersionError.
    """
    source = path or DEFAULT_FILE
    try:
        text = read_text(source)
        values = tomllib.loads(text)
    except UnreadableError as error:
        raise DispersionError(f"{source}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise DispersionError(f"{source}: {explain_toml(error)}") from None
    faults = list(_faults(values))
    if not values:
        raise DispersionError(f"{source}: no dispersion in it; write a table such as [dry_mass]")
    if faults:
        lines = [_numbered(text, path, fault) for path, fault in faults]
        count = f"{counted(len(lines), 'fault')}: " if len(lines) > 1 else ""
        raise DispersionError(one_line(f"{source}: {count}{'; '.join(lines)}"))
    read = msgspec.convert(values, Dispersions)
    return {name: read[name] for name in PARAMETERS if name in read}


def named_file(name: str) -> Path | None:
    """The file that an argument names; None for DEFAULT."""
    return None if name == DEFAULT else Path(name)


def _numbered(text: str, path: str, fault: str) -> str:
    line = nearest(lines_of(text), path)
    return f"line {line}: {fault}" if line else fault


def _faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The path of each fault and what is wrong."""
    for name, table in values.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            known = suggestion(name, PARAMETERS) or f"; known: {', '.join(PARAMETERS)}"
            yield name, f"unknown parameter {name}{known}"
        elif not isinstance(table, Mapping):
            yield name, f"{name}: expected a table, [{name}]"
        else:
            found = list(_table_faults(name, parameter, table))
            yield from found or _range_faults(name, parameter, table)


def _table_faults(
    name: str, parameter: Parameter, table: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        path = f"{name}.{key}"
        if key not in _KEYS:
            known = suggestion(key, _KEYS) or f"; known here: {', '.join(_KEYS)}"
            yield path, f"unknown key {path}{known}"
        elif key in _NUMBERS and not _is_finite(value):
            yield path, f"{path}: expected a finite number"
    needed = ["distribution", "size", "unit", *(["chance"] if parameter.failure else [])]
    for key in needed:
        if key not in table:
            yield name, f"{name}: {key} is missing"
    distribution, unit = table.get("distribution"), table.get("unit")
    if distribution is not None and distribution not in DISTRIBUTIONS:
        close = suggestion(str(distribution), DISTRIBUTIONS)
        yield (
            f"{name}.distribution",
            f"{name}.distribution: expected {' or '.join(map(repr, DISTRIBUTIONS))}{close}",
        )
    if unit is not None and unit != parameter.unit:
        yield f"{name}.unit", f"{name}.unit: expected {parameter.unit!r}"
    if "chance" in table and not parameter.failure:
        yield f"{name}.chance", f"{name}.chance: only a failure has a chance"


def _range_faults(
    name: str, parameter: Parameter, table: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    size, mean, chance = table["size"], table.get("mean", 0.0), table.get("chance", 0.0)
    if size < 0:
        yield f"{name}.size", f"{name}.size = {size:g}: at least 0"
    if not 0 <= chance <= 1:
        yield f"{name}.chance", f"{name}.chance = {chance:g}: allowed 0 to 1"
    reach = size * (SIGMAS if table["distribution"] == "normal" else 1.0)
    if mean - reach < parameter.least or mean + reach > parameter.most:
        yield (
            f"{name}.size",
            f"{name}: reaches {mean - reach:g} to {mean + reach:g} {parameter.unit}, allowed "
            f"{parameter.least:g} to {parameter.most:g}",
        )


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
