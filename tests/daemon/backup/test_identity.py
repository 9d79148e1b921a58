"""A backup is of a checkpoint by its contents, not by its id."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from daemon.backup.catalog import scan
from daemon.backup.identity import reserve_sequences
from daemon.backup.make import find_or_make_backup, make_backup
from daemon.backup.restoring.find_state import find_state
from daemon.backup.restoring.restorable import Restorable, restorables
from daemon.backup.retention.prune_journal import append_pruned
from daemon.backup.retention.rules import Decision
from daemon.backup.sweep import find_pending
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.rollback.journal import undo_refusal
from landerctl.operations.states.state_listing import _entries
from tests.daemon.harness import save_checkpoint
from tests.daemon.rollback.test_rules import journal


@pytest.fixture
def collision(run: RunPaths, paths: StatePaths) -> tuple[Manifest, Manifest]:
    """A checkpoint of the run, and another one's backup with the same id, in this order."""
    lost = save_checkpoint(run)
    make_backup(paths, run, lost.id, paths.backups, created_s=5.0)
    shutil.rmtree(run.checkpoints / lost.id)
    own = save_checkpoint(run)
    assert own.id == lost.id and own != lost
    return own, lost


def states(run: RunPaths, paths: StatePaths) -> list[Restorable]:
    return restorables(run.id, list_checkpoints(run.checkpoints), scan(paths.backups, run.id))


def test_a_checkpoint_is_not_backed_up_by_the_backup_of_another(
    run: RunPaths, paths: StatePaths, collision: tuple[Manifest, Manifest]
) -> None:
    own, _ = collision
    (found,) = states(run, paths)
    assert (found.manifest, found.place) == (own, "checkpoint")
    assert find_pending(run, paths.backups, ["interval"], 9.0).pending == [own]
    with pytest.raises(DamagedCheckpointError, match="backup of another checkpoint"):
        find_or_make_backup(paths, run, own.id, paths.backups, created_s=9.0)
    listed = _entries(run.id, list_checkpoints(run.checkpoints), scan(paths.backups, run.id))
    assert [one.place for one in listed] == ["checkpoint", "backup"]
    assert listed[1].note.startswith("not of the checkpoint with this id")
    assert find_state(run, paths.backups, own.id).manifest == own


def test_the_backup_of_another_does_not_replace_a_damaged_checkpoint(
    run: RunPaths, paths: StatePaths, collision: tuple[Manifest, Manifest]
) -> None:
    own, lost = collision
    (run.checkpoints / own.id / "model.zip").write_bytes(b"damaged")
    with pytest.raises(DamagedCheckpointError, match="backup of another checkpoint"):
        find_state(run, paths.backups, own.id)
    shutil.rmtree(run.checkpoints / own.id)
    assert find_state(run, paths.backups, own.id).manifest == lost


def test_a_removed_backup_of_another_does_not_count(
    run: RunPaths, paths: StatePaths, collision: tuple[Manifest, Manifest]
) -> None:
    own, lost = collision
    (backup,) = scan(paths.backups).whole
    append_pruned(paths.backups, [Decision(backup, False, "old")], 6.0)
    shutil.rmtree(paths.backups / run.id / lost.id)
    assert find_pending(run, paths.backups, ["interval"], 9.0).pending == [own]
    made, _ = find_or_make_backup(paths, run, own.id, paths.backups, created_s=9.0)
    append_pruned(paths.backups, [Decision(made, False, "old")], 10.0)
    shutil.rmtree(paths.backups / run.id / own.id)
    assert find_pending(run, paths.backups, ["interval"], 11.0).pending == []


def test_new_checkpoints_take_no_id_of_a_backup(run: RunPaths, paths: StatePaths) -> None:
    """A run that was restored by hand from an older backup."""
    ids = [save_checkpoint(run).id for _ in range(3)]
    for id_ in ids:
        make_backup(paths, run, id_, paths.backups, created_s=5.0)
    for id_ in ids[1:]:
        shutil.rmtree(run.checkpoints / id_)
    reserve_sequences(run, paths.backups)
    assert [one.id for one in list_checkpoints(run.checkpoints).whole] == ids[:1]
    assert save_checkpoint(run).sequence == 4
    before = sorted(run.checkpoints.iterdir())
    reserve_sequences(run, paths.backups)
    assert sorted(run.checkpoints.iterdir()) == before


def test_no_undo_to_a_state_that_is_gone_or_to_another_one(
    run: RunPaths, paths: StatePaths, tmp_path: Path, collision: tuple[Manifest, Manifest]
) -> None:
    own, lost = collision
    undoable = journal(step="over", run_id=run.id, live=own)
    assert undo_refusal(undoable, run, paths.backups) is None
    shutil.rmtree(run.checkpoints / own.id)
    refused = undo_refusal(undoable, run, paths.backups)
    assert refused is not None and "is not there any more" in refused
    assert undo_refusal(journal(step="over", run_id=run.id, live=lost), run, paths.backups) is None
    assert undo_refusal(journal(step="over", run_id="another", live=own), run, paths.backups)
