"""The logs as one: over rotated files, by time, from the end, and while they grow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from landerctl.operations.logs.reader import LogReader
from landerctl.operations.logs.record import LogRecord, Place, Source
from tests.landerctl.operations.logs.log_folder import (
    RUN,
    START_S,
    TRACE,
    LogFolder,
    add,
    raw,
    rotate,
    texts,
)


@pytest.fixture
def logs(tmp_path: Path) -> LogFolder:
    return LogFolder(tmp_path)


class Follower:
    """Follows as the command and the screen do."""

    def __init__(self, logs: LogFolder) -> None:
        self.reader = LogReader(logs.paths)
        self.end: dict[Source, Place] = self.reader.end()

    def grown(self) -> list[LogRecord]:
        found = self.reader.grown(self.end)
        self.end |= {record.source: record.end for record in found}
        return found


def newest(logs: LogFolder, count: int = 100) -> list[LogRecord]:
    reader = LogReader(logs.paths)
    return list(islice(reader.back(reader.end()), count))[::-1]


def everything(logs: LogFolder) -> list[LogRecord]:
    return list(LogReader(logs.paths).forward({}))


def test_rotated_files_are_one_log(logs: LogFolder) -> None:
    for number in range(6):
        if number in (2, 4):
            rotate(logs.supervisor)
        add(logs.supervisor, number, f"line {number}")
    assert logs.supervisor.with_name("supervisor.log.2").exists()
    expected = [f"line {number}" for number in range(6)]
    assert texts(newest(logs)) == texts(everything(logs)) == expected
    assert texts(newest(logs, 3)) == expected[3:]


def test_logs_are_merged_by_time_and_name_what_wrote_them(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "a")
    add(logs.trainer, 2, "b", "WARNING")
    add(logs.paths.operator_log, 3, "c", "ERROR", "landerctl")
    add(logs.run.tensorboard_log, 4, "d")
    add(logs.supervisor, 5, "e")
    for found in (newest(logs), everything(logs)):
        assert texts(found) == list("abcde")
        assert [(record.source.name, record.source.run_id) for record in found] == [
            ("supervisor", None),
            ("trainer", RUN),
            ("landerctl", None),
            ("tensorboard", RUN),
            ("supervisor", None),
        ]
        assert [record.level for record in found[1:3]] == ["warning", "error"]
        assert found[1].time_s == START_S + 2


def test_a_traceback_belongs_to_its_record(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "failed", "ERROR")
    raw(logs.supervisor, TRACE)
    add(logs.supervisor, 2, "goes on")
    raw(logs.supervisor, "Fatal Python error: Aborted\n\nThread 0x1:\n")
    for found in (newest(logs), everything(logs)):
        assert texts(found) == ["failed", "goes on", "Fatal Python error: Aborted"]
        assert found[0].lines[1:] == tuple(TRACE.splitlines())
        assert (found[2].level, found[2].time_s, found[2].lines[-1]) == (
            "error",
            None,
            "Thread 0x1:",
        )


def test_lines_without_a_time_keep_their_place(logs: LogFolder) -> None:
    raw(logs.trainer, "before any time\n")
    add(logs.trainer, 10, "starts")
    raw(logs.trainer, "printed\n  more of it\nx.py:1: UserWarning: old\n")
    add(logs.trainer, 30, "ends")
    add(logs.supervisor, 5, "first")
    add(logs.supervisor, 20, "between")
    for found in (newest(logs), everything(logs)):
        assert texts(found) == [
            "first",
            "before any time",
            "starts",
            "printed",
            "x.py:1: UserWarning: old",
            "between",
            "ends",
        ]
        assert found[3].lines == ("printed", "  more of it")
        assert [found[index].level for index in (3, 4)] == ["info", "warning"]


def test_lines_of_earlier_versions_have_local_time(logs: LogFolder) -> None:
    raw(logs.supervisor, "2026-11-29 22:50:41,645 INFO daemon.store: daemon.started: pid 9017\n")
    [record] = newest(logs)
    assert record.time_s is not None and record.time_s % 1.0 == pytest.approx(0.645)
    assert (record.logger, record.lines) == ("daemon.store", ("daemon.started: pid 9017",))


def test_what_is_missing_is_empty(logs: LogFolder) -> None:
    assert newest(logs) == everything(logs) == []
    assert LogReader(logs.paths).end() == {}


def test_following_over_a_rotation_loses_and_repeats_nothing(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "old")
    follower = Follower(logs)
    assert follower.grown() == []
    add(logs.supervisor, 2, "before the rotation")
    rotate(logs.supervisor)
    assert texts(follower.grown()) == ["before the rotation"]
    add(logs.supervisor, 3, "after it")
    assert texts(follower.grown()) == ["after it"]
    rotate(logs.supervisor)
    rotate(logs.supervisor)
    add(logs.supervisor, 4, "after two")
    assert texts(follower.grown()) == ["after two"]
    assert follower.grown() == []


def test_following_a_truncated_log_reads_it_anew(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "a long line that is removed")
    follower = Follower(logs)
    logs.supervisor.write_text("")
    assert follower.grown() == []
    add(logs.supervisor, 2, "new")
    assert texts(follower.grown()) == ["new"]


def test_following_shows_a_new_run_and_a_log_that_was_missing(logs: LogFolder) -> None:
    follower = Follower(logs)
    add(logs.supervisor, 1, "first")
    run = logs.paths.run("20260801-000000-curriculum-ppo-aaaa")
    run.folder.mkdir()
    add(run.log, 2, "trainer starts")
    assert texts(follower.grown()) == ["first", "trainer starts"]


def test_following_waits_for_the_rest_of_a_line_and_of_a_traceback(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "old")
    follower = Follower(logs)
    raw(logs.supervisor, "2026-07-28 14:15:00.000+00:00 INFO daemon.x: ha")
    assert follower.grown() == []
    raw(logs.supervisor, "lf\n")
    assert texts(follower.grown()) == ["half"]
    add(logs.supervisor, 2, "failed", "ERROR")
    assert follower.grown() == []
    raw(logs.supervisor, TRACE)
    [record] = follower.grown()
    assert record.lines == ("failed", *TRACE.splitlines())
    raw(logs.supervisor, "killed while it wrote")
    assert follower.grown() == []
    assert texts(follower.grown()) == ["killed while it wrote"]


def test_a_log_of_200_mb_opens_by_its_end_and_by_time(logs: LogFolder) -> None:
    lines = 1_800_000
    _write_long(logs.trainer, lines)
    assert logs.trainer.stat().st_size > 200_000_000
    reader = LogReader(logs.paths)
    found = list(islice(reader.back(reader.end()), 50))
    assert (found[0].lines[0][:11], len(found)) == (f"no {lines - 1:08d}", 50)
    assert reader.bytes_read <= 2 * 64 * 1024
    reader = LogReader(logs.paths)
    place = reader.at(START_S + lines / 2)
    [record] = islice(reader.forward(place), 1)
    assert record.lines[0].startswith(f"no {lines // 2:08d}")
    assert reader.bytes_read < 2_000_000
    logs.trainer.unlink()


def test_the_place_of_a_time_is_found_in_the_right_file(logs: LogFolder) -> None:
    for number in range(300):
        if number in (100, 200):
            rotate(logs.supervisor)
        add(logs.supervisor, number, f"line {number}")
    reader = LogReader(logs.paths)
    for wanted in (0, 1, 99, 100, 150, 200, 299):
        [record] = islice(reader.forward(reader.at(START_S + wanted - 0.5)), 1)
        assert texts([record]) == [f"line {wanted}"]
    assert texts(list(islice(reader.forward(reader.at(START_S - 9.0)), 1))) == ["line 0"]
    assert list(reader.forward(reader.at(START_S + 1e9))) == []
    before = reader.back(reader.at(START_S + 100.0))
    assert texts(list(islice(before, 2))) == ["line 99", "line 98"]


def test_a_line_without_an_end_is_cut(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "x" * 300_000)
    add(logs.supervisor, 2, "after")
    for found in (newest(logs), everything(logs)):
        assert texts(found)[1] == "after"
        assert found[0].lines[0].endswith("x … (line cut)") and len(found[0].lines[0]) < 17_000


def test_bytes_that_are_no_text_are_shown(logs: LogFolder) -> None:
    logs.trainer.write_bytes(b"caf\xe9 \xff\n")
    assert texts(newest(logs)) == ["caf\\xe9 \\xff"]


def test_only_the_named_sources_and_the_run_are_read(logs: LogFolder) -> None:
    add(logs.supervisor, 1, "a")
    add(logs.trainer, 2, "b")
    add(logs.run.tensorboard_log, 3, "c")

    def read(reader: LogReader) -> list[str]:
        return texts(list(reader.forward({})))

    assert read(LogReader(logs.paths, names=("supervisor",))) == ["a"]
    assert read(LogReader(logs.paths, names=("supervisor", "trainer"))) == ["a", "b"]
    assert read(LogReader(logs.paths, run_id=RUN)) == ["b", "c"]


def _write_long(path: Path, lines: int) -> None:
    """One line a second."""

    def numbered() -> Iterable[str]:
        start = datetime.fromtimestamp(START_S, UTC)
        for number in range(lines):
            if number % 60 == 0:
                minute = (start + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M")
            yield (
                f"{minute}:{number % 60:02d}.000+00:00 INFO daemon.x: no {number:08d} "
                "with some more text so that it is as long as lines are\n"
            )

    with path.open("w") as log:
        log.writelines(numbered())
