"""Everything that is known of one run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from daemon.backup.catalog import scan
from daemon.backup.retention.prune import unpinned
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.best import best_of
from daemon.checkpoint.catalog import Listing, list_checkpoints
from daemon.checkpoint.measured import read_warm_start_steps
from daemon.config import ConfigError, load_config
from daemon.config.differing import differing
from daemon.runs.curves import Passed, read_curves
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.metadata import Parent, RunMetadata, read_metadata
from daemon.runs.run_folder import all_runs, current_run, read_run_config
from daemon.store.reader import StoreError, StoreReader
from daemon.store.samples import spans_of
from landerctl.operations.runs.disk import disk_use
from landerctl.operations.runs.lineage import Fork, ancestors, forks_of
from landerctl.operations.runs.summary import RunSummary, summarize_run


class Ancestor(msgspec.Struct, frozen=True):
    """A state that a run descends from. `name` None: its run was removed."""

    run_id: str
    name: str | None
    state: str
    timesteps: int


class RunDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A run, where it comes from, what it was given, what it reached and what it uses."""

    run: RunSummary  # with `disk`
    folder: str
    origin: list[Ancestor]  # its parent, then that one's
    forks: tuple[Fork, ...]
    # Settings that are not the defaults, ``0.1 instead of 0.2``; None: they cannot be read.
    differing: dict[str, str] | None
    warm_start_steps: int  # flown to clone the pilot into its newest model; 0: from scratch
    gates: list[Passed]
    best: str | None  # id of its best checkpoint
    checkpoints: int
    damaged: int  # of its checkpoints
    backups: int
    pinned: int
    evaluations: list[EvaluationResult]  # ascending in time
    notes: list[str]
    sessions: list[float]  # Unix times at which a daemon began to serve it, as far as recorded


def details_of(paths: StatePaths, run: RunPaths, backups: Path) -> RunDetails:
    """Read a run; `backups`: the folder of all backups. Raises OSError."""
    known = {one.id: read_metadata(one) for one in all_runs(paths)}
    checkpoints = list_checkpoints(run.checkpoints)
    summary = summarize_run(run, current=run == current_run(paths))
    copies = scan(backups, run.id)
    best = best_of(checkpoints.whole)
    return RunDetails(
        run=msgspec.structs.replace(summary, disk=disk_use(run, backups)),
        folder=str(run.folder),
        origin=[_ancestor(parent, known) for parent in ancestors(run.id, known)],
        forks=forks_of(run.id, known),
        differing=_differing(run),
        warm_start_steps=_warm_start_steps(run, summary),
        gates=_gates(run, checkpoints),
        best=best.id if best else None,
        checkpoints=len(checkpoints.whole),
        damaged=len(checkpoints.damaged),
        backups=len(copies.whole),
        pinned=len(copies.whole) - len(unpinned(copies)),
        evaluations=[one.result for one in list_evaluations(run.evaluations).whole],
        notes=_notes(run),
        sessions=_sessions(paths, run.id),
    )


def _ancestor(parent: Parent, known: dict[str, RunMetadata]) -> Ancestor:
    of = known.get(parent.run_id)
    return Ancestor(parent.run_id, of.name if of else None, parent.state, parent.timesteps)


def _differing(run: RunPaths) -> dict[str, str] | None:
    try:
        return differing(read_run_config(run), load_config(None).config)
    except ConfigError:
        return None


def _warm_start_steps(run: RunPaths, summary: RunSummary) -> int:
    """By its newest checkpoint, of any run that was not begun from scratch."""
    if summary.newest is None or summary.settings is None or summary.settings.warm_start == "none":
        return 0
    try:
        return read_warm_start_steps(run.checkpoints / summary.newest.id)
    except (OSError, ValueError):
        return 0  # damaged: the list of checkpoints says so


def _gates(run: RunPaths, checkpoints: Listing) -> list[Passed]:
    """From its curves; of a run of an earlier version from its checkpoints of gates."""
    curves = read_curves(run)
    if curves is not None and curves.gates:
        return list(curves.kept().gates)
    return [
        Passed(one.created_s, one.stage, one.timesteps, float("nan"))
        for one in checkpoints.whole
        if one.kind == "gate"
    ]


def _notes(run: RunPaths) -> list[str]:
    """The free notes of notes.md, as `landerctl note` writes them."""
    try:
        content = run.notes.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line.removeprefix("- ") for line in content.splitlines() if line.startswith("- ")]


def _sessions(paths: StatePaths, run_id: str) -> list[float]:
    try:
        with StoreReader.open(paths.store) as store:
            return [began_s for began_s, _ in spans_of(store.sessions(), run_id)]
    except StoreError:
        return []
