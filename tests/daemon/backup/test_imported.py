"""A backup that came in an archive: marked, and of no weight until a person accepts it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from daemon.backup.archive import export_backup, import_backup
from daemon.backup.catalog import scan, write_tag
from daemon.backup.make import find_or_make_backup, make_backup
from daemon.backup.record import Backup, Tag
from daemon.backup.restoring.find_state import verify_state
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.backup.restoring.staging import restore
from daemon.backup.sweep import find_pending
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError
from tests.daemon.harness import save_checkpoint


def imported(run: RunPaths, paths: StatePaths, tmp_path: Path, *, keep: bool = False) -> Backup:
    """A checkpoint of the run that is there as an import only; `keep`: the run has it, too."""
    id_ = save_checkpoint(run, timesteps=5000).id
    made = make_backup(paths, run, id_, paths.backups, created_s=5.0)
    folder = paths.backups / run.id / id_
    export_backup(folder, tmp_path / "one.tar", overwrite=True)
    shutil.rmtree(folder)
    if not keep:
        shutil.rmtree(run.checkpoints / id_)
    assert import_backup(tmp_path / "one.tar", paths.backups) == (made, True)
    return made


def state(run: RunPaths, paths: StatePaths, id_: str) -> Restorable:
    found = restorables(run.id, list_checkpoints(run.checkpoints), scan(paths.backups, run.id))
    (one,) = (item for item in found if item.id == id_)
    return one


def test_a_pin_accepts_it(run: RunPaths, paths: StatePaths, tmp_path: Path) -> None:
    backup = imported(run, paths, tmp_path)
    found = state(run, paths, backup.id)
    assert (found.imported, found.accepted) == (True, False)
    write_tag(paths.backups, backup, Tag(note="from the other machine"))
    assert not state(run, paths, backup.id).accepted
    write_tag(paths.backups, backup, Tag(pinned=True))
    found = state(run, paths, backup.id)
    assert (found.imported, found.accepted) == (True, True)


def test_a_rollback_to_it_accepts_it(run: RunPaths, paths: StatePaths, tmp_path: Path) -> None:
    backup = imported(run, paths, tmp_path)
    chosen = verify_state(paths.backups / run.id / backup.id)
    copy = restore(chosen, run, created_s=6.0)
    assert state(run, paths, backup.id).accepted
    own = state(run, paths, copy.id)
    assert (own.imported, own.accepted) == (False, True)


def test_another_import_does_not_accept_it(
    run: RunPaths, paths: StatePaths, tmp_path: Path
) -> None:
    backup = imported(run, paths, tmp_path)
    chosen = verify_state(paths.backups / run.id / backup.id)
    copy = restore(chosen, run, created_s=6.0)
    make_backup(paths, run, copy.id, paths.backups, created_s=7.0)
    export_backup(paths.backups / run.id / copy.id, tmp_path / "two.tar")
    shutil.rmtree(paths.backups / run.id / copy.id)
    shutil.rmtree(run.checkpoints / copy.id)
    import_backup(tmp_path / "two.tar", paths.backups)
    assert not state(run, paths, backup.id).accepted


def test_an_import_of_the_runs_own_checkpoint_is_its_own(
    run: RunPaths, paths: StatePaths, tmp_path: Path
) -> None:
    backup = imported(run, paths, tmp_path, keep=True)
    assert not state(run, paths, backup.id).imported
    assert find_pending(run, paths.backups, ["interval"], 9.0).pending == []


def test_an_import_does_not_pass_for_another_checkpoints_backup(
    run: RunPaths, paths: StatePaths, tmp_path: Path
) -> None:
    backup = imported(run, paths, tmp_path)
    own = save_checkpoint(run, timesteps=5000)  # other content, the same id
    assert own.id == backup.id
    assert find_pending(run, paths.backups, ["interval"], 9.0).pending == [own]
    with pytest.raises(DamagedCheckpointError, match="a backup of another checkpoint"):
        find_or_make_backup(paths, run, own.id, paths.backups, created_s=9.0)
    found = state(run, paths, own.id)
    assert (found.manifest, found.place, found.imported) == (own, "checkpoint", False)
