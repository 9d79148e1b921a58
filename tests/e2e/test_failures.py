"""Killed processes and damaged files: with the real trainer nothing is lost."""

from __future__ import annotations

import os
import signal
import time

import pytest

from daemon.checkpoint.manifest import verify
from landerctl.exitcodes import Exit
from tests.e2e.mission import Mission, alive
from tests.waiting import eventually

pytestmark = pytest.mark.xdist_group("e2e")


def test_a_killed_or_terminated_trainer_is_restarted_from_its_last_checkpoint(
    mission: Mission,
) -> None:
    mission.done("start")
    newest = mission.saved(1)[-1]
    killed = mission.trainer_pid()
    began_s = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    assert "SIGKILL" in mission.event("trainer.crashed").text
    mission.event("trainer.running", 2)
    print(f"a killed trainer trains again after {time.monotonic() - began_s:.1f} s")
    checkpoint = str(mission.event("trainer.resumed").body["checkpoint"])
    assert checkpoint >= newest.id
    [manifest] = [m for m in mission.checkpoints if m.id == checkpoint]
    mission.trained_past(manifest.timesteps)
    assert not alive(killed)
    assert "1 restart" in mission.done("status").stdout

    # A termination without the daemon restarts the training, but nothing is lost.
    os.kill(mission.trainer_pid(), signal.SIGTERM)
    assert "checkpoint saved" in mission.event("trainer.interrupted").text
    assert len(mission.events("trainer.crashed")) == 1
    [saved] = [m for m in mission.checkpoints if m.kind == "stop"]
    assert mission.event("trainer.resumed", 2).body == {"checkpoint": saved.id}
    mission.trained_past(saved.timesteps)


def test_a_killed_supervisor_leaves_a_saved_state_and_no_orphan(mission: Mission) -> None:
    mission.done("start")
    mission.saved(1)
    trainer, flown = mission.trainer_pid(), mission.timesteps
    os.kill(mission.supervisor_pid(), signal.SIGKILL)
    mission.daemon_gone()
    mission.trainer_gone()
    eventually(lambda: not alive(trainer), "the trainer is gone")
    newest = mission.checkpoints[-1]
    assert (newest.kind, newest.timesteps >= flown) == ("stop", True)
    verify(mission.current.checkpoints / newest.id)

    status = mission.run("status")
    assert status.returncode == Exit.FAILED
    assert "died unexpectedly" in status.stdout
    judged = mission.run("check")
    assert judged.returncode == 2
    assert judged.stdout.startswith("LANDERCTL CRITICAL - daemon: died unexpectedly")

    mission.done("start")
    mission.event("daemon.recovered")
    assert mission.event("trainer.resumed").body == {"checkpoint": newest.id}
    mission.trained_past(newest.timesteps)
    assert not mission.events("trainer.crashed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_daemon_during_a_rollout_loses_nothing(
    mission: Mission, number: signal.Signals
) -> None:
    mission.done("start")
    mission.trained_past(mission.timesteps)
    os.kill(mission.supervisor_pid(), number)
    mission.daemon_gone()
    mission.trainer_gone()
    newest = mission.checkpoints[-1]
    assert (newest.kind, newest.timesteps) == ("stop", mission.timesteps)
    verify(mission.current.checkpoints / newest.id)
    stopped = mission.event("daemon.stopped")
    assert stopped.body == {"reason": number.name}
    status = mission.run("status")
    assert status.returncode == Exit.NOT_RUNNING
    assert "stopped cleanly" in status.stdout
    assert f"({number.name})" in status.stdout


def test_a_damaged_newest_checkpoint_is_skipped_and_named(mission: Mission) -> None:
    mission.done("start")
    mission.saved(1)
    mission.done("stop")
    *_, before, damaged = mission.checkpoints
    model = mission.current.checkpoints / damaged.id / "model.zip"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)

    started = mission.done("start")
    assert f"from {before.id}" in started.stderr
    assert f"Skipped as damaged: {damaged.id}: model.zip" in started.stderr
    reported = mission.event("checkpoint.damaged")
    assert reported.severity == "critical"
    assert reported.body == {"id": damaged.id}
    assert f"training resumes from {before.id}" in reported.text
    assert mission.event("trainer.resumed").body == {"checkpoint": before.id}
    mission.trained_past(before.timesteps)
    mission.done("stop")
    # New checkpoints get a higher sequence than the damaged one, and are the newest.
    assert mission.checkpoints[-1].sequence > damaged.sequence
    assert mission.checkpoints[-1].kind == "stop"
