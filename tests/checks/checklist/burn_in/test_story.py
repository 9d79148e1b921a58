"""Three days of training in which one thing goes wrong: the right line sees it, and no other."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from checks.checklist.burn_in import tensorboard
from checks.checklist.facts import Outcome
from checks.checklist.judge import judge_all
from checks.checklist.judges.all import JUDGES
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Entry
from checks.checklist.ledger.sealing import seal
from checks.checklist.table.all import LINES
from daemon.protocol.finding import Finding
from tests.checks.checklist.burn_in.story import HOUR_S, Story

JUDGED = {
    "burn-in.no-crashes",
    "burn-in.memory-stable",
    "burn-in.descriptors",
    "burn-in.checkpoints",
    "burn-in.tensorboard",
    "burn-in.cpu",
    "burn-in.growth-linear",
    "burn-in.disk-io",
    "burn-in.zombies",
    "quality.memory",
    "golive.burn-in",
}
WHOLE_H = 72.5


class Board(ThreadingHTTPServer):
    """A TensorBoard: what it answers, or, with None, hangs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.newest: float | None = 0.0
        self.missing = False
        self.hangs = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        board = self.server
        assert isinstance(board, Board)
        if board.newest is None:
            board.hangs.wait()
            return
        if board.missing:
            self.send_error(404, "Not Found")
            return
        assert self.path == "/data/plugin/scalars/scalars?run=.&tag=time/trained_s"
        content = msgspec.json.encode([[1.0, 1, 60.0], [2.0, 2, board.newest]])
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def board() -> Iterator[Board]:
    server = Board()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield server
    server.hangs.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def story(tmp_path: Path, board: Board) -> Story:
    begun = Story(tmp_path)
    begun.url = f"http://127.0.0.1:{board.server_port}/"
    begun.start()
    return begun


def judged(story: Story, board: Board, lag_s: float = 30.0) -> dict[str, Outcome]:
    if board.newest is not None:
        board.newest = story.trained_s - lag_s
    found = story.outcomes()
    assert found.keys() == JUDGED
    return found


def differing(found: dict[str, Outcome], state: str = "holds") -> dict[str, str]:
    return {name: one.state for name, one in found.items() if one.state != state}


def noise(seed: int, deviation: float, correlation: float = 0.9) -> Callable[[float], float]:
    """Wanders about 0, as a process's memory does."""
    drawn, last = random.Random(seed), 0.0

    def value(hours: float) -> float:
        nonlocal last
        last = correlation * last + drawn.gauss(0.0, deviation * math.sqrt(1 - correlation**2))
        return last

    return value


def test_three_good_days_hold(story: Story, board: Board) -> None:
    wanders = noise(1, 5e6)
    story.train(WHOLE_H, memory=lambda hours: 600e6 + wanders(hours))
    began = time.process_time()
    found = judged(story, board)
    took_s = time.process_time() - began
    assert differing(found) == {}
    assert found["burn-in.no-crashes"].figures["hours"] == pytest.approx(WHOLE_H)
    assert took_s < 1.0


def test_it_holds_after_a_stop_by_what_was_seen_before(story: Story, board: Board) -> None:
    story.train(WHOLE_H)
    story.stop()
    # Its server is gone with the daemon: what was recorded of it counts.
    assert differing(judged(story, board)) == {
        "burn-in.tensorboard": "open",
        "golive.burn-in": "open",
    }


def test_a_short_burn_in_is_open(story: Story, board: Board) -> None:
    story.train(10.0)
    found = judged(story, board)
    assert differing(found, "open") == {}
    assert "10 h 00 min of 2 d 0 h" in found["burn-in.no-crashes"].text


def test_after_two_days_the_first_lines_hold(story: Story, board: Board) -> None:
    story.train(48.5)
    assert differing(judged(story, board)) == {"quality.memory": "open", "golive.burn-in": "open"}


def test_a_leak(story: Story, board: Board) -> None:
    wanders = noise(2, 5e6)
    leak = 0.8e9 / 24.0  # a hour
    story.train(WHOLE_H, memory=lambda hours: 600e6 + leak * hours + wanders(hours))
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(
        ("burn-in.memory-stable", "quality.memory", "golive.burn-in"), "fails"
    )
    figures = found["burn-in.memory-stable"].figures
    assert figures["growth_gb_per_day"] == pytest.approx(0.8, rel=0.02)
    assert "burn-in.memory-stable" in found["golive.burn-in"].text


def test_an_exponential_leak(story: Story, board: Board) -> None:
    wanders = noise(3, 3e6)
    story.train(WHOLE_H, memory=lambda hours: 600e6 + 2e6 * 2.0 ** (hours / 12.0) + wanders(hours))
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(("burn-in.growth-linear", "golive.burn-in"), "fails")
    assert found["burn-in.growth-linear"].figures["doubling_h"] == pytest.approx(12.0, rel=0.15)


def test_too_much_memory_for_a_lander(story: Story, board: Board) -> None:
    story.train(WHOLE_H, memory=lambda hours: 257e9 if hours < 0.5 else 1e9)
    assert differing(judged(story, board)) == dict.fromkeys(
        ("burn-in.memory-stable", "quality.memory", "golive.burn-in"), "fails"
    )


def test_a_descriptor_leak(story: Story, board: Board) -> None:
    story.train(WHOLE_H, descriptors=lambda hours: 40.0 + math.floor(hours * 20.0 / 24.0))
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(("burn-in.descriptors", "golive.burn-in"), "fails")
    assert found["burn-in.descriptors"].figures["descriptors_per_day"] == pytest.approx(20, rel=0.1)


def test_a_zombie(story: Story, board: Board) -> None:
    story.train(WHOLE_H, zombies=lambda hours: float(30.01 < hours < 30.21))
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(("burn-in.zombies", "golive.burn-in"), "fails")
    assert found["burn-in.zombies"].text == "zombie processes for 9 min, limit 60 s"


def test_a_child_that_is_soon_reaped_is_no_zombie(story: Story, board: Board) -> None:
    story.train(WHOLE_H, zombies=lambda hours: float(abs(hours - 30.0) < 1e-6))
    assert differing(judged(story, board)) == {}


def test_a_busy_hour(story: Story, board: Board) -> None:
    story.train(
        WHOLE_H,
        cpu=lambda hours: 96.0 if 40.0 < hours <= 42.0 else 60.0,
        disk=lambda hours: 90.0 if 50.0 < hours <= 52.0 else 1.0,
    )
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(
        ("burn-in.cpu", "burn-in.disk-io", "golive.burn-in"), "fails"
    )
    assert found["burn-in.cpu"].text == "at most 96% over 1 h 00 min, limit 90%"


def test_checkpoints_too_rare(story: Story, board: Board) -> None:
    story.train(WHOLE_H, distance=81_920.0)
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(("burn-in.checkpoints", "golive.burn-in"), "fails")
    assert found["burn-in.checkpoints"].text == "at most 81,920 steps apart, limit 66,384"


def test_a_checkpoint_that_failed(story: Story, board: Board) -> None:
    story.train(20.0)
    story.event("checkpoint.failed", error="No space left on device", kind="interval")
    story.train(52.5)
    assert differing(judged(story, board)) == dict.fromkeys(
        ("burn-in.checkpoints", "golive.burn-in"), "fails"
    )


@pytest.mark.parametrize("fault", ["hangs", "old", "nothing listens", "another server"])
def test_a_silent_tensorboard(
    fault: str, story: Story, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.train(WHOLE_H)
    if fault == "hangs":
        monkeypatch.setattr(tensorboard, "ANSWER_S", 0.1)
        board.newest = None
    board.missing = fault == "another server"
    if fault == "nothing listens":
        story.url = "http://127.0.0.1:9/"
    found = judged(story, board, lag_s=1000.0 if fault == "old" else 30.0)
    assert differing(found) == dict.fromkeys(("burn-in.tensorboard", "golive.burn-in"), "fails")
    said = {
        "hangs": "did not answer within",
        "old": "16 min old",
        "nothing listens": "refused",
        "another server": "it answers 'HTTP/1.0 404 Not Found'",
    }
    assert said[fault] in found["burn-in.tensorboard"].text


def test_an_event_file_is_missing(story: Story, board: Board) -> None:
    story.train(30.0)
    story.end("trainer.interrupted")
    next(story.run.tensorboard.iterdir()).unlink()
    story.begin()
    story.train(42.5)
    found = judged(story, board)
    assert differing(found) == dict.fromkeys(("burn-in.tensorboard", "golive.burn-in"), "fails")
    assert "no event file of the session of 2027-01-15" in found["burn-in.tensorboard"].text


def test_a_crash_at_hour_71(story: Story, board: Board) -> None:
    story.train(71.0)
    story.end("trainer.crashed")
    story.begin()
    story.train(2.0)
    found = judged(story, board)
    assert differing(found, "open") == dict.fromkeys(
        ("burn-in.no-crashes", "golive.burn-in"), "fails"
    )
    text = found["burn-in.no-crashes"].text
    assert text == "begun anew after 2 d 23 h: text of trainer.crashed; now 2 h 00 min of 2 d 0 h"
    assert found["burn-in.no-crashes"].figures["crash_after_hours"] == pytest.approx(71.0)
    story.train(70.5)
    assert differing(judged(story, board)) == {}


def test_a_daemon_that_died(story: Story, board: Board) -> None:
    story.train(50.0)
    story.trained_s -= 100.0  # since the last checkpoint
    story.event("daemon.recovered")
    story.start()
    story.train(1.0)
    found = judged(story, board)
    assert found["burn-in.no-crashes"].state == "fails"
    assert "begun anew after 2 d 1 h: the daemon died" in found["burn-in.no-crashes"].text


def test_a_stop_of_five_hours_pauses_it(story: Story, board: Board) -> None:
    story.train(40.0, memory=lambda hours: 600e6)
    story.stop()
    paused = judged(story, board)
    assert "1 d 16 h of 2 d 0 h; paused: stopped on request" in paused["burn-in.no-crashes"].text
    story.wait(5.0)
    story.start()
    story.train(20.0, memory=lambda hours: 900e6)  # of another process: not growth
    assert "paused once" in judged(story, board)["burn-in.no-crashes"].text
    story.train(12.5, memory=lambda hours: 900e6)
    assert differing(judged(story, board)) == {}


def test_a_suspend_does_not_count(story: Story, board: Board) -> None:
    story.train(40.0)
    story.wait(30.0)
    story.train(20.0)
    found = judged(story, board)
    assert found["burn-in.no-crashes"].figures["hours"] == pytest.approx(60.0)
    story.train(12.5)
    assert differing(judged(story, board)) == {}


@pytest.mark.parametrize("hours", [-30.0, -1.0, 1.0, 24.0])
@pytest.mark.parametrize("leak_gb_per_day", [0.0, 0.6])
def test_setting_the_clock_changes_nothing(
    hours: float, leak_gb_per_day: float, story: Story, board: Board
) -> None:
    """One hour is also what a clock is wrong by that mistakes local time for universal time."""
    leak = leak_gb_per_day * 1e9 / 24.0
    story.train(36.0, memory=lambda hour: 600e6 + leak * hour)
    story.set_clock(hours)
    story.train(36.5, memory=lambda hour: 600e6 + leak * (36.0 + hour))
    found = judged(story, board)
    leaking = ("burn-in.memory-stable", "quality.memory", "golive.burn-in")
    assert differing(found) == dict.fromkeys(leaking if leak else (), "fails")
    growth = found["burn-in.memory-stable"].figures["growth_gb_per_day"]
    assert growth == pytest.approx(leak_gb_per_day, rel=0.02, abs=0.001)
    assert found["burn-in.no-crashes"].figures["hours"] == pytest.approx(WHOLE_H)


def test_summer_time_begins(story: Story, board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M1.3.6,M10.5.0")  # on 16 January 2027
    time.tzset()
    try:
        story.train(WHOLE_H)
        found = judged(story, board)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert differing(found) == {}
    assert found["burn-in.no-crashes"].figures["hours"] == pytest.approx(WHOLE_H)


def test_another_version_begins_another(story: Story, board: Board) -> None:
    story.train(60.0)
    story.stop()
    story.fingerprint = "another"
    found = judged(story, board)
    assert differing(found, "open") == {}
    assert "none of this version and configuration" in found["burn-in.no-crashes"].text
    story.start()
    story.train(50.0)
    assert judged(story, board)["burn-in.no-crashes"].figures["hours"] == pytest.approx(50.0)


def test_the_run_completes(story: Story, board: Board) -> None:
    story.train(2.0)
    story.end("run.completed")
    story.event("daemon.recovered")  # later; nothing trained
    text = judged(story, board)["burn-in.no-crashes"].text
    assert text.startswith("2 h 00 min of 2 d 0 h; the run is complete: raise run.timesteps")


def test_a_restart_restarts_the_memory_but_not_its_slope(story: Story, board: Board) -> None:
    """A leak that each restart hides is seen within the processes."""
    leak = 1.2e9 / 24.0
    for _ in range(6):
        story.train(12.0, memory=lambda hours: 600e6 + leak * hours)
        story.end("trainer.interrupted")
        story.begin()
    story.train(0.5)
    found = judged(story, board)
    assert found["burn-in.memory-stable"].state == "fails"
    assert found["burn-in.no-crashes"].text.endswith("paused 6 times without a crash")
    assert found["burn-in.no-crashes"].figures["hours"] == pytest.approx(story.trained_s / HOUR_S)


def test_what_held_before_a_crash_holds_no_more(story: Story, board: Board) -> None:
    line = next(one for one in LINES if one.id == "burn-in.memory-stable")
    story.train(60.0)
    board.newest = story.trained_s
    facts = story.facts()
    held = judge_all([line], JUDGES, facts)[line.id].outcome
    assert held.state == "holds"
    finding = Finding(line.id, True, held.text)
    entry = Entry(
        kind="live", subject="daily", time_s=1.0, address=facts.address, findings=(finding,)
    )
    ledger = Ledger((seal(entry, None),))
    story.end("trainer.crashed")
    story.begin()
    story.train(1.0)
    facts = msgspec.structs.replace(story.facts(), ledger=ledger)
    assert judge_all([line], JUDGES, facts)[line.id].outcome.state == "open"
    # When its events have expired, the record is all that is left.
    facts = msgspec.structs.replace(facts, burn_in=None)
    assert judge_all([line], JUDGES, facts)[line.id].outcome.state == "holds"
