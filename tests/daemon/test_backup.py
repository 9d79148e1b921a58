"""Backups: verified copies of what the manifest names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.backup.catalog import RECORD, backup_directory, list_backups, scan
from daemon.backup.copy import make_backup
from daemon.backup.restore import restore
from daemon.checkpoint.manifest import MANIFEST, DamagedCheckpointError, verify
from daemon.config import load_config
from daemon.paths import RunPaths, StatePaths
from tests.daemon.harness import save_checkpoint


@pytest.fixture
def checkpoint(run: RunPaths) -> Path:
    return run.checkpoints / save_checkpoint(run, kind="gate", timesteps=5000).id


def test_copies_what_the_manifest_names(checkpoint: Path, paths: StatePaths) -> None:
    (checkpoint / "stray.txt").write_text("not mine")
    backup = make_backup(checkpoint, paths.backups, created_s=5.0, note="why", pinned=True)
    folder = paths.backups / backup.id
    assert {file.name for file in folder.iterdir()} == {*backup.manifest.files, MANIFEST, RECORD}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert list_backups(paths.backups) == [backup]
    assert (backup.note, backup.pinned, backup.created_s) == ("why", True, 5.0)
    assert verify(paths.backups / backup.id) == backup.manifest


def test_two_in_one_second(checkpoint: Path, paths: StatePaths) -> None:
    first = make_backup(checkpoint, paths.backups, created_s=5.0)
    second = make_backup(checkpoint, paths.backups, created_s=5.0)
    assert first.id != second.id
    assert list_backups(paths.backups) == [first, second]


def test_a_damaged_checkpoint_makes_no_backup(checkpoint: Path, paths: StatePaths) -> None:
    (checkpoint / "model.zip").write_bytes(b"short")
    with pytest.raises(DamagedCheckpointError, match=r"model\.zip"):
        make_backup(checkpoint, paths.backups, created_s=5.0)
    assert list(paths.backups.iterdir()) == []


def test_a_link_is_not_followed(checkpoint: Path, paths: StatePaths, tmp_path: Path) -> None:
    model = checkpoint / "model.zip"
    outside = tmp_path / "outside"
    model.rename(outside)
    model.symlink_to(outside)
    with pytest.raises(DamagedCheckpointError, match="not a plain file"):
        make_backup(checkpoint, paths.backups, created_s=5.0)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "model.zip/../../x"])
def test_a_manifest_cannot_name_other_places(
    checkpoint: Path, paths: StatePaths, name: str
) -> None:
    manifest = msgspec.json.decode((checkpoint / MANIFEST).read_bytes())
    manifest["files"][name] = manifest["files"]["model.zip"]
    (checkpoint / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(DamagedCheckpointError):
        make_backup(checkpoint, paths.backups, created_s=5.0)


def test_damaged_ones_are_listed_apart(checkpoint: Path, paths: StatePaths) -> None:
    backups = [make_backup(checkpoint, paths.backups, created_s=float(n)) for n in range(4)]
    (paths.backups / backups[0].id / RECORD).unlink()
    (paths.backups / backups[1].id / MANIFEST).unlink()
    (paths.backups / backups[2].id).rename(paths.backups / "renamed")
    listing = scan(paths.backups)
    assert listing.whole == [backups[3]]
    assert {folder.name for folder, _ in listing.damaged} == {
        backups[0].id,
        backups[1].id,
        "renamed",
    }
    assert scan(paths.home / "absent").whole == []


def test_a_changed_byte_is_found(checkpoint: Path, paths: StatePaths) -> None:
    backup = make_backup(checkpoint, paths.backups, created_s=5.0)
    model = paths.backups / backup.id / "model.zip"
    content = bytearray(model.read_bytes())
    content[7] ^= 1
    model.write_bytes(content)
    with pytest.raises(DamagedCheckpointError, match="SHA-256"):
        verify(paths.backups / backup.id)


def test_restore_appends(checkpoint: Path, run: RunPaths, paths: StatePaths) -> None:
    backup = make_backup(checkpoint, paths.backups, created_s=5.0)
    save_checkpoint(run, timesteps=9000)
    restored = restore(paths.backups / backup.id, run, created_s=6.0)
    assert (restored.sequence, restored.kind) == (3, "rollback")
    assert restored.restored_from == backup.id
    assert restored.timesteps == 5000
    assert restored.files == backup.manifest.files


def test_a_damaged_backup_restores_nothing(
    checkpoint: Path, run: RunPaths, paths: StatePaths
) -> None:
    backup = make_backup(checkpoint, paths.backups, created_s=5.0)
    (paths.backups / backup.id / "model.zip").unlink()
    with pytest.raises(DamagedCheckpointError):
        restore(paths.backups / backup.id, run, created_s=6.0)
    assert [entry.name for entry in run.checkpoints.iterdir()] == [checkpoint.name]


def test_where_backups_go(paths: StatePaths) -> None:
    config = load_config(None).config
    assert backup_directory(config, paths) == paths.backups
    elsewhere = load_config(None, {"backup": {"directory": "/mnt/b"}}).config
    assert backup_directory(elsewhere, paths) == Path("/mnt/b")
    # Daemon and operator stand in different folders.
    beside = load_config(None, {"backup": {"directory": "../b"}}).config
    assert backup_directory(beside, paths) == paths.home / "../b"
