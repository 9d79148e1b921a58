"""Where drills work: a lock, enough space, and an isolated configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.processes.lease import Lease
from daemon.processes.state_folder import check_home
from landerctl.drills.scratch import folder as scratch
from landerctl.drills.scratch.folder import (
    DrillsBusyError,
    drills_lock,
    remove_abandoned,
    scratch_folder,
)
from landerctl.drills.scratch.home import ISOLATED, ScratchHome

REAL = """
[notify]
targets = [{ name = "phone", url = "json://example.org" }]
[backup]
directory = "elsewhere"
targets = [{ name = "disk", url = "file:///mnt/disk" }]
[tensorboard]
enabled = true
[checks]
ping_url_file = "ping"
[rollback.triggers]
memory-growing = "off"
training-given-up = "rollback"
"""


def test_one_process_at_a_time(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    refused = pytest.raises(DrillsBusyError, match="other drills run")
    with drills_lock(paths), refused, drills_lock(paths):
        pass
    with drills_lock(paths):
        pass


def test_what_dead_drills_left_is_removed_once_nothing_of_it_runs(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    left = paths.drills / f".tmp-999999999@{os.uname().nodename}@crash"
    lock = left / "home" / "runs" / "run" / "trainer.lock"
    lock.parent.mkdir(parents=True)
    lease = Lease.take(lock)
    assert remove_abandoned(paths) == []
    lease.close()
    assert remove_abandoned(paths) == [left]
    assert not left.exists()


def test_a_short_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "NEEDED_BYTES", 10**18)
    with (
        pytest.raises(OSError, match=r"GB are free, a drill needs 1e\+09 GB"),
        scratch_folder(StatePaths(tmp_path), "sample"),
    ):
        pass
    assert not list((tmp_path / "drills").iterdir())


def test_a_scratch_home_touches_nothing_real(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(REAL)
    real = load_config(file).config
    home = ScratchHome(tmp_path / "scratch", real, rollback={"watch_s": 1.0})
    home.log.touch()
    check_home(home.paths)  # a verb that begins a run accepts it
    read = home.config
    assert read.rollback.watch_s == 1.0
    for section, settings in ISOLATED.items():
        for name, value in settings.items():
            assert getattr(getattr(read, section), name) == value
    assert read.curriculum == real.curriculum
    assert {rule.name for rule in read.alerts} == {rule.name for rule in real.alerts}


def test_a_drill_may_ask_for_what_is_real(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(REAL)
    real = load_config(file).config
    home = ScratchHome(tmp_path / "scratch", real, notify={"targets": real.notify.targets})
    assert home.config.notify.targets == real.notify.targets
