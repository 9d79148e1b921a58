"""Find and verify a state that a run can be rolled back to."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.restoring.find_state import State, UnknownIdError, find_state
from daemon.base.paths import RunPaths
from daemon.rollback.errors import UnusableStateError


def find_usable(run: RunPaths, backups: Path, id_: str, algorithm: str) -> State:
    """The state with this id, of this run and algorithm, every digest verified.

    Raises UnusableStateError, and DamagedCheckpointError where no copy is whole.
    """
    try:
        state = find_state(run, backups, id_)
    except UnknownIdError as error:
        raise UnusableStateError(str(error), "not-found") from None
    except OSError as error:
        raise UnusableStateError(str(error)) from None
    manifest = state.manifest
    if (manifest.run_id, manifest.algorithm) != (run.id, algorithm):
        raise UnusableStateError(
            f"{id_} was trained by {manifest.algorithm} in run {manifest.run_id}, this is "
            f"{algorithm} in run {run.id}"
        )
    return state
