"""Which settings of a run differ from the tested defaults. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from daemon.config.schema import Config
from daemon.config.sections import FROZEN


def differing(config: Config, default: Config) -> dict[str, str]:
    """Each setting of [run] to [evaluation] that differs: ``0.001 instead of 0.0004``, by name.

    Of two lists of different lengths, such as the stages, the further entries are only counted.
    """
    changed = changes(default, config)
    return {name: f"{ours} instead of {theirs}" for name, (theirs, ours) in changed.items()}


def changes(first: Config, second: Config) -> dict[str, tuple[Any, Any]]:
    """The two values of each setting of [run] to [evaluation] that differs, by name.

    Of two lists of different lengths, such as the stages, the further entries are only counted.
    """
    ours, theirs = frozen_settings(first), frozen_settings(second)
    return {
        name: (ours[name], theirs[name])
        for name in ours
        if name in theirs and ours[name] != theirs[name]
    }


def frozen_settings(config: Config) -> dict[str, Any]:
    """Each setting of [run] to [evaluation], by its dotted name."""
    return settings_by_name({name: msgspec.to_builtins(getattr(config, name)) for name in FROZEN})


def settings_by_name(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Each setting of a decoded configuration, by its dotted name."""
    return {
        name: value
        for section, inner in sections.items()
        for name, value in _leaves(inner, section)
    }


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values inside, by dotted name; a list of numbers is one value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}")
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        yield f"number of {name}", len(value)
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{name}[{number}]")
    else:
        yield name, value
