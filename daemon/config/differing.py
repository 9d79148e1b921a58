"""Which settings of a run differ from the tested defaults. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from daemon.config.schema import Config
from daemon.config.sections import FROZEN


def differing(config: Config, default: Config) -> dict[str, str]:
    """Each setting of [run] to [evaluation] that differs: ``0.001 instead of 0.0004``, by name.

    Of two lists of different lengths, such as the stages, the further entries are only counted.
    """
    ours, theirs = (dict(settings_of(one)) for one in (config, default))
    return {
        name: f"{ours[name]} instead of {theirs[name]}"
        for name in theirs
        if name in ours and ours[name] != theirs[name]
    }


def settings_of(config: Config) -> Iterator[tuple[str, Any]]:
    """Each setting of [run] to [evaluation], by dotted name; a list of numbers is one value."""
    for section in FROZEN:
        yield from _leaves(msgspec.to_builtins(getattr(config, section)), section)


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
