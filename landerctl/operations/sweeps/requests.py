"""Requests of the screen that need no daemon. Imports nothing of the sweeps."""

from __future__ import annotations

import msgspec


class StopSweep(msgspec.Struct, frozen=True):
    """Stop a sweep's coordinator: its trials save and end. `name`: the sweep's."""

    name: str


class ResumeSweep(msgspec.Struct, frozen=True):
    """Start a sweep's coordinator, where its trials ran before. `name`: the sweep's."""

    name: str


SweepRequest = StopSweep | ResumeSweep
