"""What "the best" is, and that everything that names it takes the same state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from daemon.backup.retention.rules import decide as decide_backups
from daemon.base.paths import StatePaths
from daemon.checkpoint.best import best_first, lineage
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import Manifest, checkpoint_id
from daemon.checkpoint.retention import decide
from daemon.config import load_config
from daemon.config.schema import CheckpointKind
from daemon.rollback.selection.choose import choose
from daemon.rollback.selection.target import Best
from landerctl.cli.arguments.checkpoints import find_checkpoint
from landerctl.cli.shared.session import Session
from tests.daemon.backup.retention.test_rules import backup
from tests.daemon.checkpoint.manifest_sample import manifest
from tests.daemon.harness import save_checkpoint
from tests.daemon.rollback.selection.test_choose import NOW_S, state
from tests.landerctl.operator_side import make_run


def named(sequence: int, kind: CheckpointKind, **changes: Any) -> Manifest:
    return manifest(sequence, kind, id=checkpoint_id(sequence, 1000, kind), **changes)


def order(*states: Manifest) -> list[int]:
    return [one.sequence for one in best_first(states)]


def test_an_evaluation_outranks_training_and_the_newest_evaluation_wins() -> None:
    states = [
        named(1, "best", stage=1, success_rate=1.0),
        named(2, "best", stage=2, success_rate=0.3, episodes=3),
        named(3, "best", stage=2, success_rate=0.2),
        named(4, "interval", stage=2, success_rate=1.0),
        named(5, "stop", stage=3, success_rate=1.0),
    ]
    assert order(*states) == [3, 2, 1, 5, 4]


def test_before_the_first_evaluation_training_decides_and_not_the_age() -> None:
    states = [
        named(1, "interval", success_rate=0.8),
        named(2, "interval", success_rate=0.9),
        named(3, "stop", success_rate=0.9, reward_mean=1.0),
        named(4, "interval", success_rate=0.9),
        named(5, "stop", success_rate=1.0, episodes=10),
        named(6, "stop", success_rate=0.1),
    ]
    assert order(*states) == [3, 4, 2, 1, 6, 5]


def test_what_a_rollback_discarded_comes_last_until_it_is_undone() -> None:
    first, discarded = named(1, "best", stage=1), named(2, "best", stage=2)
    back = named(3, "rollback", restored_from=first.id)
    assert order(first, discarded, back) == [1, 3, 2]
    undone = named(4, "rollback", restored_from=discarded.id)
    assert order(first, discarded, back, undone) == [2, 1, 4, 3]


def test_ancestors_are_known_where_the_state_rolled_back_to_is_pruned() -> None:
    first, gone, between = named(1, "best"), named(2, "interval"), named(3, "best")
    back = named(4, "rollback", restored_from=gone.id)
    assert lineage([first, between, back]) == {first.id, back.id}


def test_evaluate_fly_rollback_and_pruning_take_the_same_state(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    save_checkpoint(run, kind="best", stage=1)
    best = save_checkpoint(run, kind="best", stage=2, success_rate=0.6, episodes=100)
    save_checkpoint(run, stage=2, success_rate=0.9, episodes=100, reward_mean=9.0)
    save_checkpoint(run, kind="stop", stage=2, success_rate=1.0, episodes=100)
    session = Session(StatePaths(tmp_path), ())
    assert find_checkpoint(session, run, "best") == run.checkpoints / best.id
    whole = list_checkpoints(run.checkpoints).whole
    restorables = [msgspec.structs.replace(one) for one in whole]
    assert [d.checkpoint.id for d in decide(restorables, 1) if d.reason == "the best"] == [best.id]
    copies = [backup(one.id, 400.0, one.run_id, one, 1) for one in whole]
    settings = load_config(None).config.backup
    kept = decide_backups(copies, {}, {}, now_s=1e9, settings=settings)
    assert [d.backup.id for d in kept if d.reason == "the run's best"] == [best.id]
    # A damaged one is skipped.
    (run.checkpoints / best.id / "model.zip").write_bytes(b"damaged")
    assert find_checkpoint(session, run, "best").name.endswith("-1000-best")


def test_a_rollback_to_best_takes_the_evaluated_state() -> None:
    evaluated = state(1, 0.5)
    one = msgspec.structs.replace(evaluated.manifest, kind="best", id="000001-1000-best")
    states = [type(evaluated)(one, True, None, evaluated.tag), state(2, 1.0)]
    choice = choose(Best(), states, now_s=NOW_S, tolerance=0.0)
    assert [found.id for found in choice.candidates] == [one.id, states[1].id]
