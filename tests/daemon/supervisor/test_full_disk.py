"""A full disk, and a read-only home: clear errors, no damage, recovery once there is space."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.backup.catalog import scan
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import verify
from daemon.protocol.control import BackupRequest, Done, Refused, RollbackRequest, SilenceRequest
from daemon.store.reader import StoreReader
from landerctl.exitcodes import Exit
from tests.daemon.harness import NOTICES_IN_A_FILE, Home, config_text, save_checkpoint
from tests.daemon.small_disk import SmallDisk, small_disk
from tests.waiting import eventually

RULES = (
    NOTICES_IN_A_FILE
    + """\
[[alerts]]
name = "disk-low"
metric = "disk/free_gb"
comparison = "below"
threshold = 0.001
for_s = 0.0
severity = "critical"
summary = "Disk space is running out"
[[alerts]]
name = "checkpoint-failing"
metric = "checkpoint/failures"
comparison = "above"
threshold = 0.0
for_s = 0.0
severity = "critical"
summary = "A checkpoint cannot be written"
"""
)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(16) as disk:
        yield disk


@pytest.fixture
def home(disk: SmallDisk, tmp_path: Path) -> Iterator[Home]:
    home = Home(disk.folder / "home")
    config = config_text(max_crashes=3).replace("alerts = []", "")
    home.config.write_text(config + RULES.format(notices=tmp_path / "notices"))
    yield home
    home.close()


def landerctl(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "landerctl", *arguments],
        env=os.environ | {"LANDERCTL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_clear(ended: subprocess.CompletedProcess[str], code: Exit) -> bool:
    """Whether it failed with this code and one line: a path, the fault, and what to do."""
    assert (ended.returncode, ended.stdout) == (code, ""), ended
    [line] = ended.stderr.splitlines()
    return line.startswith("landerctl: /") and "; " in line


def silence(home: Home) -> Done:
    done = home.ask(SilenceRequest("nothing", 60.0, "me"))[-1]
    assert isinstance(done, Done)
    return done


def assert_whole(home: Home) -> None:
    with StoreReader.open(home.paths.store) as reader:
        reader.check()
    listing = list_checkpoints(home.run.checkpoints)
    assert listing.whole and not listing.damaged
    for manifest in listing.whole:
        verify(home.run.checkpoints / manifest.id)
    assert not scan(home.paths.backups).damaged
    assert not list(home.paths.home.glob("*.damaged-*"))


def test_training_continues_on_a_full_disk_and_events_are_recorded_later(
    home: Home, disk: SmallDisk, tmp_path: Path
) -> None:
    daemon = home.started("--interval", "10")
    home.event("checkpoint.saved", 2)
    disk.fill()
    notices = tmp_path / "notices"
    eventually(
        lambda: notices.exists() and "checkpoint-failing" in notices.read_text(), "a notice is sent"
    )
    assert "CRITICAL disk-low" in notices.read_text()
    refused = home.ask(BackupRequest())[-1]
    assert isinstance(refused, Refused) and "No space left on device" in refused.text
    assert "not in the store yet" in silence(home).text
    status = landerctl(home.paths.home, "status")
    assert status.returncode == Exit.OK and "disk full" in status.stdout
    check = landerctl(home.paths.home, "check")
    assert check.returncode == 2 and "disk: 0 B free" in check.stdout
    before = home.status().progress

    disk.free()
    home.event("alert.resolved", 2)
    newest = list_checkpoints(home.run.checkpoints).whole[-1]
    assert before is not None and newest.timesteps > before.timesteps
    assert home.events("checkpoint.failed") and home.events("alert.silenced")
    assert {e.body["alert"] for e in home.events("alert.firing")} == {
        "disk-low",
        "checkpoint-failing",
    }
    assert not home.events("trainer.crashed")
    home.stop(daemon)
    assert_whole(home)


def test_a_stop_on_a_full_disk_is_clean(home: Home, disk: SmallDisk) -> None:
    with home.config.open("a") as config:
        config.write("[backup]\nautomatic = []\n")
    daemon = home.started("--interval", "10")
    home.event("checkpoint.saved", 2)
    disk.fill()
    eventually(lambda: "not in the store" in silence(home).text, "the store cannot be written")
    stopped = landerctl(home.paths.home, "stop", "--force")
    assert stopped.returncode == Exit.FAILED
    assert "its last checkpoint was not saved" in stopped.stderr
    assert daemon.wait(10) == 0
    status = landerctl(home.paths.home, "status")
    assert status.returncode == Exit.NOT_RUNNING and "stopped cleanly" in status.stdout
    [exited] = home.events("trainer.exited")
    assert exited.severity == "critical"
    disk.fill()  # the rest of the reserve, too
    assert is_clear(landerctl(home.paths.home, "start"), Exit.FAILED)
    # What the store's file gives back when it is opened may be enough for a small backup.
    backup = landerctl(home.paths.home, "backup", "--note", "why")
    made = backup.returncode == Exit.OK and "is backed up" in backup.stdout
    assert made or is_clear(backup, Exit.FAILED)
    disk.free()
    daemon = home.started("--interval", "10")
    home.trainer_state("RUNNING")
    assert not home.events("daemon.recovered")
    home.stop(daemon)
    assert_whole(home)


@pytest.mark.parametrize("space_kb", [0, 16, 48, 96, 192, 400])
def test_a_rollback_with_little_space_fails_cleanly_or_succeeds(
    home: Home, disk: SmallDisk, space_kb: int
) -> None:
    home.config.write_text(config_text(max_crashes=9) + "[backup]\nautomatic = []\n")
    target = save_checkpoint(home.run, timesteps=5000, model_bytes=20_000)
    newest = save_checkpoint(home.run, timesteps=900_000)
    daemon = home.started()
    home.event("trainer.running")
    disk.fill(leave=space_kb << 10)
    answer = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(answer, Done | Refused)
    assert answer.text.isprintable()
    disk.free()
    home.trainer_state("RUNNING")
    if isinstance(answer, Refused):
        assert not answer.text.startswith("internal")
        resumed = home.events("trainer.resumed")[-1].body["checkpoint"]
        stopped = [m.id for m in list_checkpoints(home.run.checkpoints).whole if m.kind == "stop"]
        assert resumed in (newest.id, *stopped)
        assert isinstance(home.ask(RollbackRequest([target.id], "me"))[-1], Done)
    home.stop(daemon)
    restored = [m for m in list_checkpoints(home.run.checkpoints).whole if m.restored_from]
    assert restored[-1].restored_from == target.id
    assert_whole(home)


def test_a_stop_that_cannot_save_is_refused_and_training_continues(
    home: Home, disk: SmallDisk
) -> None:
    """`stop && poweroff` must not lose what was trained since the last checkpoint."""
    daemon = home.started("--interval", "100000")
    home.trainer_state("RUNNING")
    disk.fill()
    refused = landerctl(home.paths.home, "stop")
    assert refused.returncode == Exit.FAILED
    assert "not stopped, training continues: stop checkpoint not written" in refused.stderr
    assert daemon.poll() is None and home.trainer_lives()
    disk.free()
    stopped = landerctl(home.paths.home, "stop")
    assert stopped.returncode == Exit.OK and "checkpoint saved" in stopped.stdout
    assert daemon.wait(10) == 0
    [saved] = list_checkpoints(home.run.checkpoints).whole
    assert saved.kind == "stop"
    assert [event.severity for event in home.events("trainer.exited")] == ["info"]
    assert not home.events("trainer.crashed", "trainer.interrupted")


def test_the_first_start_on_a_full_disk_is_refused(disk: SmallDisk) -> None:
    disk.fill()
    assert is_clear(landerctl(disk.folder / "home", "start"), Exit.CANNOT_WRITE)


@pytest.mark.parametrize("space_kb", [0, 4, 12, 16, 24, 48, 64, 80, 96, 160])
def test_a_supervisor_with_little_space_is_refused_or_stops_cleanly(
    home: Home, disk: SmallDisk, space_kb: int
) -> None:
    home.config.write_text(config_text())
    disk.fill(leave=space_kb << 10)
    daemon, ready = home.start("--interval", "10")
    if ready.ok:
        home.stop(daemon)
    else:
        assert daemon.wait(10) == 1
        assert ready.error is not None and "; " in ready.error and ready.error.isprintable()
    disk.free()
    daemon = home.started("--interval", "10")
    home.event("checkpoint.saved")
    home.stop(daemon)
    assert_whole(home)


def test_a_read_only_home_allows_only_reading(home: Home, disk: SmallDisk) -> None:
    home.stop(home.started("--interval", "10"))
    folder = home.paths.home
    disk.remount("ro")
    try:
        for verb, code in (("status", Exit.NOT_RUNNING), ("check", Exit(1)), ("events", Exit.OK)):
            ended = landerctl(folder, verb)
            assert (ended.returncode, ended.stderr) == (code, ""), ended
        assert is_clear(landerctl(folder, "start"), Exit.CANNOT_WRITE)
        assert is_clear(landerctl(folder, "backup"), Exit.CANNOT_WRITE)
        assert is_clear(landerctl(folder, "stop"), Exit.NOT_RUNNING)
    finally:
        disk.remount("rw")
    daemon = home.started()
    home.trainer_state("RUNNING")
    home.stop(daemon)
    assert_whole(home)
