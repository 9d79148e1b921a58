"""Stops and signals, with the real supervisor over small real trainers."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from daemon.processes.signals import DUMPED, IGNORED
from daemon.supervisor.process.exits import Killed, trainer_exit
from landerctl.exitcodes import Exit
from tests.daemon.harness import Home, config_text
from tests.daemon.supervisor.process.test_frozen import trainer_pid, trains_on
from tests.landerctl.operator_side import landerctl
from tests.waiting import eventually


def contains(path: Path, text: str) -> bool:
    return text in path.read_text()


def test_a_stop_while_compiling_ends_the_trainer_at_once(home: Home) -> None:
    # Longer than a test waits.
    home.config.write_text(config_text(stop_timeout_s=300.0))
    daemon = home.started("--compile-s", "300")
    eventually(lambda: (now := home.status().trainer) and now.phase == "compiling", "it compiles")
    home.stop(daemon)
    [exited] = home.events("trainer.exited")
    assert exited.severity == "info"
    assert exited.text.endswith(": ended while compiling, nothing to save")
    assert not home.trainer_lives()


def test_compiling_is_alive_as_long_as_it_reports(home: Home) -> None:
    home.config.write_text(config_text(startup_timeout_s=3.0))
    home.started("--compile-s", "5")
    home.event("trainer.running")
    assert not home.events("trainer.hung", "trainer.crashed")


@pytest.mark.parametrize(
    ("code", "text", "saved"),
    [
        (10, "exit code 10: stopped, checkpoint saved", True),
        (13, "exit code 13: stopped before there was anything to save", True),
        (0, "exit code 0: training completed", True),
        (74, "exit code 74: checkpoint could not be written (disk full)", False),
        (-9, "killed by SIGKILL (did not exit within 30 s)", False),
    ],
)
def test_a_trainer_that_exits_just_before_it_is_killed(code: int, text: str, saved: bool) -> None:
    failed = "disk full" if code == 74 else None
    exit_ = trainer_exit(
        code,
        killed=Killed("did not exit within 30 s"),
        failed=failed,
        has_saved=False,
        healthy_s=1.0,
    )
    assert (exit_.text, exit_.saved) == (text, saved)


def test_a_trainer_that_is_killed_after_it_has_saved_lost_nothing(home: Home) -> None:
    home.config.write_text(config_text(stop_timeout_s=1.0))
    daemon = home.started("--hang-at-exit")
    trainer_pid(home)
    stopped = landerctl(home.paths.home, "stop")
    assert stopped.returncode == Exit.OK, stopped
    assert "(did not exit within 1 s, after it had saved)" in stopped.stdout
    assert [event.severity for event in home.events("trainer.exited")] == ["info"]
    assert daemon.wait(10) == 0


def test_no_signal_ends_a_supervisor_or_a_trainer_by_accident(home: Home) -> None:
    daemon = home.started()
    trainer = trainer_pid(home)
    for number in (*IGNORED, *DUMPED):
        os.kill(daemon.pid, number)
        os.kill(trainer, number)
    log = home.paths.home / "supervisor.log"
    for path, text in [
        (home.run.log, "most recent call first"),
        (log, "most recent call first"),
        (log, "task trainer waits at"),
    ]:
        eventually(partial(contains, path, text), f"{text} in {path}")
    trains_on(home)
    assert trainer_pid(home) == trainer and daemon.poll() is None
    home.stop(daemon)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_trainer_alone_is_a_request_and_no_crash(
    home: Home, number: signal.Signals
) -> None:
    home.config.write_text(config_text(max_crashes=1))
    daemon = home.started()
    os.kill(trainer_pid(home), number)
    interrupted = home.event("trainer.interrupted")
    assert interrupted.severity == "warning" and "checkpoint saved" in interrupted.text
    home.event("trainer.running", 2)
    assert home.events("trainer.resumed") and not home.events("trainer.crashed")
    home.stop(daemon)
