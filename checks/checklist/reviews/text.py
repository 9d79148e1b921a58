"""A recorded review as text for a terminal or a message. Pure."""

from __future__ import annotations

import textwrap
from datetime import datetime

from checks.checklist.ledger.record import Entry
from checks.checklist.reviews.review import SECTIONS
from checks.wording import duration

WIDTH = 80
_INDENT, _LABEL = 2, 17


def title(entry: Entry) -> str:
    """``daily review of 20261129-...: Sat 28 Nov 06:00 to Sun 29 Nov 06:00 (1 d 0 h)``."""
    since_s, until_s = (float(entry.figures.get(name) or 0.0) for name in ("since_s", "until_s"))
    length = duration(until_s - since_s)
    return f"{entry.subject} review: {_moment(since_s)} to {_moment(until_s)} ({length})"


def render(entry: Entry, width: int = WIDTH) -> str:
    """All lines, each with its label; what is missing says what would bring it."""
    lines = [title(entry), f"run {entry.address.run}"]
    of = {one.key: one for one in entry.findings}
    for heading, rows in SECTIONS:
        lines += ["", heading]
        for key, label in rows:
            if (finding := of.get(key)) is not None:
                text = finding.text if finding.holds else f"missing: {finding.text}"
                lines += _row(label, text, width)
    return "\n".join(lines)


def _row(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=" " * _INDENT + f"{label:<{_LABEL}}",
        subsequent_indent=" " * (_INDENT + _LABEL),
        break_on_hyphens=False,
    )


def _moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s).strftime("%a %d %b %Y %H:%M")
