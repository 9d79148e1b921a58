"""Choosing a state, over invented manifests."""

from __future__ import annotations

import pytest

from daemon.backup.record import Tag
from daemon.backup.restoring.restorable import Restorable
from daemon.checkpoint.manifest import checkpoint_id
from daemon.rollback.selection.choose import Choice, choose, lineage
from daemon.rollback.selection.target import (
    Best,
    ById,
    LastGood,
    OlderThan,
    Target,
    TargetError,
    parse_target,
)
from tests.daemon.checkpoint.manifest_sample import manifest

NOW_S = 10_000.0


def state(
    sequence: int,
    success_rate: float | None,
    *,
    stage: int = 1,
    ramp_step: int = 1,
    episodes: int = 100,
    reward_mean: float | None = 100.0,
    created_s: float | None = None,
    restored_from: str | None = None,
    accepted: bool = True,
) -> Restorable:
    timesteps = sequence * 1000
    saved = manifest(
        sequence,
        id=checkpoint_id(sequence, timesteps, "interval"),
        created_s=float(sequence) if created_s is None else created_s,
        timesteps=timesteps,
        stage=stage,
        ramp_step=ramp_step,
        episodes=episodes,
        success_rate=success_rate,
        reward_mean=reward_mean,
        restored_from=restored_from,
    )
    return Restorable(saved, accepted, None, Tag(), imported=not accepted, accepted=accepted)


def chosen(target: Target, states: list[Restorable], **more: object) -> list[int]:
    choice = choose(target, states, now_s=NOW_S, tolerance=0.15, **more)  # type: ignore[arg-type]
    return [one.manifest.sequence for one in choice.candidates]


def skipped(choice: Choice) -> dict[int, str]:
    return {int(one.id[:6]): one.reason for one in choice.skipped}


def test_last_good_skips_bad_states_with_reasons() -> None:
    states = [state(1, 0.5), state(2, 0.8), state(3, 0.7), state(4, 0.3), state(5, 0.9, episodes=9)]
    assert chosen(LastGood(), states) == [3, 2]
    choice = choose(LastGood(), states, now_s=NOW_S, tolerance=0.15)
    assert skipped(choice) == {
        5: "only 9 episodes flown at its difficulty",
        4: "success 30%, at the same difficulty it was 80%",
    }
    assert chosen(LastGood(), states, without={states[2].id}) == [2]


@pytest.mark.parametrize("target", [LastGood(), LastGood(1), Best(), OlderThan(1.0)])
def test_an_imported_state_is_chosen_by_its_id_only(target: Target) -> None:
    """It is the newest and claims to be the best; neither makes another one look bad."""
    states = [state(1, 0.5), state(2, 0.7), state(9, 1.0, accepted=False)]
    assert 9 not in chosen(target, states) and chosen(target, states)[0] == 2
    choice = choose(target, states, now_s=NOW_S, tolerance=0.15)
    assert "imported" in skipped(choice)[9]
    assert chosen(ById(states[2].id), states) == [9]


def test_difficulties_are_not_comparable() -> None:
    """The first steps of a ramp are easy: a lower success rate later is not a regression."""
    states = [
        state(1, 0.9, stage=2, ramp_step=1),
        state(2, 0.5, stage=2, ramp_step=4),
        state(3, 0.6, stage=3, ramp_step=1),
    ]
    assert chosen(LastGood(), states) == [3, 2, 1]
    assert chosen(LastGood(2), states) == [2, 1]
    assert chosen(LastGood(5), states) == []


def test_few_episodes_do_not_count() -> None:
    assert chosen(LastGood(), [state(1, 1.0, episodes=3), state(2, 0.6)]) == [2]


def test_best_is_the_farthest_stage_then_the_success_rate() -> None:
    states = [
        state(1, 0.99, stage=1),
        state(2, 0.6, stage=2, reward_mean=1.0),
        state(3, 0.6, stage=2, reward_mean=2.0),
        state(4, 0.6, stage=2, reward_mean=2.0),
        state(5, None, stage=3),
    ]
    assert chosen(Best(), states)[:3] == [4, 3, 2]


def test_a_mean_reward_of_zero_ranks_above_a_missing_one() -> None:
    states = [
        state(1, 0.6, reward_mean=0.0),
        state(2, 0.6, reward_mean=-5.0),
        state(3, 0.6, reward_mean=None),
    ]
    assert chosen(Best(), states) == [1, 2, 3]


def test_discarded_states_come_last() -> None:
    first = [state(1, 0.5), state(2, 0.6), state(3, 0.7)]
    states = [*first, state(4, 0.6, restored_from=first[0].id), state(5, 0.6)]
    assert lineage(states) == {states[0].id, states[3].id, states[4].id}
    assert chosen(LastGood(), states) == [5, 4, 3, 2]
    # The state rolled back to is pruned: nothing older is known to be an ancestor.
    assert lineage(states[1:]) == {states[3].id, states[4].id}


def test_before_selects_the_newest_of_at_least_that_age() -> None:
    states = [
        state(1, None, created_s=NOW_S - 9000.0),
        state(2, None, created_s=NOW_S - 7200.0),
        state(3, None, created_s=NOW_S - 60.0),
        state(4, None, created_s=NOW_S + 60.0),
    ]
    assert chosen(OlderThan(7200.0), states) == [2, 1]
    assert chosen(ById(states[2].id), states) == [3]
    assert chosen(ById("000009-1-gate"), states) == []


def test_targets_are_parsed() -> None:
    assert parse_target("last-good") == LastGood()
    assert parse_target("stage:3") == LastGood(3)
    assert parse_target(" best ") == Best()
    assert parse_target("before:2h") == OlderThan(7200.0)
    assert parse_target("before:90min") == parse_target("before:1.5h") == OlderThan(5400.0)
    assert parse_target("000012-1-gate") == ById("000012-1-gate")


@pytest.mark.parametrize("text", ["", "stage:0", "stage:x", "before:", "before:2", "before:-2h"])
def test_invalid_targets_are_refused(text: str) -> None:
    with pytest.raises(TargetError, match="last-good"):
        parse_target(text)
