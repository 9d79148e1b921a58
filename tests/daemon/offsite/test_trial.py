"""A trial of a target sends, reads back and removes, and leaves the real backups alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from daemon.backup.make import make_backup
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.offsite.protocol import Trial, TrialResult
from daemon.offsite.trial import PREFIX
from daemon.runs.creation import create_run
from tests.daemon.faulty_link import Link
from tests.daemon.harness import ROOT, save_checkpoint
from tests.daemon.object_store import bucket


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """The folder of a backup."""
    home = tmp_path / "home"
    home.mkdir()
    paths = StatePaths(home)
    run = create_run(paths, load_config(None).config)
    manifest = save_checkpoint(run)
    made = make_backup(paths, run, manifest.id, paths.backups, created_s=1.0)
    return paths.backups / run.id / made.id


def tried(backup: Path, into: Path, url: str, options_file: str = "") -> TrialResult:
    into.mkdir()
    trial = Trial(url, options_file, str(backup), str(into))
    ended = subprocess.run(
        [sys.executable, "-m", "daemon.offsite.trial"],
        cwd=ROOT,
        input=msgspec.json.encode(trial),
        capture_output=True,
        timeout=120.0,
        check=False,
    )
    result = msgspec.json.decode(ended.stdout, type=TrialResult)
    assert ended.returncode == (1 if result.problem else 0)
    return result


def test_a_disk(backup: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (disk / "run" / "backup").mkdir(parents=True)
    (disk / "run" / "backup" / "backup.json").write_text("a real one")
    # What a killed trial left.
    (disk / PREFIX / "old").mkdir(parents=True)
    (disk / PREFIX / "old" / "model.zip").write_text("left")
    result = tried(backup, tmp_path / "into", f"file://{disk}")
    assert result.problem == ""
    assert result.files == len(list(backup.iterdir()))
    assert [path.name for path in disk.iterdir()] == ["run"]
    for path in backup.iterdir():
        assert (tmp_path / "into" / path.name).read_bytes() == path.read_bytes()


def test_a_disk_that_is_not_mounted(backup: Path, tmp_path: Path) -> None:
    result = tried(backup, tmp_path / "into", f"file://{tmp_path}/missing")
    assert "is its disk mounted?" in result.problem


def test_an_object_store(backup: Path, tmp_path: Path) -> None:
    with bucket(tmp_path) as s3:
        s3.put("run/backup/backup.json", b"a real one")
        result = tried(backup, tmp_path / "into", s3.url, str(s3.options_file))
        assert result.problem == ""
        assert s3.objects() == {"run/backup/backup.json": b"a real one"}


def test_a_target_that_refuses_is_named_without_its_secrets(backup: Path, tmp_path: Path) -> None:
    with bucket(tmp_path) as s3:
        s3.link.become(Link(status=403))
        result = tried(backup, tmp_path / "into", s3.url, str(s3.options_file))
    assert result.problem == "HTTP 403: credentials refused, or without permission for this"
