"""Which checkpoints retention keeps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest
from daemon.checkpoint.retention import decide, discard, prune
from daemon.config.schema import CheckpointKind
from tests.daemon.checkpoint.manifest_sample import manifest
from tests.daemon.harness import save_checkpoint

KINDS: tuple[CheckpointKind, ...] = get_args(CheckpointKind)


checkpoints = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(1, 3),
        st.none() | st.floats(-1e3, 1e3) | st.just(math.nan),
    ),
    max_size=40,
).map(
    lambda rows: [
        manifest(number, kind, stage=stage, reward_mean=reward)
        for number, (kind, stage, reward) in enumerate(rows, start=1)
    ]
)


@given(checkpoints, st.integers(1, 10))
def test_protected_checkpoints_are_kept(given_: list[Manifest], keep: int) -> None:
    decisions = decide(given_, keep)
    assert [decision.checkpoint for decision in decisions] == given_
    assert all(decision.reason for decision in decisions)
    kept = [decision.checkpoint for decision in decisions if decision.keep]
    removed = [decision.checkpoint for decision in decisions if not decision.keep]
    intervals = [checkpoint for checkpoint in given_ if checkpoint.kind == "interval"]
    assert all(checkpoint in kept for checkpoint in intervals[-keep:])
    assert all(checkpoint.kind in {"interval", "best"} for checkpoint in removed)
    bests = [checkpoint for checkpoint in given_ if checkpoint.kind == "best"]
    assert all(checkpoint in kept for checkpoint in bests[-1:])
    for stage in (1, 2, 3):
        rewards = [
            checkpoint.reward_mean
            for checkpoint in given_
            if checkpoint.stage == stage
            and checkpoint.reward_mean is not None
            and not math.isnan(checkpoint.reward_mean)
        ]
        if rewards:
            assert any(c.stage == stage and c.reward_mean == max(rewards) for c in kept)
    # Bounded: the newest of each kind, the best, and the highest reward of each stage.
    assert len([c for c in kept if c.kind in {"interval", "best"}]) <= keep + 2 + 3


@given(checkpoints, st.integers(1, 10))
def test_deciding_again_changes_nothing(given_: list[Manifest], keep: int) -> None:
    kept = [decision.checkpoint for decision in decide(given_, keep) if decision.keep]
    assert all(decision.keep for decision in decide(kept, keep))


def test_reasons() -> None:
    rows = [
        manifest(1, "interval", reward_mean=5.0),
        manifest(2, "interval", reward_mean=9.0),
        manifest(3, "gate"),
        manifest(4, "interval", stage=2),
        manifest(5, "best", stage=2),
        manifest(6, "best", stage=2),
    ]
    reasons = [decision.reason for decision in decide(rows, 1)]
    assert reasons == [
        "older than the newest 1, not the best",
        "highest mean reward of stage 1",
        "kind gate is always kept",
        "among the newest 1 interval checkpoints",
        "superseded by a better one",
        "the best",
    ]


def test_prune_removes_what_was_decided(run: RunPaths) -> None:
    ids = [save_checkpoint(run, timesteps=number).id for number in range(5)]
    decisions = decide(list_checkpoints(run.checkpoints).whole, 2)
    assert prune(run.checkpoints, decisions) == ids[:3]
    assert [entry.name for entry in sorted(run.checkpoints.iterdir())] == ids[3:]
    assert prune(run.checkpoints, decisions) == []


def test_an_interrupted_removal_is_finished_later(run: RunPaths) -> None:
    ids = [save_checkpoint(run).id for _ in range(2)]
    (run.checkpoints / ids[0]).rename(run.checkpoints / f".pruned-{ids[0]}")
    listing = list_checkpoints(run.checkpoints)
    assert [one.id for one in listing.whole] == [ids[1]] and listing.damaged == []
    prune(run.checkpoints, decide(listing.whole, 5))
    assert [entry.name for entry in run.checkpoints.iterdir()] == [ids[1]]


def test_a_checkpoint_that_cannot_be_deleted_is_hidden(run: RunPaths) -> None:
    one = run.checkpoints / save_checkpoint(run).id
    (one / "folder").mkdir()
    with pytest.raises(OSError):
        discard(one)
    assert not Path(one).exists()
    listing = list_checkpoints(run.checkpoints)
    assert (listing.whole, listing.damaged) == ([], [])
