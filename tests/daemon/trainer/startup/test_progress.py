"""A start that is followed with a clock of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.protocol.startup import compiles, one_line, remaining_s, share_done, step_remaining_s
from daemon.protocol.trainer import Startup, encode_line, report_decoder
from daemon.trainer.startup.learnt import load_durations, save_durations
from daemon.trainer.startup.progress import STALLED_S, StartupProgress
from daemon.trainer.startup.steps import training_steps
from tests.waiting import eventually


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0
        self.calls = 0

    def __call__(self) -> float:
        self.calls += 1
        return self.now_s


class Start:
    """A training's start; what it reports, as the supervisor reads it."""

    def __init__(self, file: Path) -> None:
        self.clock = Clock()
        self.reports: list[Startup] = []
        self.progress = StartupProgress(
            "train", training_steps(), self._send, file=file, monotonic=self.clock
        )

    def _send(self, startup: Startup) -> None:
        report = report_decoder.decode(encode_line(startup))
        assert isinstance(report, Startup)
        self.reports.append(report)

    @property
    def last(self) -> Startup:
        return self.reports[-1]

    def run(self, *, compiled: int = 0, total: int = 100) -> None:
        """Import: 5 s, compile all but `compiled` functions: 80 s, build: 10 s, fly: 4 s."""
        self.clock.now_s += 5.0
        self.progress.next()
        self.progress.compiled(compiled, total)
        self.clock.now_s += 80.0
        self.progress.compiled(total, total)
        self.progress.next()
        self.clock.now_s += 10.0
        self.progress.next()
        self.clock.now_s += 4.0
        self.progress.end()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "startup.json"


def test_each_step_is_reported_with_what_is_over_and_ahead(file: Path) -> None:
    start = Start(file)
    assert start.last.current.name == "importing"
    assert [step.name for step in start.last.ahead] == ["compiling", "building", "collecting"]
    start.clock.now_s += 5.0
    start.progress.next()
    assert [(step.name, step.elapsed_s) for step in start.last.over] == [("importing", 5.0)]
    start.progress.compiled(0, 100)
    start.clock.now_s += 20.0
    start.progress.compiled(25, 100)
    assert (start.last.done, start.last.total) == (25, 100)
    assert start.last.current.elapsed_s == 20.0
    start.progress.next()
    assert (start.last.done, start.last.total) == (0, 0)
    start.progress.abandon()


def test_the_first_start_estimates_by_its_pace_and_the_next_by_what_was_learnt(file: Path) -> None:
    first = Start(file)
    first.clock.now_s += 5.0
    first.progress.next()
    first.progress.compiled(0, 100)
    assert step_remaining_s(first.last) is None
    first.clock.now_s += 20.0
    first.progress.compiled(25, 100)
    assert step_remaining_s(first.last) == pytest.approx(60.0)
    assert remaining_s(first.last) is None
    first.clock.now_s += 60.0
    first.progress.compiled(100, 100)
    first.progress.next()
    first.clock.now_s += 10.0
    first.progress.next()
    first.clock.now_s += 4.0
    first.progress.end()

    second = Start(file)
    assert step_remaining_s(second.last) == pytest.approx(5.0)
    second.progress.next()
    second.progress.compiled(0, 100)
    assert step_remaining_s(second.last) == pytest.approx(80.0)
    assert remaining_s(second.last) == pytest.approx(80.0 + 10.0 + 4.0)
    # Twice as slow today: the more is done, the more counts the pace.
    second.clock.now_s += 80.0
    second.progress.compiled(50, 100)
    assert step_remaining_s(second.last) == pytest.approx(60.0)
    second.progress.next()
    second.clock.now_s += 5.0
    second.progress.next()
    assert second.last.over[-1].elapsed_s == 5.0
    assert share_done(second.last) == 0.0
    second.progress.abandon()


def test_full_and_empty_caches_are_learnt_apart_and_a_partial_one_not_at_all(file: Path) -> None:
    Start(file).run(compiled=0)
    assert load_durations(file, "train", "full") == {}
    Start(file).run(compiled=100)
    assert load_durations(file, "train", "full")["building"] == 10.0
    learnt = file.read_bytes()
    partial = Start(file)
    partial.run(compiled=60)
    assert file.read_bytes() == learnt


def test_what_a_step_took_is_kept_over_a_start_without_that_step(file: Path) -> None:
    save_durations(file, "train", "full", {"cloning": 150.0, "building": 1.0})
    Start(file).run(compiled=100)
    learnt = load_durations(file, "train", "full")
    assert (learnt["cloning"], learnt["building"]) == (150.0, 10.0)


def test_an_abandoned_start_teaches_nothing(file: Path) -> None:
    start = Start(file)
    start.progress.next()
    start.progress.abandon()
    start.progress.end()
    assert not file.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"train, full cache": 3}', b"\xff", b"[" * 9999])
def test_a_damaged_file_is_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    Start(file).run()
    assert load_durations(file, "train", "empty")["compiling"] == 80.0


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    Start(tmp_path / "cache" / "startup.json").run()


def test_it_reports_while_one_function_compiles_for_long(file: Path) -> None:
    start = Start(file)
    start.progress.next()
    start.progress.compiled(10, 100)
    before = len(start.reports)
    eventually(lambda: len(start.reports) >= before + 2, "reports without a call")
    start.progress.abandon()


def test_a_start_without_progress_falls_silent(file: Path) -> None:
    start = Start(file)
    start.progress.next()
    start.progress.compiled(10, 100)
    start.clock.now_s += STALLED_S + 1.0
    silent, calls = len(start.reports), start.clock.calls
    eventually(lambda: start.clock.calls >= calls + 3, "its thread looks at the clock")
    assert len(start.reports) <= silent + 1  # one may have been on its way
    # One more function makes it report again.
    start.progress.compiled(11, 100)
    assert len(start.reports) >= silent + 1
    eventually(lambda: len(start.reports) >= silent + 2, "reports again")
    start.progress.abandon()


def test_a_cloning_counts_rollouts_and_estimates_by_its_pace(file: Path) -> None:
    start = Start(file)
    start.progress.replan([("cloning", "clone the reference pilot")])
    start.progress.next()
    start.progress.advance(0, 108)
    start.clock.now_s += 10.0
    start.progress.advance(27, 108)
    start.progress.abandon()
    newest = start.reports[-1]
    assert not compiles(newest)
    assert one_line(newest) == "clone the reference pilot: 27 of 108 rollouts, about 30 s left"
