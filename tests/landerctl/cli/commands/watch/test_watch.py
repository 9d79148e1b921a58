"""`landerctl watch`: the line, events printed at once, and the exit."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from checks.wording import clock
from daemon.base.paths import StatePaths
from daemon.store.records import Body, Event
from daemon.store.writer import StoreWriter
from landerctl.cli.commands.watch.watch import _phase, final_exit_code, is_notable
from landerctl.exitcodes import Exit
from landerctl.fast_path.status_report import Overview, overview
from landerctl.fast_path.summary import summary
from tests.checks.evidence_samples import NOW_S, alert, change, healthy, with_alerts
from tests.landerctl.operator_side import (
    SCRIPT,
    environment,
    fill_store,
    landerctl,
    lock_held,
    make_run,
    supervisor,
)
from tests.status_samples import startup


@pytest.fixture
def home(short_folder: Path) -> Path:
    return short_folder


def view(**changes: object) -> Overview:
    return overview(change(healthy(), **changes), "/state")


def test_the_line_of_a_healthy_training() -> None:
    assert summary(view()) == (
        f"{clock(NOW_S)}  stage 2/5 approach  last 100 episodes: success 43% (gate 50%)  "
        "reward 512 (gate 600)  "
        "13.2M steps  18,200 steps/s  ETA 42 min"
    )


def test_the_line_shows_problems() -> None:
    first = view(progress__success_rate=None, progress__reward_mean=None, progress__eta_s=None)
    assert "success not yet (gate 50%)  reward not yet (gate 600)" in summary(first)
    assert "ETA" not in summary(first)
    assert summary(view(trainer__heartbeat_s=NOW_S - 40)).endswith("heartbeat 40 s ago")
    evaluating = view(trainer__phase="evaluating", trainer__phase_detail="stage 2: mean action")
    assert summary(evaluating).endswith("evaluating stage 2: mean action")
    firing = overview(with_alerts(alert(), alert(name="disk-low", state="pending")), "/state")
    assert summary(firing).endswith("  WARNING cpu-high")


def test_a_start_is_a_few_lines() -> None:
    def starting(done: int) -> Overview:
        return view(trainer__state="STARTING", trainer__startup=startup(done=done))

    line = summary(starting(63))
    assert "trainer STARTING, compile the flight code: 63 of 153 functions, about 47 s" in line
    phases = [_phase(starting(done)) for done in range(153)]
    assert len(list(itertools.groupby(phases))) == 4


def test_the_line_without_training_shows_no_old_figures() -> None:
    crashed = view(
        trainer__state="BACKOFF",
        trainer__last_exit="killed by SIGKILL",
        trainer__restart_at_s=NOW_S + 2,
    )
    assert summary(crashed) == (
        f"{clock(NOW_S)}  trainer BACKOFF, next restart in 2 s, killed by SIGKILL"
    )
    frozen = summary(view(trainer__frozen="stopped by a signal"))
    assert "trainer RUNNING, frozen (stopped by a signal); `kill -CONT" in frozen
    assert "steps/s" not in frozen
    silent = summary(view(silent=True))
    assert "does not answer since" in silent and "steps/s" not in silent
    died = summary(view(lock_held=False))
    assert "died unexpectedly" in died
    assert "steps/s" not in died
    assert summary(view(daemon__stopped_s=NOW_S - 1)).endswith("the daemon is starting")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"trainer__state": "STOPPED"}, None),  # a rollback is running
        ({"trainer__state": "BACKOFF"}, None),
        ({"trainer__state": "EXITED"}, Exit.OK),
        ({"trainer__state": "FATAL"}, Exit.FAILED),
        ({"daemon__stopped_s": NOW_S - 1}, None),  # the next one starts
        ({"daemon__stopped_s": NOW_S - 1, "lock_held": False}, Exit.OK),
        ({"lock_held": False}, Exit.FAILED),
    ],
)
def test_it_ends_with_the_run_and_with_the_daemon(
    changes: dict[str, object], code: int | None
) -> None:
    assert final_exit_code(view(**changes)) == code


def event(name: str, severity: str = "info", body: Body | None = None) -> Event:
    return Event(1, NOW_S, name, severity, "run-1", "text", body or {})  # type: ignore[arg-type]


def test_notable_events() -> None:
    assert is_notable(event("stage.passed"))
    assert is_notable(event("alert.firing", "warning"))
    assert is_notable(event("trainer.crashed", "critical"))
    assert is_notable(event("checkpoint.saved", body={"kind": "gate"}))
    assert not is_notable(event("checkpoint.saved", body={"kind": "interval"}))
    assert not is_notable(event("episode.timeout"))


def test_it_needs_a_daemon(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "watch")
    assert ended.returncode == Exit.NOT_RUNNING
    assert (
        ended.stderr
        == f"landerctl: {tmp_path}: no daemon is running; start one with `landerctl start`\n"
    )


class Watching:
    """A running `landerctl watch`, read line by line."""

    def __init__(self, home: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [str(SCRIPT), "watch", *options],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> tuple[list[str], str]:
        output, errors = self.process.communicate(timeout=20)
        return output.splitlines(), errors


def test_a_notable_event_is_printed_at_once(tmp_path: Path) -> None:
    fill_store(tmp_path)
    with lock_held(tmp_path):
        watching = Watching(tmp_path, "--interval", "3600")
        first = watching.line()
        assert "stage 2/5 approach" in first
        writer = StoreWriter.open(StatePaths(tmp_path).store)
        writer.add_event("episode.timeout", "too slow", time_s=time.time())
        writer.add_event("stage.passed", "stage 2, approach, passed", time_s=NOW_S)
        writer.close()
        assert watching.line() == f"{clock(NOW_S)}  stage.passed: stage 2, approach, passed\n"
        second = watching.line()
        assert "stage 2/5 approach" in second
        watching.process.send_signal(signal.SIGINT)
        rest, errors = watching.end()
    assert (watching.process.returncode, errors) == (Exit.INTERRUPTED, "")
    assert not rest, (first, second, rest)


def test_json_lines_and_a_daemon_that_dies(tmp_path: Path) -> None:
    fill_store(tmp_path)
    with lock_held(tmp_path):
        watching = Watching(tmp_path, "--json", "--interval", "0.5")
        views = [json.loads(watching.line()) for _ in range(3)]
    lines, errors = watching.end()
    assert [view["state"] for view in views] == ["running"] * 3
    assert json.loads(lines[-1])["state"] == "died"
    assert (watching.process.returncode, errors) == (Exit.FAILED, "")


def test_a_closed_pipe_ends_it(tmp_path: Path) -> None:
    fill_store(tmp_path)
    with lock_held(tmp_path):
        watching = Watching(tmp_path, "--interval", "0.5")
        assert watching.line()
        assert watching.process.stdout is not None
        watching.process.stdout.close()
        assert watching.process.wait(timeout=20) == Exit.BROKEN_PIPE
        assert watching.process.stderr is not None
        assert watching.process.stderr.read() == ""
        watching.process.stderr.close()


def test_it_follows_a_real_daemon_to_its_stop(home: Path) -> None:
    run = make_run(home)
    with supervisor(home, run):
        watching = Watching(home, "--interval", "0.5")
        while "steps/s" not in watching.line():
            assert watching.process.poll() is None
        assert landerctl(home, "stop").returncode == Exit.OK
        lines, errors = watching.end()
    assert (watching.process.returncode, errors) == (Exit.OK, "")
    assert any("checkpoint.saved" in line and "-stop" in line for line in lines)
    assert "stopped cleanly" in lines[-1]
    assert not any("the daemon starts" in line for line in lines)
