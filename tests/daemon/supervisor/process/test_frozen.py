"""Processes that stand still: SIGSTOP stands for a paused container and a suspended machine too."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
import pytest

from daemon.checkpoint.catalog import list_checkpoints
from daemon.processes.ping import ping
from daemon.protocol.control import Done, PingRequest, Request, RollbackRequest, StopRequest
from landerctl.exitcodes import Exit
from landerctl.operations.force_stop import end_daemon
from tests.daemon.harness import Home, config_text
from tests.landerctl.operator_side import landerctl
from tests.waiting import eventually

TIMEOUT_S = 1.0  # of the heartbeat: a process is frozen for longer
FROZEN_S = 3.0
KILLS = ("trainer.hung", "trainer.crashed", "trainer.exited", "trainer.fatal")


def trainer_pid(home: Home) -> int:
    trainer = home.trainer_state("RUNNING").trainer
    assert trainer is not None and trainer.pid is not None
    return trainer.pid


def timesteps(home: Home) -> int:
    progress = home.status().progress
    return progress.timesteps if progress else 0


def trains_on(home: Home) -> None:
    before = timesteps(home)
    eventually(lambda: timesteps(home) > before + 5000, "training continues")


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Freeze processes; continue them in the given order."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def pass_time() -> None:
    """Let the time pass for which a process is frozen."""
    until_s = time.monotonic() + FROZEN_S
    eventually(lambda: time.monotonic() > until_s, "time passes")


@pytest.mark.parametrize("who", ["supervisor", "trainer", "both, supervisor first", "both"])
def test_nothing_that_was_frozen_is_killed(home: Home, who: str) -> None:
    home.config.write_text(config_text(heartbeat_timeout_s=TIMEOUT_S))
    daemon = home.started("--interval", "25")
    trainer = trainer_pid(home)
    pids = {
        "supervisor": (daemon.pid,),
        "trainer": (trainer,),
        "both, supervisor first": (daemon.pid, trainer),
        "both": (trainer, daemon.pid),
    }[who]
    with frozen(*pids):
        pass_time()
    trains_on(home)
    assert trainer_pid(home) == trainer
    assert not home.events(*KILLS)
    home.stop(daemon)


def test_a_frozen_trainer_is_shown_as_such_and_still_found_hung_later(home: Home) -> None:
    home.config.write_text(config_text(heartbeat_timeout_s=TIMEOUT_S, max_crashes=1))
    home.started("--hang-after", "100")
    trainer = trainer_pid(home)
    with frozen(trainer):
        event = home.event("trainer.frozen")
        assert event.body == {"why": "stopped by a signal"}
        status = landerctl(home.paths.home, "status")
        assert f"RUNNING, frozen (stopped by a signal); `kill -CONT -- -{trainer}`" in status.stdout
        check = landerctl(home.paths.home, "check", "trainer", "heartbeat")
        assert check.returncode == 1 and "frozen" in check.stdout, check
        pass_time()
        assert not home.events(*KILLS)
    home.event("trainer.thawed")
    home.event("trainer.hung")
    home.trainer_state("FATAL")


def test_a_frozen_daemon_is_told_from_one_that_runs(home: Home) -> None:
    daemon = home.started()
    trainer_pid(home)
    folder = home.paths.home
    with frozen(daemon.pid):
        assert ping(home.paths, 0.2).answered is False
        status = landerctl(folder, "status")
        assert status.returncode == Exit.NO_ANSWER
        assert "does not answer since" in status.stdout
        assert "frozen, stopped by a signal" in status.stdout
        assert "RUNNING" not in status.stdout.replace("was RUNNING", "")
        check = landerctl(folder, "check")
        assert check.returncode == 2 and "daemon: does not answer since" in check.stdout
        for verb in (["stop"], ["backup"]):
            refused = landerctl(folder, *verb)
            assert refused.returncode == Exit.NO_ANSWER
            assert "does not answer since" in refused.stderr
            assert "`landerctl stop --force`" in refused.stderr
    trains_on(home)
    assert landerctl(folder, "status").returncode == Exit.OK
    assert not home.events("daemon.stopped", "backup.made", *KILLS)


@pytest.mark.parametrize("request_", [StopRequest(), RollbackRequest(["x"], "me")])
def test_a_request_whose_client_has_gone_is_not_executed_on_waking(
    home: Home, request_: Request
) -> None:
    daemon = home.started()
    trainer_pid(home)
    with frozen(daemon.pid), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(home.paths.socket))
        client.sendall(msgspec.json.encode(request_) + b"\n")
    # Served after it.
    [alive] = home.ask(PingRequest())
    assert isinstance(alive, Done) and alive.data["trainer"] == "RUNNING"
    log = home.paths.home / "supervisor.log"
    eventually(lambda: "its client has gone" in log.read_text(), "it is dropped")
    trains_on(home)
    assert daemon.poll() is None
    assert not home.events("daemon.stopped", *KILLS)


def test_the_frozen_trainer_of_a_dead_supervisor_is_continued_and_saves(home: Home) -> None:
    daemon = home.started()
    with frozen(trainer_pid(home)):
        daemon.kill()
        daemon.wait()
        home.started()
        resumed = home.event("trainer.resumed")
    [saved] = list_checkpoints(home.run.checkpoints).whole[:1]
    assert saved.kind == "stop" and resumed.body["checkpoint"] == saved.id


def test_stop_force_continues_and_stops_a_frozen_daemon(home: Home) -> None:
    daemon = home.started()
    trainer = trainer_pid(home)
    with frozen(daemon.pid, trainer):
        stopped = landerctl(home.paths.home, "stop", "--force")
        assert stopped.returncode == Exit.OK, stopped
        assert "checkpoint saved" in stopped.stdout
        assert daemon.wait(10) == 0
    [saved] = list_checkpoints(home.run.checkpoints).whole
    assert saved.kind == "stop"
    assert home.events("daemon.stopped") and not home.events("trainer.crashed")


def test_a_daemon_that_stays_silent_is_killed_and_its_trainer_saves(home: Home) -> None:
    daemon = home.started()
    trainer_pid(home)
    with frozen(daemon.pid):
        said: list[str] = []
        ended = end_daemon(home.paths, home.run, 10.0, said.append)
    assert daemon.wait(10) == -signal.SIGKILL
    assert ended.saved and ended.newest is not None and ended.newest.kind == "stop"
    assert "killing it" in said[0] and "saves a checkpoint" in said[1]
    assert not home.trainer_lives()
