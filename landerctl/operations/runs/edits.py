"""Changing what people say of a run: its name, its tags, whether lists leave it out.

Each reads and writes under the lock of the runs, so that of two at a time neither is lost; a kill
leaves the old file or the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.lock import RunsBusyError, runs_lock
from daemon.runs.metadata import RunMetadata, read_metadata, write_metadata
from daemon.runs.run_folder import current_run
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.labels import check_name, check_tags


@contextmanager
def changing_runs(paths: StatePaths) -> Iterator[None]:
    """Hold the lock of the runs. Raises Failure, also for an OSError inside."""
    try:
        with runs_lock(paths):
            yield
    except RunsBusyError as error:
        raise Failure(f"{error}; nothing was changed", Exit.BUSY) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or paths.runs}: {error.strerror or error}; "
            "free space or check the disk",
            Exit.CANNOT_WRITE,
        ) from None


def rename_run(paths: StatePaths, run: RunPaths, name: str) -> str:
    """Give a run another name; returns the old one. Raises Failure."""
    with changing_runs(paths):
        check_name(paths, name, run)
        old = read_metadata(run).name
        _change(run, lambda _: {"name": name})
    return old


def tag_run(
    paths: StatePaths, run: RunPaths, add: Collection[str], remove: Collection[str]
) -> tuple[str, ...]:
    """Add and remove tags; returns those that it has now. Raises Failure."""
    check_tags(list(add))
    with changing_runs(paths):
        return _change(
            run, lambda now: {"tags": tuple(sorted({*now.tags, *add} - set(remove)))}
        ).tags


def archive_run(paths: StatePaths, run: RunPaths, now_s: float) -> bool:
    """Leave a run out of lists from now on; False if it is left out already. Raises Failure."""
    with changing_runs(paths):
        if run == current_run(paths):
            raise Failure(
                f"{run.id}: is the current run; make another one current first "
                "(`landerctl runs switch RUN`)"
            )
        if read_metadata(run).archived_s is not None:
            return False
        _change(run, lambda _: {"archived_s": now_s})
        return True


def unarchive_run(paths: StatePaths, run: RunPaths) -> bool:
    """Show a run in lists again; False if it is shown already. Raises Failure."""
    with changing_runs(paths):
        if read_metadata(run).archived_s is None:
            return False
        _change(run, lambda _: {"archived_s": None})
        return True


def _change(run: RunPaths, change: Callable[[RunMetadata], dict[str, Any]]) -> RunMetadata:
    """Replace fields of a run's metadata; the caller holds the lock. Raises OSError."""
    if not run.folder.is_dir():
        raise Failure(f"{run.id}: was removed meanwhile", Exit.NOT_FOUND)
    now = read_metadata(run)
    changed = msgspec.structs.replace(now, **change(now))
    if changed != now:
        write_metadata(run, changed)
    return changed
