"""A state folder that is renamed, removed or replaced while its daemon runs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.base.opened_folder import OpenedFolder
from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.protocol.control import Done, PingRequest
from daemon.store.reader import StoreReader
from daemon.supervisor.__main__ import EXIT_HOME_LOST
from landerctl.cli.commands.run.service import unit_text
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.waiting import PATIENCE_S, eventually

NOTIFY = """
[[notify.targets]]
name = "file"
command = ["sh", "-c", "cat >> {notices}"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.config = tmp_path / "config.toml"
    home.config.write_text(config_text() + NOTIFY.format(notices=tmp_path / "notices"))
    yield home
    home.close()


def running(home: Home) -> subprocess.Popen[bytes]:
    daemon = home.started("--interval", "10")
    home.event("checkpoint.saved")
    return daemon


def has_ended_with_its_trainer(home: Home, daemon: subprocess.Popen[bytes], pid: int) -> None:
    assert daemon.wait(PATIENCE_S) == EXIT_HOME_LOST
    eventually(lambda: not Path(f"/proc/{pid}").exists(), "the trainer ends")


def trainer_pid(home: Home) -> int:
    trainer = home.trainer_state("RUNNING").trainer
    assert trainer is not None and trainer.pid is not None
    return trainer.pid


def test_in_a_renamed_folder_the_training_is_saved_and_stopped(home: Home, tmp_path: Path) -> None:
    daemon = running(home)
    pid = trainer_pid(home)
    moved = tmp_path / "moved"
    home.paths.home.rename(moved)
    has_ended_with_its_trainer(home, daemon, pid)
    assert not home.paths.home.exists()
    newest = list_checkpoints(moved / "runs" / home.run.id / "checkpoints").whole[-1]
    assert newest.kind == "stop"
    with StoreReader.open(moved / "store.db") as reader:
        [lost] = reader.events(names=["daemon.home_lost"])
        status = reader.status()
    assert str(moved) in lost.text
    assert status.daemon is not None and status.daemon.stop_reason is not None
    assert "was renamed" in status.daemon.stop_reason
    assert "home-lost" in (tmp_path / "notices").read_text()
    moved.rename(home.paths.home)
    home.started()
    assert home.event("trainer.resumed").body["checkpoint"] == newest.id


def test_a_removed_folder_is_not_created_again(home: Home, tmp_path: Path) -> None:
    daemon = running(home)
    pid = trainer_pid(home)
    # Removed under another name: a writer would otherwise disturb the removal.
    home.paths.home.rename(tmp_path / "gone")
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    has_ended_with_its_trainer(home, daemon, pid)
    assert not home.paths.home.exists()
    assert "home-lost" in (tmp_path / "notices").read_text()


def test_a_second_daemon_in_the_folder_s_place_is_left_alone(home: Home, tmp_path: Path) -> None:
    daemon = running(home)
    pid = trainer_pid(home)
    home.paths.home.rename(tmp_path / "moved")
    second = Home(home.paths.home)
    try:
        second_daemon = second.started()
        has_ended_with_its_trainer(home, daemon, pid)
        assert isinstance(second.ask(PingRequest())[-1], Done)
        second.trainer_state("RUNNING")
        assert [path.name for path in second.paths.runs.iterdir()] == [second.run.id]
        second.stop(second_daemon)
    finally:
        second.close()


def test_without_its_lock_file_a_daemon_stops(home: Home) -> None:
    daemon = running(home)
    home.paths.lock.unlink()
    assert daemon.wait(PATIENCE_S) == EXIT_HOME_LOST
    assert list_checkpoints(home.run.checkpoints).whole[-1].kind == "stop"
    assert "was removed" in home.event("daemon.home_lost").text


def test_systemd_does_not_start_another_daemon_in_its_place(home: Home) -> None:
    [line] = [
        line
        for line in unit_text(home.paths, (), "python", 1.0).splitlines()
        if line.startswith("RestartPreventExitStatus=")
    ]
    assert str(EXIT_HOME_LOST) in line.partition("=")[2].split()


def test_an_opened_folder_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "folder"
    path.mkdir(parents=True)
    opened = OpenedFolder(path)
    assert opened.current_path() == path
    (tmp_path / "a").rename(tmp_path / "b")
    path.mkdir(parents=True)
    assert opened.current_path() == tmp_path / "b" / "folder"
    (tmp_path / "b" / "folder").rmdir()
    with pytest.raises(FileNotFoundError, match="was removed or replaced"):
        opened.current_path()


def test_a_checkpoint_does_not_recreate_a_removed_run(run: RunPaths) -> None:
    save_checkpoint(run)
    shutil.rmtree(run.folder.parent)
    with pytest.raises(FileNotFoundError):
        save_checkpoint(run)
    assert not run.folder.parent.exists()
