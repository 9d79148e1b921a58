"""The supervisor over small real child processes."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil

from daemon.base.identity import lock_is_held, read_identity
from daemon.base.user import user_name
from daemon.checkpoint.catalog import list_checkpoints
from daemon.processes.lease import Lease
from daemon.protocol.control import Done, Note, StopRequest
from daemon.protocol.trainer import encode_line
from daemon.runs.run_folder import read_run_config, write_run_config
from daemon.store.reader import StoreReader
from daemon.store.records import TrainerStatus
from tests.daemon.harness import Home, config_text
from tests.status_samples import startup
from tests.waiting import eventually


def test_runs_after_the_first_heartbeat_and_stops_with_a_checkpoint(home: Home) -> None:
    daemon = home.started()
    status = home.trainer_state("RUNNING")
    assert status.daemon is not None and status.daemon.pid == daemon.pid
    assert status.progress is not None and status.run is not None
    assert lock_is_held(home.paths)
    identity = read_identity(home.paths)
    assert identity is not None and identity.pid == daemon.pid
    home.stop(daemon)
    names = [event.name for event in home.events()]
    assert names[:4] == ["daemon.started", "run.started", "trainer.started", "trainer.running"]
    assert names[-1] == "daemon.stopped"
    assert [event.body["kind"] for event in home.events("checkpoint.saved")] == ["stop"]
    status = home.status()
    assert status.trainer is not None and status.trainer.state == "STOPPED"
    assert status.daemon is not None and status.daemon.stop_reason == "SIGTERM"
    assert not lock_is_held(home.paths)
    assert not home.paths.socket.exists()


def test_stop_by_socket_answers_when_everything_has_stopped(home: Home) -> None:
    daemon = home.started()
    home.trainer_state("RUNNING")
    answers = home.ask(StopRequest(note="the machine moves"))
    assert isinstance(answers[0], Note)
    assert isinstance(answers[-1], Done)
    assert "checkpoint saved" in answers[-1].text
    assert daemon.wait(10) == 0
    record, user = home.status().daemon, user_name(os.geteuid())
    assert (
        record is not None and record.stop_reason == f"landerctl stop by {user}: the machine moves"
    )


def test_stays_small(home: Home) -> None:
    daemon = home.started("--interval", "5", "--rollout-s", "0.005")
    home.event("checkpoint.pruned", 5)
    assert psutil.Process(daemon.pid).memory_info().rss < 60e6


def test_three_crashes_are_fatal(home: Home) -> None:
    daemon = home.started("--exit-after", "3", "--exit-code", "70")
    status = home.trainer_state("FATAL")
    crashes = home.events("trainer.crashed")
    assert len(crashes) == 3
    assert "exit code 70" in crashes[0].text and "asked to fail" in crashes[0].text
    assert status.trainer is not None and status.trainer.restarts == 2
    assert daemon.poll() is None
    home.stop(daemon)
    assert home.status().trainer.state == "FATAL"  # type: ignore[union-attr]


def test_a_bad_configuration_is_fatal_at_once(home: Home) -> None:
    home.started("--exit-after", "0", "--exit-code", "78")
    home.trainer_state("FATAL")
    assert len(home.events("trainer.started")) == 1


def test_a_hanging_trainer_is_killed(home: Home) -> None:
    home.config.write_text(config_text(heartbeat_timeout_s=0.3, max_crashes=1))
    home.started("--hang-after", "2")
    status = home.trainer_state("FATAL")
    hung = home.event("trainer.hung")
    assert isinstance(hung.body["silent_s"], float) and hung.body["silent_s"] >= 0.3
    assert status.trainer is not None and status.trainer.last_exit is not None
    assert "SIGKILL" in status.trainer.last_exit
    assert not home.trainer_lives()


def test_a_trainer_that_does_not_stop_is_killed(home: Home) -> None:
    home.config.write_text(config_text(stop_timeout_s=0.3))
    daemon = home.started("--hang-after", "2")
    home.trainer_state("RUNNING")
    eventually(lambda: (s := home.status().progress) and s.timesteps >= 2000, "it hangs")
    home.stop(daemon)
    (exited,) = home.events("trainer.exited")
    assert exited.severity == "critical"
    assert "did not exit within 0.3 s" in exited.text


def test_a_killed_trainer_resumes_from_its_checkpoint(home: Home) -> None:
    home.started("--interval", "5")
    home.event("checkpoint.saved")
    pid = home.trainer_state("RUNNING").trainer.pid  # type: ignore[union-attr]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    resumed = home.event("trainer.resumed")
    assert "killed by SIGKILL" in home.event("trainer.crashed").text
    assert resumed.body["checkpoint"] in [
        event.body["id"] for event in home.events("checkpoint.saved")
    ]


def test_the_trainer_of_a_killed_supervisor_saves_and_exits(home: Home) -> None:
    daemon = home.started()
    home.trainer_state("RUNNING")
    daemon.kill()
    daemon.wait()
    eventually(lambda: not home.trainer_lives(), "the trainer exits")
    (saved,) = list_checkpoints(home.run.checkpoints).whole
    assert saved.kind == "stop"
    assert not lock_is_held(home.paths)
    # Its leftovers (lock file, socket, snapshots) do not block the next start.
    daemon = home.started()
    home.trainer_state("RUNNING")
    home.stop(daemon)
    assert len(home.events("daemon.recovered")) == 1
    assert home.events("trainer.resumed")[0].body["checkpoint"] == saved.id
    assert len(home.events("run.started")) == 1
    # The checkpoint saved without a supervisor is copied now.
    assert home.events("backup.made")[0].text.startswith(f"Checkpoint {saved.id} ")


def test_a_run_keeps_the_time_of_its_first_start(home: Home) -> None:
    home.stop(home.started())
    first = home.status().run
    # `start --timesteps` writes the frozen configuration again.
    write_run_config(home.run, read_run_config(home.run))
    home.stop(home.started())
    assert first is not None and home.status().run == first


def test_no_second_trainer_while_an_orphan_runs(home: Home) -> None:
    home.config.write_text(config_text(stop_timeout_s=0.5))
    first = home.started("--hang-after", "1")
    orphan = home.trainer_state("RUNNING").trainer.pid  # type: ignore[union-attr]
    assert orphan is not None
    first.kill()
    first.wait()
    assert home.trainer_lives()
    home.started()
    eventually(
        lambda: (now := home.status().trainer) and f"(pid {orphan})" in now.phase_detail,
        "the status names the process it waits for",
    )
    home.event("trainer.running", 2)
    # It hangs, so it was killed after stop_timeout_s.
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE


def test_the_daemon_keeps_running_after_a_completed_run(home: Home) -> None:
    daemon = home.started("--exit-after", "3", "--exit-code", "0")
    home.trainer_state("EXITED")
    assert home.events("run.completed")[0].body["timesteps"] == 3000
    assert daemon.poll() is None
    home.event("backup.made")
    home.stop(daemon)


def test_a_second_start_is_refused(home: Home) -> None:
    daemon = home.started()
    second, ready = home.start()
    assert second.wait(10) == 1
    assert not ready.ok and ready.already_running
    assert str(daemon.pid) in (ready.error or "")


def test_a_stop_during_backoff_does_not_wait(home: Home) -> None:
    home.config.write_text(config_text(backoff_initial_s=30.0))
    daemon = home.started("--exit-after", "1", "--exit-code", "70")
    status = home.trainer_state("BACKOFF")
    assert status.trainer is not None and status.trainer.restart_at_s is not None
    before_s = time.monotonic()
    home.stop(daemon)
    assert time.monotonic() - before_s < 5.0


def test_the_status_has_the_start_until_training_runs(home: Home, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.write_bytes(encode_line(startup(done=62)) + encode_line(startup()))
    home.started("--startup", str(reports))

    def reported() -> TrainerStatus | None:
        trainer = home.status().trainer
        return trainer if trainer and trainer.startup == startup() else None

    started = eventually(reported, "the start is in the status")
    assert (started.state, started.phase) == ("STARTING", "compiling")
    reports.unlink()
    home.trainer_state("RUNNING")
    running = home.status().trainer
    assert running is not None
    assert running.startup is None


def test_a_malformed_line_is_an_event_not_a_crash(home: Home) -> None:
    home.started("--malformed")
    home.trainer_state("RUNNING")
    assert home.event("trainer.protocol").severity == "warning"
    assert not home.events("trainer.crashed")


def test_samples_are_recorded(home: Home) -> None:
    daemon = home.started()
    assert home.event("training.not_finite").body == {
        "what": "train/value_loss",
        "where": "metrics",
        "timesteps": 1000,
        "checkpoint": None,
    }
    eventually(
        lambda: (now := home.status().resources) and now.memory_trainer_bytes,
        "the trainer is sampled",
    )
    home.stop(daemon)
    with StoreReader.open(home.paths.store) as reader:
        assert {"cpu/machine_percent", "memory/trainer_bytes", "disk/free_gb"} <= set(
            reader.sample_names()
        )
        losses, speeds = reader.series("train/loss"), reader.series("time/fps")
        (nan, *_) = reader.series("train/value_loss")
    assert losses[0].timesteps == 1000 and losses[0].value == 0.1
    assert speeds[0].value == 1000.0
    assert nan.value != nan.value


def test_a_reused_lease_starts_empty(home: Home) -> None:
    lease = Lease.take(home.run.lease)
    lease.record(12345)
    lease.close()
    Lease.take(home.run.lease).close()
    assert home.run.lease.read_bytes().strip() == b""


def test_a_missing_run_folder_is_fatal_for_the_trainer_only(home: Home) -> None:
    daemon = home.started("--interval", "5")
    pid = home.trainer_state("RUNNING").trainer.pid  # type: ignore[union-attr]
    assert pid is not None
    elsewhere = home.run.folder.rename(home.paths.home / "elsewhere")
    os.kill(pid, signal.SIGKILL)
    status = home.trainer_state("FATAL")
    assert status.trainer is not None and status.trainer.last_exit is not None
    assert "trainer.lock: No such file" in status.trainer.last_exit
    home.stop(daemon)
    elsewhere.rename(home.run.folder)
