"""Killed processes and damaged files: with the real trainer nothing is lost."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.base.identity import lock_is_held
from daemon.checkpoint.manifest import verify
from landerctl.exitcodes import Exit
from tests.e2e.mission import Mission, alive
from tests.waiting import eventually


@pytest.fixture(scope="module")
def shared(trained_home: Path) -> Iterator[Mission]:
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        mission = Mission.copy(trained_home, Path(folder) / "state")
        yield mission
        mission.close()


@pytest.fixture
def flying(shared: Mission) -> Mission:
    """A training that runs. It is one for the tests of this file: a start takes seconds."""
    if not lock_is_held(shared.paths):
        shared.done("start")
    shared.forget()
    shared.trained_past(shared.timesteps)
    return shared


def test_a_killed_or_terminated_trainer_is_restarted_from_its_last_checkpoint(
    flying: Mission,
) -> None:
    newest = flying.checkpoints[-1]
    killed = flying.trainer_pid()
    began_s = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    assert "SIGKILL" in flying.event("trainer.crashed").text
    flying.event("trainer.running")
    print(f"a killed trainer trains again after {time.monotonic() - began_s:.1f} s")
    checkpoint = str(flying.event("trainer.resumed").body["checkpoint"])
    assert checkpoint >= newest.id
    [manifest] = [m for m in flying.checkpoints if m.id == checkpoint]
    flying.trained_past(manifest.timesteps)
    assert not alive(killed)
    assert "1 restart" in flying.done("status").stdout

    # A termination without the daemon restarts the training, but nothing is lost.
    os.kill(flying.trainer_pid(), signal.SIGTERM)
    assert "checkpoint saved" in flying.event("trainer.interrupted").text
    assert len(flying.events("trainer.crashed")) == 1
    saved = [m for m in flying.checkpoints if m.kind == "stop"][-1]
    assert flying.event("trainer.resumed", 2).body == {"checkpoint": saved.id}
    flying.trained_past(saved.timesteps)


def test_a_killed_supervisor_leaves_a_saved_state_and_no_orphan(flying: Mission) -> None:
    trainer, flown = flying.trainer_pid(), flying.timesteps
    os.kill(flying.supervisor_pid(), signal.SIGKILL)
    flying.daemon_gone()
    flying.trainer_gone()
    eventually(lambda: not alive(trainer), "the trainer is gone")
    newest = flying.checkpoints[-1]
    assert (newest.kind, newest.timesteps >= flown) == ("stop", True)
    verify(flying.current.checkpoints / newest.id)

    status = flying.run("status")
    assert status.returncode == Exit.FAILED
    assert "died unexpectedly" in status.stdout
    judged = flying.run("check")
    assert judged.returncode == 2
    assert judged.stdout.startswith("LANDERCTL CRITICAL - daemon: died unexpectedly")

    flying.done("start")
    flying.event("daemon.recovered")
    assert flying.event("trainer.resumed").body == {"checkpoint": newest.id}
    flying.trained_past(newest.timesteps)
    assert not flying.events("trainer.crashed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_daemon_during_a_rollout_loses_nothing(
    flying: Mission, number: signal.Signals
) -> None:
    os.kill(flying.supervisor_pid(), number)
    flying.daemon_gone()
    flying.trainer_gone()
    newest = flying.checkpoints[-1]
    assert (newest.kind, newest.timesteps) == ("stop", flying.timesteps)
    verify(flying.current.checkpoints / newest.id)
    stopped = flying.event("daemon.stopped")
    assert stopped.body == {"reason": number.name}
    status = flying.run("status")
    assert status.returncode == Exit.NOT_RUNNING
    assert "stopped cleanly" in status.stdout
    assert f"({number.name})" in status.stdout


def test_a_damaged_newest_checkpoint_is_skipped_and_named(trained: Mission) -> None:
    *_, before, damaged = trained.checkpoints
    model = trained.current.checkpoints / damaged.id / "model.zip"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)

    started = trained.done("start")
    assert f"from {before.id}" in started.stderr
    assert f"Skipped as damaged: {damaged.id}: model.zip" in started.stderr
    reported = trained.event("checkpoint.damaged")
    assert reported.severity == "critical"
    assert reported.body == {"id": damaged.id}
    assert f"training resumes from {before.id}" in reported.text
    assert trained.event("trainer.resumed").body == {"checkpoint": before.id}
    trained.trained_past(before.timesteps)
    trained.done("stop")
    # New checkpoints get a higher sequence than the damaged one, and are the newest.
    assert trained.checkpoints[-1].sequence > damaged.sequence
    assert trained.checkpoints[-1].kind == "stop"
