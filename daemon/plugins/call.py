"""Loads the function of a plugin: only in a process of its own, as its code runs then."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from daemon.plugins.installed import GROUP
from daemon.protocol.plugin import PluginKind


def load_function(kind: PluginKind, name: str) -> Callable[..., Any]:
    """The function of an installed plugin.

    Raises LookupError, TypeError, and what its import raises.
    """
    points = entry_points(group=f"{GROUP}{kind}", name=name)
    if not points:
        raise LookupError(f"{name} is not installed any more")
    function: Any = next(iter(points)).load()
    if not callable(function):
        raise TypeError(f"{next(iter(points)).value} is not a function")
    return function  # type: ignore[no-any-return]
