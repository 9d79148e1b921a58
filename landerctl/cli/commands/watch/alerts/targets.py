"""`landerctl alerts targets`: who is notified, of what, and how the last delivery went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.wording import duration
from daemon.config.schema import NotifyTarget, Severity
from daemon.store.records import Event, Notice

# The events of deliveries.
EVENTS = ("notify.sent", "notify.failed", "notify.dropped", "notify.tested")
MOST_EVENTS = 5000  # of all targets, searched for the last one of each
_GETS: dict[Severity, str] = {
    "info": "all alerts",
    "warning": "warning, critical",
    "critical": "critical",
}


class TargetRow(msgspec.Struct, frozen=True):
    """A target of [notify]. Times are Unix seconds."""

    name: str
    kind: Literal["url", "url_file", "command", "plugin"]
    address: str  # without its secrets: a URL's scheme, the file's name, the program
    min_severity: Severity
    waiting: int  # notices that are not delivered yet
    last_s: float | None  # None: no delivery is recorded
    last_delivered: bool | None  # whether it went well
    last_text: str | None


class TestResult(msgspec.Struct, frozen=True):
    """What came of a test; `error`: why it failed."""

    target: str
    delivered: bool
    error: str | None


def list_targets(
    targets: Sequence[NotifyTarget], outbox: Sequence[Notice], events: Sequence[Event]
) -> list[TargetRow]:
    """A row for each target, in the configuration's order. `events`: ascending, of EVENTS."""
    last = {str(event.body.get("target")): event for event in events}
    rows = []
    for target in targets:
        kind, address = _address(target)
        event = last.get(target.name)
        rows.append(
            TargetRow(
                name=target.name,
                kind=kind,
                address=address,
                min_severity=target.min_severity,
                waiting=sum(notice.target == target.name for notice in outbox),
                last_s=event.time_s if event else None,
                last_delivered=_delivered(event) if event else None,
                last_text=event.text if event else None,
            )
        )
    return rows


def _delivered(event: Event) -> bool:
    if event.name == "notify.tested":
        return event.body.get("error") is None
    return event.name == "notify.sent"


def _address(target: NotifyTarget) -> tuple[Literal["url", "url_file", "command", "plugin"], str]:
    if target.plugin:
        return "plugin", target.plugin
    if target.command:
        program = target.command[0]
        # Written as one text, it holds the arguments too.
        return "command", program if len(program.split()) == 1 else "..."
    if target.url:
        scheme, found, _ = target.url.partition("://")
        return "url", f"{scheme}://..." if found else "..."
    return "url_file", target.url_file


def show_targets(rows: Sequence[TargetRow], now_s: float) -> None:
    """Print a table."""
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    for title in ("TARGET", "KIND", "ADDRESS", "GETS", "WAITING", "LAST DELIVERY"):
        table.add_column(title, overflow="fold")
    for row in rows:
        last = "none yet"
        if row.last_s is not None:
            last = f"{duration(max(0.0, now_s - row.last_s))} ago: {row.last_text}"
        cells = (row.name, row.kind, row.address, _GETS[row.min_severity], str(row.waiting), last)
        table.add_row(*map(Text, cells))
    Console(highlight=False).print(table)
