"""Waiting for another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 20.0


def eventually(probe: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """Return the first truthy result of `probe`. Raises AssertionError after `patience_s`."""
    deadline_s = time.monotonic() + patience_s
    pause = Event()
    while time.monotonic() < deadline_s:
        if found := probe():
            return found
        pause.wait(0.02)
    raise AssertionError(f"did not happen within {patience_s:g} s: {what}")
