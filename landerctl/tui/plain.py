"""The dashboard as text, for screen readers and terminals that only print: `tui --plain`.

The panels' own lines, without what is drawn, under headings in a fixed order. What changes is
printed as a line of its own; a line in which only figures moved is not.
"""

from __future__ import annotations

import re
import select
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual.content import Content

from landerctl.exitcodes import Exit
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.metric import METRICS, titles
from landerctl.tui.widgets.panels.alerts import alert_lines
from landerctl.tui.widgets.panels.checkpoints import COLUMNS, table_row
from landerctl.tui.widgets.panels.curriculum import curriculum_lines
from landerctl.tui.widgets.panels.events import event_lines
from landerctl.tui.widgets.panels.header import banner_lines, header_line
from landerctl.tui.widgets.panels.machine import resource_lines, speed_lines
from landerctl.tui.widgets.panels.rollback import RollbackPanel
from landerctl.tui.widgets.panels.startup import StartupPanel
from landerctl.tui.widgets.panels.sweep import sweep_lines

_INTERVAL_S = 1.0
_COLUMNS, _ROWS = 1000, 100  # no line is cut
_NEWEST = 10  # checkpoints and events that are read out
HINT = (
    "Enter reads everything again, q and Enter leaves. Act with: landerctl backup, rollback, "
    "alerts ack, stop."
)
# A symbol at the begin of a line, by what it says. Other symbols stand beside their words.
_MARKS = {
    "✓": "done, ",
    "▶": "current, ",
    "○": "later, ",
    "◌": "pending, ",
    "▲": "warning, ",
    "✖": "critical, ",
}
# What differs between the lines of a list; elsewhere a line is new if its words are.
_KEYS: dict[str, Callable[[str], str]] = {
    "Events": lambda line: line,
    "Checkpoints and backups": lambda line: line.partition(",")[0],
}
_DRAWN = re.compile("[\u2500-\u25ff\u2700-\u27bf\u2800-\u28ff]")
_GAP = re.compile(r"(?:\s*·\s*|\s{2,})+")
_UNITS = "steps/s|[kMGT]?B|[kMG]|min|s|h|d"
_FIGURES = re.compile(rf"(?:[\d.,:+-]*\d[\d.,:+-]*\s*(?:(?:{_UNITS})\b|%)?\s*)+")


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: tuple[str, ...]


def sections(snapshot: Snapshot) -> list[Section]:
    """What the dashboard shows, in its order; parts that it hides are left out."""
    status = snapshot.status
    silences, now_s = status.silences, snapshot.read_s
    alerts = (
        alert_lines(status.alerts, silences, now_s, _COLUMNS)
        if status.daemon
        else [Content("no daemon has checked yet")]
    )
    parts: list[tuple[str, list[Content]]] = [
        ("State", [header_line(snapshot, _COLUMNS), *banner_lines(snapshot.situation, _COLUMNS)]),
        ("Sweep", sweep_lines(snapshot, _COLUMNS)),
        ("Rollback", RollbackPanel(id="rollback").lines(snapshot, _COLUMNS, _ROWS)),
        ("Start", StartupPanel(id="startup").lines(snapshot, _COLUMNS, _ROWS)),
        ("Curriculum", curriculum_lines(snapshot, _COLUMNS, _ROWS)),
        (
            "Speed and machine",
            speed_lines(snapshot, _COLUMNS) + resource_lines(status.resources, _COLUMNS, _ROWS),
        ),
        ("Alerts", alerts),
        ("Plots", [Content(titles(snapshot, metric)[0]) for metric in METRICS]),
        ("Checkpoints and backups, the newest first", _checkpoints(snapshot)),
        ("Events, the newest last", event_lines(snapshot.events[-_NEWEST:], (), _COLUMNS)),
    ]
    return [
        Section(title, tuple(filter(None, map(spoken, (line.plain for line in lines)))))
        for title, lines in parts
        if lines
    ]


def changes(before: list[Section], after: list[Section]) -> Iterator[str]:
    """The lines that say something new, each behind its heading."""
    known = {section.title: section for section in before}
    for section in after:
        old = known.get(section.title)
        key = _KEYS.get(heading := section.title.partition(",")[0], shape)
        keys = {key(line) for line in old.lines} if old else set()
        for line in section.lines:
            if key(line) not in keys:
                yield f"{heading}: {line}"


def spoken(line: str) -> str:
    """A panel's line without what is drawn; gaps between its parts are commas."""
    line = line.strip()
    mark = _MARKS.get(line[:1], "")
    return mark + _GAP.sub(", ", _DRAWN.sub(" ", line)).strip(" ,").replace("–", "none")


def shape(line: str) -> str:
    """The line without its figures: the same for a line in which only they moved."""
    return _FIGURES.sub("#", line)


def _checkpoints(snapshot: Snapshot) -> list[Content]:
    return [
        Content(
            ", ".join(
                f"{name.lower()} {cell}"
                for name, cell in zip(COLUMNS, table_row(item, snapshot.read_s), strict=True)
            )
        )
        for item in snapshot.restorables[:_NEWEST]
    ]


def run_plain(reader: SnapshotReader) -> Exit:
    """Print everything, then what changes, until `q`, the end of input, or Ctrl-C.

    Returns FAILED if the trainer had failed for good, else OK.
    """
    snapshot = reader.read()
    shown = sections(snapshot)
    _print_all(shown)
    print(HINT, flush=True)
    while (entered := _entered(_INTERVAL_S)) not in ("", "q\n"):
        snapshot = reader.read()
        found = sections(snapshot)
        if entered is None:
            for line in changes(shown, found):
                print(line, flush=True)
        else:
            _print_all(found)
        shown = found
    return Exit.FAILED if snapshot.failed else Exit.OK


def _print_all(found: list[Section]) -> None:
    for section in found:
        print(f"{section.title}:")
        for line in section.lines:
            print(f"  {line}")
    sys.stdout.flush()


def _entered(timeout_s: float) -> str | None:
    """The line that was entered; "" at the end of input, None if there was none in that time."""
    return sys.stdin.readline() if select.select([sys.stdin], [], [], timeout_s)[0] else None
