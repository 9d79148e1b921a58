"""Removing runs: checked, renamed to a hidden name, which is the commit, then deleted.

| Step   | What is on the disk                              | A kill here is followed by           |
|--------|--------------------------------------------------|--------------------------------------|
| begun  | the run, whole                                   | nothing: it is still there           |
| hidden | `.pruned-<run>` or `.pruned-backups@<run>`       | `finish_removals` of a start or `rm` |
|        | in the second case its backups, but pinned ones, |                                      |
|        | are removed too                                  |                                      |

Refused: the current run, one whose trainer runs, and one that another run was forked from, unless
that is removed too. Pinned backups are kept: each has what a restore needs.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from daemon.backup.catalog import scan
from daemon.backup.retention.prune import remove_unpinned, unpinned
from daemon.base.failpoint import failpoint
from daemon.base.files import fsync_path
from daemon.base.leftovers import PRUNED, half_removed
from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.creation import remove_unfinished_runs
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import all_runs, current_run
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.disk import disk_use, size_of
from landerctl.operations.runs.edits import changing_runs
from landerctl.operations.runs.in_use import holding_lease
from landerctl.operations.runs.summary import DiskUse

_WITH_BACKUPS = "backups@"  # no run's id has this character


class PlannedRemoval(msgspec.Struct, frozen=True):
    """What would be removed with a run, and what stays."""

    run_id: str
    name: str
    disk: DiskUse
    backups_removed: int
    backups_kept: int  # the pinned among them too
    pinned: int

    @property
    def bytes_removed(self) -> int:
        """At least: backups not counted."""
        return self.disk.total - self.disk.backups


class Removed(msgspec.Struct, frozen=True):
    """A run whose removal is complete. `bytes`: of its folder."""

    run_id: str
    name: str
    bytes: int
    backups: int  # removed with it


def plan_removal(
    paths: StatePaths, runs: Sequence[RunPaths], directory: Path, *, with_backups: bool
) -> list[PlannedRemoval]:
    """What a removal of these runs would do, in its order: forks before what they come from.

    `directory`: of the backups. Raises Failure, OSError.
    """
    _refuse(paths, runs)
    planned = []
    for run in _forks_first(runs):
        backups = scan(directory, run.id)
        free = len(unpinned(backups))
        removed = free if with_backups else 0
        planned.append(
            PlannedRemoval(
                run.id,
                read_metadata(run).name,
                disk_use(run, directory),
                backups_removed=removed,
                backups_kept=len(backups.whole) - removed,
                pinned=len(backups.whole) - free,
            )
        )
    return planned


def remove_run(paths: StatePaths, run: RunPaths, directory: Path, *, with_backups: bool) -> Removed:
    """Remove a run, whole or not at all. Raises Failure."""
    with changing_runs(paths), holding_lease(run):
        _refuse(paths, [run])
        failpoint("remove.begun")
        mark = _WITH_BACKUPS if with_backups else ""
        hidden = run.folder.with_name(f"{PRUNED}{mark}{run.id}")
        run.folder.rename(hidden)
        fsync_path(paths.runs)
        try:
            failpoint("remove.hidden")
            return _finish(paths, hidden, directory)
        except OSError as error:
            raise Failure(
                f"{run.id}: is removed, but not all of its files: "
                f"{error.filename or hidden}: {error.strerror or error}; "
                "`landerctl runs rm` removes the rest",
                Exit.CANNOT_WRITE,
            ) from None


def finish_removals(paths: StatePaths, directory: Path) -> list[Removed]:
    """Finish the removals and remove the creations that were killed. Raises Failure."""
    if not paths.runs.is_dir():
        return []
    with changing_runs(paths):
        remove_unfinished_runs(paths)
        return [_finish(paths, hidden, directory) for hidden in half_removed(paths.runs)]


def _refuse(paths: StatePaths, runs: Sequence[RunPaths]) -> None:
    current = current_run(paths)
    ids = {run.id for run in runs}
    if current is not None and current.id in ids:
        raise Failure(
            f"{current.id}: is the current run; make another one current first "
            "(`landerctl runs switch RUN`); nothing was removed"
        )
    for run in all_runs(paths):
        metadata = read_metadata(run)
        if metadata.parent is not None and metadata.parent.run_id in ids and run.id not in ids:
            raise Failure(
                f"{metadata.parent.run_id}: run {metadata.name} ({run.id}) was forked from it; "
                "remove that first, or both; nothing was removed"
            )


def _forks_first(runs: Sequence[RunPaths]) -> list[RunPaths]:
    parents = {run.id: read_metadata(run).parent for run in runs}

    def generation(run_id: str) -> int:
        found, at, seen = 0, run_id, {run_id}
        while (parent := parents.get(at)) is not None and parent.run_id not in seen:
            found, at = found + 1, parent.run_id
            seen.add(at)
        return found

    return sorted(runs, key=lambda run: -generation(run.id))


def _finish(paths: StatePaths, hidden: Path, directory: Path) -> Removed:
    """Delete a removed run's files. Raises OSError; then the next removal or start goes on."""
    named = hidden.name.removeprefix(PRUNED)
    run_id = named.removeprefix(_WITH_BACKUPS)
    name, size_bytes = read_metadata(RunPaths(hidden)).name, size_of(hidden)
    backups = remove_unpinned(directory, run_id, time.time()) if named != run_id else []
    failpoint("remove.backups")
    _delete(hidden)
    fsync_path(paths.runs)
    failpoint("remove.removed")
    return Removed(run_id, name, size_bytes, len(backups))


def _delete(hidden: Path) -> None:
    """Remove a folder; its name and origin last, so that a second try can say what it removes."""
    for path in hidden.iterdir():
        if path.name == RunPaths(hidden).metadata.name:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(hidden)


def remove_backups_of(paths: StatePaths, run_id: str, directory: Path) -> Removed:
    """Remove the unpinned backups of a run that is not there any more. Raises Failure."""
    with changing_runs(paths):
        backups = remove_unpinned(directory, run_id, time.time())
    if not backups:
        raise Failure(f"{run_id}: no backup that is not pinned", Exit.NOT_FOUND)
    return Removed(run_id, "", 0, len(backups))
