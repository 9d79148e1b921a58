"""A fork's past: checkpoints that its parents had before it was forked from them."""

from __future__ import annotations

import math
from pathlib import Path

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, sequence_of, verify
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import find_run


def newest_gate(run: RunPaths, stage: int) -> Path | None:
    """The folder of the newest whole gate checkpoint of a stage; None if there is none.

    Of the run, or else of the runs that it was forked from, as of the state forked; no further back
    than where the model began anew. Raises OSError.
    """
    last = math.inf  # sequence
    seen = set[str]()
    older: RunPaths | None = run
    while older is not None and older.id not in seen:
        run = older
        seen.add(run.id)
        for manifest in reversed(list_checkpoints(run.checkpoints).whole):
            if (manifest.kind, manifest.stage) != ("gate", stage) or manifest.sequence > last:
                continue
            try:
                verify(run.checkpoints / manifest.id)
            except DamagedCheckpointError:
                continue
            return run.checkpoints / manifest.id
        parent = read_metadata(run).parent
        if parent is None or "model" in parent.anew:
            return None
        older = find_run(StatePaths(run.folder.parents[1]), parent.run_id)
        last = sequence_of(parent.state)
    return None
