"""Who went live over a NO-GO, for `status`: found without reading the ledger's chain."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from checks.checklist.ledger.record import Record
from daemon.base.malformed import MALFORMED

# As the ledger's writer encodes it; inside a text the quotation marks are escaped.
_MARK = b'"kind":"golive","subject":"override"'


def override_text(path: Path) -> str:
    """One line about the newest override, and how many there were; empty if there was none."""
    try:
        lines = [line for line in path.read_bytes().splitlines() if _MARK in line]
        newest = msgspec.json.decode(lines[-1], type=Record).entry if lines else None
    except (OSError, *MALFORMED):
        return ""  # what is wrong with the ledger is for those who judge by it
    if newest is None:
        return ""
    day = datetime.fromtimestamp(newest.time_s).strftime("%Y-%m-%d")
    earlier = f"; {len(lines) - 1} earlier" if len(lines) > 1 else ""
    return f"{newest.by} went live over a NO-GO on {day}: {newest.text}{earlier}"
