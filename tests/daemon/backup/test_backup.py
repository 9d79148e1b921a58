"""Backups: verified copies of the files that the manifest lists, and nothing else."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import msgspec
import pytest

from daemon.backup.catalog import backup_directory, scan, write_tag
from daemon.backup.make import back_up_logs, make_backup
from daemon.backup.record import RECORD, Backup, Tag
from daemon.backup.restoring.find_state import State, UnknownIdError, find_state, verify_state
from daemon.backup.restoring.staging import restore
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    Manifest,
    encode_record,
    seal,
)
from daemon.config import load_config
from tests.daemon.harness import save_checkpoint

TRIALS = 1000


@pytest.fixture
def checkpoint(run: RunPaths) -> Path:
    return run.checkpoints / save_checkpoint(run, kind="gate", timesteps=5000).id


@pytest.fixture
def backup(checkpoint: Path, run: RunPaths, paths: StatePaths) -> Path:
    return paths.backups / run.id / made(paths, run, checkpoint.name).id


def made(paths: StatePaths, run: RunPaths, id_: str) -> Backup:
    return make_backup(paths, run, id_, paths.backups, created_s=5.0)


def large_checkpoint(run: RunPaths) -> Manifest:
    """A checkpoint with a replay buffer large enough to be compressed."""

    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(os.urandom(500))
        (folder / "replay_buffer.npz").write_bytes(os.urandom(10_000) + bytes(1_000_000))

    return commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind="interval",
        created_s=1.0,
        algorithm="sac",
        timesteps=1,
        stage=1,
        versions={},
    )


def test_copies_the_manifest_s_files_and_configuration_notes_and_curves(
    checkpoint: Path, run: RunPaths, paths: StatePaths
) -> None:
    (checkpoint / "stray.txt").write_text("not mine")
    run.notes.write_text("deployed by me")
    run.curves.write_text("{}")
    backup = made(paths, run, checkpoint.name)
    folder = paths.backups / run.id / checkpoint.name
    names = {"model.zip", "training_state.json", MANIFEST, "config.json", "notes.md"}
    names |= {"run.json", "curves.json"}
    assert set(backup.files) == names
    assert {file.name for file in folder.iterdir()} == names | {RECORD}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert scan(paths.backups).whole == [backup] == [verify_backup(folder)]
    assert (backup.id, backup.run_id, backup.created_s) == (checkpoint.name, run.id, 5.0)


def test_a_large_replay_buffer_is_compressed_and_restored(run: RunPaths, paths: StatePaths) -> None:
    manifest = large_checkpoint(run)
    backup = made(paths, run, manifest.id)
    assert backup.files["replay_buffer.npz.zst"].size_bytes < 20_000
    shutil.rmtree(run.checkpoints / manifest.id)
    restored = restore(find_state(run, paths.backups, manifest.id), run, created_s=6.0)
    assert restored.files == manifest.files


def test_a_second_backup_of_a_checkpoint_is_refused(
    backup: Path, run: RunPaths, paths: StatePaths
) -> None:
    with pytest.raises(FileExistsError):
        made(paths, run, backup.name)


def test_a_damaged_checkpoint_is_not_backed_up(
    checkpoint: Path, run: RunPaths, paths: StatePaths
) -> None:
    (checkpoint / "model.zip").write_bytes(b"short")
    with pytest.raises(DamagedCheckpointError, match=r"model\.zip"):
        made(paths, run, checkpoint.name)
    assert list((paths.backups / run.id).iterdir()) == []


def test_a_link_is_not_followed(
    checkpoint: Path, run: RunPaths, paths: StatePaths, tmp_path: Path
) -> None:
    model = checkpoint / "model.zip"
    outside = tmp_path / "outside"
    model.rename(outside)
    model.symlink_to(outside)
    with pytest.raises(DamagedCheckpointError, match="not a plain file"):
        made(paths, run, checkpoint.name)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "model.zip/../../x"])
def test_a_record_cannot_name_paths_outside(backup: Path, name: str) -> None:
    record = msgspec.json.decode((backup / RECORD).read_bytes(), type=Backup)
    assert record.checkpoint is not None
    digest = record.files["model.zip"]
    forgeries = (
        msgspec.structs.replace(record, files=record.files | {name: digest}),
        msgspec.structs.replace(record, run_id=name),
        msgspec.structs.replace(record, id=name),
        msgspec.structs.replace(
            record,
            files=record.files | {name: digest},
            checkpoint=msgspec.structs.replace(
                record.checkpoint, files=record.checkpoint.files | {name: digest}
            ),
        ),
    )
    for forged in forgeries:
        (backup / RECORD).write_bytes(encode_record(seal(forged)))
        with pytest.raises(DamagedCheckpointError):
            verify_backup(backup)


def test_damaged_backups_are_listed_separately(run: RunPaths, paths: StatePaths) -> None:
    backups = [made(paths, run, save_checkpoint(run).id) for _ in range(4)]
    folder = paths.backups / run.id
    (folder / backups[0].id / RECORD).unlink()
    shutil.copytree(folder / backups[1].id, paths.backups / "another-run" / backups[1].id)
    (folder / backups[2].id).rename(folder / "renamed")
    listing = scan(paths.backups)
    assert listing.whole == [backups[1], backups[3]]
    assert {path.name for path, _ in listing.damaged} == {
        backups[0].id,
        backups[1].id,
        "renamed",
    }
    assert scan(paths.home / "absent").whole == []


@pytest.mark.parametrize("kind", ["checkpoint", "backup", "compressed"])
def test_any_changed_byte_is_detected_and_the_file_named(
    kind: str, run: RunPaths, paths: StatePaths
) -> None:
    run.notes.write_text("notes")
    manifest = large_checkpoint(run) if kind == "compressed" else save_checkpoint(run)
    folder = run.checkpoints / manifest.id
    if kind != "checkpoint":
        folder = paths.backups / run.id / made(paths, run, manifest.id).id
    draw = random.Random(7)
    files = sorted(folder.iterdir())
    for trial in range(TRIALS):
        path = files[trial % len(files)]
        whole = path.read_bytes()
        position = draw.randrange(len(whole))
        changed = bytearray(whole)
        changed[position] ^= draw.randrange(1, 256)
        path.write_bytes(changed)
        with pytest.raises(DamagedCheckpointError) as found:
            verify_state(folder)
        assert path.name.removesuffix(".zst") in str(found.value), (path, position)
        path.write_bytes(whole)
    assert verify_state(folder).manifest == manifest


@pytest.mark.parametrize("kind", ["checkpoint", "backup"])
def test_truncated_missing_and_swapped_files_are_detected(
    kind: str, run: RunPaths, paths: StatePaths
) -> None:
    one, other = save_checkpoint(run), save_checkpoint(run)
    folder, beside = run.checkpoints / one.id, run.checkpoints / other.id
    if kind == "backup":
        folder, beside = (paths.backups / run.id / made(paths, run, m.id).id for m in (one, other))
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for content in (whole[:-1], b"", whole + b"\n", (beside / path.name).read_bytes(), None):
            if content == whole:
                continue
            path.unlink()
            if content is not None:
                path.write_bytes(content)
            # Without its record a backup's folder looks like a checkpoint with extra files.
            if content is None and path.name == RECORD:
                assert scan(paths.backups).damaged
            else:
                with pytest.raises(DamagedCheckpointError, match=path.name):
                    verify_state(folder)
            path.unlink(missing_ok=True)
            path.write_bytes(whole)
    assert verify_state(folder).manifest == one


def test_restore_appends_a_checkpoint(backup: Path, run: RunPaths, paths: StatePaths) -> None:
    save_checkpoint(run, timesteps=9000)
    state = find_state(run, paths.backups, backup.name)
    restored = restore(state, run, created_s=6.0)
    assert (restored.sequence, restored.kind) == (3, "rollback")
    assert restored.restored_from == backup.name
    assert restored.timesteps == 5000
    assert restored.files == state.manifest.files


def test_the_backup_replaces_a_damaged_checkpoint(
    backup: Path, run: RunPaths, paths: StatePaths
) -> None:
    (run.checkpoints / backup.name / "model.zip").write_bytes(b"x")
    state = find_state(run, paths.backups, backup.name)
    assert state.folder == backup
    (backup / "model.zip").unlink()
    with pytest.raises(DamagedCheckpointError, match=r"SHA-256|bytes.*; .*missing"):
        find_state(run, paths.backups, backup.name)
    with pytest.raises(UnknownIdError):
        find_state(run, paths.backups, "../" + run.id)


def test_damage_during_the_copy_restores_nothing(
    backup: Path, checkpoint: Path, run: RunPaths
) -> None:
    state = verify_state(backup)
    (backup / "model.zip").write_bytes(b"x")
    with pytest.raises(DamagedCheckpointError):
        restore(State(backup, state.manifest), run, created_s=6.0)
    assert [entry.name for entry in run.checkpoints.iterdir()] == [checkpoint.name]


def test_tensorboard_files_are_backed_up_separately(run: RunPaths, paths: StatePaths) -> None:
    assert back_up_logs(run, paths.backups, created_s=5.0) is None
    (run.tensorboard / "events.out.tfevents.1.host.1.0").write_bytes(b"scalars")
    (run.tensorboard / "events.out.tfevents.2.host.1.0").write_bytes(bytes(2_000_000))
    backup = back_up_logs(run, paths.backups, created_s=5.0)
    assert backup is not None and backup.id.startswith("logs-")
    assert sorted(backup.files) == [
        "events.out.tfevents.1.host.1.0",
        "events.out.tfevents.2.host.1.0.zst",
    ]
    assert verify_backup(paths.backups / run.id / backup.id) == backup


def test_a_tag_can_be_changed(backup: Path, paths: StatePaths) -> None:
    record = verify_backup(backup)
    assert scan(paths.backups).tag(record) == Tag()
    write_tag(paths.backups, record, Tag(note="why", pinned=True))
    write_tag(paths.backups, record, Tag(note="because", pinned=True))
    assert scan(paths.backups).tag(record) == Tag(note="because", pinned=True)
    (backup.parent / f"{backup.name}.tag").write_bytes(b"{")
    assert [path.name for path, _ in scan(paths.backups).damaged] == [f"{backup.name}.tag"]


def test_backup_directory(paths: StatePaths) -> None:
    config = load_config(None).config
    assert backup_directory(config, paths) == paths.backups
    elsewhere = load_config(None, {"backup": {"directory": "/mnt/b"}}).config
    assert backup_directory(elsewhere, paths) == Path("/mnt/b")
    # Daemon and operator have different working directories.
    beside = load_config(None, {"backup": {"directory": "../b"}}).config
    assert backup_directory(beside, paths) == paths.home / "../b"
