"""Making a backup: copied, verified by reading it back, committed atomically."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from daemon.backup.content import store_config, store_file, verify_content
from daemon.backup.identity import is_of_another
from daemon.backup.lock import backups_lock
from daemon.backup.record import (
    COMPRESSED,
    CONFIG,
    CURVES,
    FORMAT,
    INCIDENTS,
    METADATA,
    NOTES,
    RECORD,
    Backup,
    logs_id,
    read_backup,
)
from daemon.base.failpoint import failpoint
from daemon.base.files import commit_folder, make_private_folder
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import (
    MANIFEST,
    DamagedCheckpointError,
    Manifest,
    digest_file,
    encode_record,
    read_manifest,
    seal,
)


def make_backup(
    paths: StatePaths, run: RunPaths, checkpoint_id: str, directory: Path, *, created_s: float
) -> Backup:
    """Copy a checkpoint, with what the run is, notes and incidents, into a new backup.

    Raises DamagedCheckpointError if the checkpoint, or its copy, does not match its manifest;
    FileExistsError if the backup exists; OSError. Then no new backup is left.
    """
    checkpoint = run.checkpoints / checkpoint_id
    manifest = read_manifest(checkpoint)
    sources = {name: checkpoint / name for name in (*manifest.files, MANIFEST)}
    extras = {
        CONFIG: run.config,
        METADATA: run.metadata,
        CURVES: run.curves,
        NOTES: run.notes,
        INCIDENTS: paths.incidents,
    }
    sources |= {name: path for name, path in extras.items() if path.is_file()}
    return _commit(
        directory / run.id / checkpoint_id, sources, created_s=created_s, manifest=manifest
    )


def find_or_make_backup(
    paths: StatePaths, run: RunPaths, checkpoint_id: str, directory: Path, *, created_s: float
) -> tuple[Backup, bool]:
    """A checkpoint's backup, and whether it is new. Raises as `make_backup` does."""
    folder = directory / run.id / checkpoint_id
    if (folder / RECORD).exists():
        if is_of_another(folder, read_manifest(run.checkpoints / checkpoint_id)):
            raise DamagedCheckpointError(
                f"{folder}: is a backup of another checkpoint with this id; move the folder away"
            )
        return read_backup(folder), False
    if folder.exists():
        raise DamagedCheckpointError(f"{folder}: {RECORD} is missing; move the folder away")
    return make_backup(paths, run, checkpoint_id, directory, created_s=created_s), True


def back_up_logs(run: RunPaths, directory: Path, *, created_s: float) -> Backup | None:
    """Back up the run's TensorBoard files; None if it has none. Raises as `make_backup` does."""
    sources = {path.name: path for path in event_files(run)}
    if not sources:
        return None
    target = directory / run.id / logs_id(created_s)
    if target.exists():
        target = target.with_name(logs_id(created_s, more=True))
    return _commit(target, sources, created_s=created_s)


def event_files(run: RunPaths) -> list[Path]:
    """The run's TensorBoard files."""
    return sorted(run.tensorboard.glob("events.out.tfevents.*"))


def _commit(
    target: Path,
    sources: Mapping[str, Path],
    *,
    created_s: float,
    manifest: Manifest | None = None,
) -> Backup:
    made: list[Backup] = []

    def fill(temporary: Path) -> None:
        failpoint("backup.begun")
        copies = [
            store_config(source, temporary) if name == CONFIG else store_file(source, temporary)
            for name, source in sources.items()
        ]
        failpoint("backup.copied")
        for copy in copies:
            name = copy.name.removesuffix(COMPRESSED)
            if manifest is not None and name in manifest.files:
                verify_content(copy, manifest.files[name])
        backup = seal(
            Backup(
                format=FORMAT,
                id=target.name,
                run_id=target.parent.name,
                created_s=created_s,
                checkpoint=manifest,
                files={copy.name: digest_file(copy) for copy in copies},
            )
        )
        (temporary / RECORD).write_bytes(encode_record(backup))
        failpoint("backup.recorded")
        made.append(backup)

    with backups_lock(target.parent.parent):
        if target.exists():
            raise FileExistsError(f"{target} exists")
        make_private_folder(target.parent)
        commit_folder(target, fill)
    failpoint("backup.committed")
    return made[0]
