"""The page of logs: supervisor, trainers, TensorBoard and commands as one, by time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from landerctl.operations.logs.reader import SOURCES, SourceName
from landerctl.operations.logs.record import LEVELS, Level, LogRecord, source_label
from landerctl.tui.actions import LOG_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.data.windows.log_window import LogsWanted, LogWindow
from landerctl.tui.data.windows.window import Wanted, Window
from landerctl.tui.format import day_and_clock
from landerctl.tui.screens.records.list_page import ListPage
from landerctl.tui.screens.records.whole import WholeRecord
from landerctl.tui.widgets.lists.record_list import Row

_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")  # that the key goes through
_CHOICES: tuple[tuple[SourceName, ...], ...] = (SOURCES, *((name,) for name in SOURCES))
_STYLES: dict[Level, str] = {"warning": "warning", "error": "error", "critical": "error"}
_LEVEL_CELLS = max(map(len, LEVELS))
_SOURCE_CELLS = max(map(len, SOURCES))


class LogsPage(ListPage[LogRecord]):
    """Begins at the newest record and follows, or at the time `at_s` (Unix, s)."""

    BINDINGS = [action.binding for action in LOG_ACTIONS]  # noqa: RUF012  Textual's way
    TITLE_TEXT: ClassVar[str] = "Logs"

    def __init__(self, paths: StatePaths, at_s: float | None = None) -> None:
        super().__init__("logs", Wanted(0, LogsWanted(), at_s=at_s))
        self._reader = LogWindow(paths)
        self._search = ""

    @property
    def read(self) -> Callable[[Snapshot], Window[LogRecord]]:
        """Reads the wanted part of the logs."""
        return self._read

    def _read(self, snapshot: Snapshot) -> Window[LogRecord]:
        return self._reader.read(self._wanted, snapshot.at_s)

    def row(self, item: LogRecord) -> Row:
        """Time, level, source; then the text, and the lines that belong to it."""
        at = (
            day_and_clock(item.time_s) if item.time_s is not None else " " * len(day_and_clock(0.0))
        )
        level = item.level.upper() if item.level != "info" else ""
        lead = f"{at} {level:<{_LEVEL_CELLS}} {item.source.name:<{_SOURCE_CELLS}} "
        lines = tuple(one_line(line) for line in item.lines)
        return Row((item.source, item.place[:2]), lead, lines, _STYLES.get(item.level, ""))

    def time_s(self, item: LogRecord) -> float:
        """The record's time, or that of the one before it."""
        return item.order_s

    def filter_text(self) -> str:
        """Level, source and text."""
        wanted: LogsWanted = self._wanted.filter
        level = wanted.filter.level
        parts = [
            "all levels" if level == "debug" else f"{level} and above",
            "all sources" if wanted.names == SOURCES else wanted.names[0],
        ]
        return " · ".join([*parts, *([f"with “{self._search}”"] if self._search else [])])

    def search(self, text: str) -> None:
        """Filter by a text; capital letters in it match capital letters only."""
        self._search = text
        flags = re.NOFLAG if text != text.lower() else re.IGNORECASE
        self._filter(text=re.compile(re.escape(text), flags) if text else None)

    def open_item(self, item: LogRecord) -> None:
        """Show all lines of the record."""
        at = day_and_clock(item.time_s) if item.time_s is not None else "without a time"
        title = f"{source_label(item.source)} · {at} · {item.level}"
        name = [f"{item.logger}:"] if item.logger else []
        self.app.push_screen(WholeRecord(title, [*name, *map(one_line, item.lines)]))

    def action_level(self) -> None:
        """Show only more severe records."""
        level = self._wanted.filter.filter.level
        self._filter(level=_LEVELS[(_LEVELS.index(level) + 1) % len(_LEVELS)])

    def action_source(self) -> None:
        """Show the next source alone, after the last one all."""
        names = self._wanted.filter.names
        self.wants(names=_CHOICES[(_CHOICES.index(names) + 1) % len(_CHOICES)])

    def _filter(self, **changes: Any) -> None:
        self.wants(filter=replace(self._wanted.filter.filter, **changes))
