from __future__ import annotations

import re
from pathlib import Path

import pytest

from landerctl.operations.logs.reader import LogFilter
from landerctl.operations.logs.record import LogRecord
from landerctl.tui.data.windows import log_window
from landerctl.tui.data.windows.log_window import LogsWanted, LogWindow
from landerctl.tui.data.windows.window import Wanted, Window
from tests.landerctl.operations.logs.log_folder import START_S, LogFolder, add, texts


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LogFolder:
    monkeypatch.setattr(log_window, "CHUNK", 10)
    monkeypatch.setattr(log_window, "MAX_RECORDS", 25)
    monkeypatch.setattr(log_window, "ENOUGH", 5)
    logs = LogFolder(tmp_path)
    for number in range(100):
        path = logs.trainer if number % 3 == 0 else logs.supervisor
        add(path, number, f"line {number}", "WARNING" if number % 50 == 0 else "INFO")
    return logs


def wanted(serial: int = 0, **changes: object) -> Wanted[LogsWanted]:
    return Wanted(serial, LogsWanted(), **changes)  # type: ignore[arg-type]


def numbers(shown: Window[LogRecord]) -> list[int]:
    return [int(text.split()[-1]) for text in texts(list(shown.items))]


def test_it_begins_at_the_end_and_reads_older_ones_when_wanted(logs: LogFolder) -> None:
    page = LogWindow(logs.paths)
    shown = page.read(wanted(), None)
    assert (numbers(shown), shown.at_start, shown.at_end) == (list(range(90, 100)), False, True)
    add(logs.supervisor, 100, "line 100")
    assert numbers(page.read(wanted(), None)) == list(range(90, 101))
    shown = page.read(wanted(older=1), None)
    assert numbers(shown) == list(range(80, 101))
    # What is too far from the newly read ones is dropped, and read again when wanted.
    shown = page.read(wanted(older=2), None)
    assert (numbers(shown), shown.at_end) == (list(range(70, 95)), False)
    shown = page.read(wanted(older=2, newer=1), None)
    assert (numbers(shown), shown.at_end) == (list(range(70, 101)), True)
    for times in range(3, 12):
        shown = page.read(wanted(older=times, newer=1), None)
    assert (numbers(shown), shown.at_start) == (list(range(25)), True)


def test_it_begins_at_a_time(logs: LogFolder) -> None:
    shown = LogWindow(logs.paths).read(wanted(at_s=START_S + 50.0), None)
    assert (numbers(shown), shown.at_end) == (list(range(40, 60)), False)


def test_of_the_past_it_shows_nothing_later(logs: LogFolder) -> None:
    page = LogWindow(logs.paths)
    assert numbers(page.read(wanted(), START_S + 30.5))[-1] == 30
    add(logs.supervisor, 100, "line 100")
    assert numbers(page.read(wanted(), START_S + 30.5))[-1] == 30
    assert numbers(page.read(wanted(), None))[-2:] == [99, 100]


def test_a_rare_text_is_searched_for_over_several_reads(
    logs: LogFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_window, "MAX_SCANNED", 30)
    page = LogWindow(logs.paths)
    seek = Wanted(1, LogsWanted(LogFilter(text=re.compile("line 3$"))))
    found = [page.read(seek, None) for _ in range(5)]
    assert [shown.searching for shown in found] == [True, True, True, False, False]
    assert [numbers(shown) for shown in found][2:] == [[], [3], [3]]


def test_by_level_and_source(logs: LogFolder) -> None:
    page = LogWindow(logs.paths)
    warned = Wanted(1, LogsWanted(LogFilter(level="warning")))
    assert numbers(page.read(warned, None)) == [0, 50]
    trained = Wanted(2, LogsWanted(names=("trainer",)))
    assert numbers(page.read(trained, None))[-2:] == [96, 99]
