"""Requests of the screen that need no daemon. Imports nothing that judges."""

from __future__ import annotations

import msgspec


class CloseIncident(msgspec.Struct, frozen=True):
    """Close an incident. `note`: its cause."""

    id: str
    user: str
    note: str = ""
