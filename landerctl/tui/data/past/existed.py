"""Which checkpoints existed at a moment of the past. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from daemon.backup.restoring.restorable import Restorable
from daemon.backup.retention.prune_journal import Pruned
from daemon.store.records import Event
from landerctl.tui.data.snapshot import Removed

EVENTS = ("checkpoint.saved", "checkpoint.pruned", "backup.made")
MOST_REMOVED = 100
_ID = re.compile(r"\d{6,}-\d+-[a-z]+")  # in the text of checkpoint.pruned


def existing(found: Iterable[Restorable], at_s: float) -> tuple[Restorable, ...]:
    """Those that exist now and did at `at_s` (Unix)."""
    return tuple(one for one in found if one.manifest.created_s <= at_s)


def removed_since(
    events: Sequence[Event], backups: Sequence[Pruned], found: Iterable[Restorable], at_s: float
) -> tuple[Removed, ...]:
    """Those that existed at `at_s` (Unix) and do not now, newest first.

    `events`: those of EVENTS until then, ascending; `backups`: all that were removed; `found`: what
    exists now.
    """
    present = {one.id for one in found}
    gone_backups = {one.id for one in backups if one.time_s <= at_s}
    saved: dict[str, Removed] = {}
    backed_up: set[str] = set()
    pruned: set[str] = set()
    for event in events:
        id_ = str(event.body.get("id"))
        if event.name == "checkpoint.saved":
            size = event.body.get("bytes")
            saved[id_] = Removed(id_, event.time_s, int(size) if isinstance(size, int) else 0)
        elif event.name == "backup.made":
            backed_up.add(id_)
        else:
            pruned.update(_ID.findall(event.text))
    copies = backed_up - gone_backups
    there = [
        one
        for id_, one in saved.items()
        if id_ not in present and (id_ not in pruned or id_ in copies)
    ]
    return tuple(reversed(there))[:MOST_REMOVED]
