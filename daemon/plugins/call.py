"""Loads the function of a plugin: only in a process of its own, as its code runs then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from daemon.plugins.installed import find_points
from daemon.protocol.plugin import PluginKind


def load_function(kind: PluginKind, name: str) -> Callable[..., Any]:
    """The function of an installed plugin.

    Raises LookupError, TypeError, and what its import raises.
    """
    entry = next((one.entry for one in find_points([kind]) if one.entry.name == name), None)
    if entry is None:
        raise LookupError(f"{name} is not installed any more")
    function: Any = entry.load()
    if not callable(function):
        raise TypeError(f"{entry.value} is not a function")
    return function  # type: ignore[no-any-return]
