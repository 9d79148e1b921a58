"""Which checkpoints of a run are kept, and why; and removing the others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.base.files import fsync_path, remove_flat_folder, remove_half_removed
from daemon.base.leftovers import PRUNED
from daemon.checkpoint.best import best_first, unfit_as_best
from daemon.checkpoint.manifest import Manifest


@dataclass(frozen=True)
class Decision:
    """Whether one checkpoint is kept, and why."""

    checkpoint: Manifest
    keep: bool
    reason: str


def decide(checkpoints: Sequence[Manifest], keep: int) -> list[Decision]:
    """Decide on a run's checkpoints, in ascending sequence.

    Kept: the newest `keep` interval checkpoints; the best one (daemon/checkpoint/best.py) and the
    newest of kind best, which a rollback may have discarded; of each stage the one with the highest
    mean reward (those of different stages are not comparable); every other kind.
    """
    ordered = sorted(checkpoints, key=lambda checkpoint: checkpoint.sequence)
    intervals = [checkpoint for checkpoint in ordered if checkpoint.kind == "interval"]
    newest = {checkpoint.id for checkpoint in intervals[max(0, len(intervals) - keep) :]}
    highest = _highest_reward_of_each_stage(ordered)
    best = next(iter(best_first(ordered)), None)
    superseded = {checkpoint.id for checkpoint in ordered if checkpoint.kind == "best"}
    superseded -= {max(superseded, default="")}  # ids sort by sequence
    decisions = []
    for checkpoint in ordered:
        if checkpoint is best and unfit_as_best(checkpoint) is None:
            decision = Decision(checkpoint, True, "the best")
        elif checkpoint.kind != "interval" and checkpoint.id not in superseded:
            decision = Decision(checkpoint, True, f"kind {checkpoint.kind} is always kept")
        elif checkpoint.id in newest:
            decision = Decision(checkpoint, True, f"among the newest {keep} interval checkpoints")
        elif highest.get(checkpoint.stage) == checkpoint.id:
            text = f"highest mean reward of stage {checkpoint.stage}"
            decision = Decision(checkpoint, True, text)
        elif checkpoint.id in superseded:
            decision = Decision(checkpoint, False, "superseded by a better one")
        else:
            decision = Decision(checkpoint, False, f"older than the newest {keep}, not the best")
        decisions.append(decision)
    return decisions


def prune(folder: Path, decisions: Iterable[Decision]) -> list[str]:
    """Remove the checkpoints that are not kept; returns their ids. Raises OSError.

    Each is renamed to a hidden name first, so none is ever visible half-removed.
    """
    remove_half_removed(folder)
    unwanted = [decision.checkpoint.id for decision in decisions if not decision.keep]
    return [id_ for id_ in unwanted if discard(folder / id_)]


def discard(checkpoint: Path) -> bool:
    """Remove one checkpoint's folder; False if it does not exist. Raises OSError."""
    hidden = checkpoint.with_name(PRUNED + checkpoint.name)
    try:
        checkpoint.rename(hidden)
    except FileNotFoundError:
        return False
    fsync_path(checkpoint.parent)
    remove_flat_folder(hidden)
    return True


def _highest_reward_of_each_stage(ordered: Sequence[Manifest]) -> dict[int, str]:
    found: dict[int, tuple[float, str]] = {}
    for checkpoint in ordered:
        reward = checkpoint.reward_mean
        if reward is None or math.isnan(reward):
            continue
        if checkpoint.stage not in found or reward >= found[checkpoint.stage][0]:
            found[checkpoint.stage] = (reward, checkpoint.id)
    return {stage: id_ for stage, (_, id_) in found.items()}
