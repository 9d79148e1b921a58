"""Which settings of a configuration differ from the tested defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from checks.preflight.row import Row
from checks.verdict import Level
from daemon.config.schema import Config
from daemon.config.sections import FROZEN

SHOWN = 4


def differing(config: Config, default: Config) -> dict[str, str]:
    """Each setting of [run] to [evaluation] that is not the default's: its own and the default
    value, as ``0.001 (default 0.0004)``.
    """
    found = {}
    for section in FROZEN:
        ours = dict(_leaves(msgspec.to_builtins(getattr(config, section)), section))
        theirs = dict(_leaves(msgspec.to_builtins(getattr(default, section)), section))
        for name in dict.fromkeys([*theirs, *ours]):
            if ours.get(name) != theirs.get(name):
                found[name] = f"{ours.get(name, 'unset')} (default {theirs.get(name, 'unset')})"
    return found


def settings_row(config: Config, default: Config, source: str) -> Row:
    """OK: it is valid; the settings that differ are named, and WARNING says they are not tested."""
    found = differing(config, default)
    if not found:
        return Row("configuration", Level.OK, f"{source}: valid, trains as tested")
    shown = [f"{name} = {value}" for name, value in list(found.items())[:SHOWN]]
    rest = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    text = f"{source}: valid; differs from what was tested: {', '.join(shown)}{rest}"
    remedy = "if that is meant, go on; the drills test it on this machine"
    return Row("configuration", Level.WARNING, text, remedy, dict(found))


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values inside, by dotted name; a list of numbers is one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}")
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{name}[{index}]")
    else:
        yield name, value
