"""What is known of a kind of event."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.schema import Severity


@dataclass(frozen=True)
class EventKind:
    """An event's stable name, default severity, meaning, and the fields of its body.

    A routine event is frequent, and what it says is shown elsewhere: lists hide it by default.
    """

    name: str
    severity: Severity
    meaning: str
    fields: tuple[str, ...] = ()
    routine: bool = False
    routine_if: tuple[str, str] | None = None  # routine if this field has this value
