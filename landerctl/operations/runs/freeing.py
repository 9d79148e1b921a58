"""Freeing the working checkpoints of a run that is not trained any more."""

from __future__ import annotations

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.checkpoint.retention import decide, prune
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import all_runs
from landerctl.operations.runs.edits import changing_runs
from landerctl.operations.runs.in_use import holding_lease


def free_checkpoints(paths: StatePaths, run: RunPaths) -> list[Manifest]:
    """Remove the checkpoints that retention need not keep; returns them.

    Kept: the newest interval checkpoint, what `daemon.checkpoint.retention` always keeps, and each
    state that another run was forked from. Backups stay. Raises Failure.
    """
    with changing_runs(paths), holding_lease(run):
        needed = forked_states(paths, run.id)
        decisions = [
            one
            for one in decide(list_checkpoints(run.checkpoints).whole, keep=1)
            if not one.keep and one.checkpoint.id not in needed
        ]
        prune(run.checkpoints, decisions)
        return [one.checkpoint for one in decisions]


def forked_states(paths: StatePaths, run_id: str) -> set[str]:
    """Ids of the states of a run that others were forked from. Raises OSError."""
    parents = (read_metadata(run).parent for run in all_runs(paths))
    return {parent.state for parent in parents if parent is not None and parent.run_id == run_id}
