"""Compiles everything that a fleet flies with, and reports how far it is."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from numba.core import event

FUNCTIONS = 153  # compiled by the first fleet of an empty cache


class _Counter(event.Listener):
    def __init__(self, report: Callable[[int, int], None]) -> None:
        self._report, self._done = report, 0

    def on_start(self, event: Any) -> None:
        """Nothing is compiled yet."""

    def on_end(self, event: Any) -> None:
        """One more function is compiled."""
        self._done += 1
        self._report(min(self._done, FUNCTIONS - 1), FUNCTIONS)


def compile_environment(report: Callable[[int, int], None]) -> None:
    """Compile or load; `report(done, total)` is called from this thread at each function."""
    fleet = importlib.import_module("env.fleet")
    with event.install_listener("numba:compile", _Counter(report)):
        fleet.LanderFleet(fleet.FleetSettings(n_envs=1)).close()
    report(FUNCTIONS, FUNCTIONS)
