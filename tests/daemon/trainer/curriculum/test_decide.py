"""The curriculum's decisions with their reasons, and the validation of a record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.config.demo import shortened
from daemon.trainer.curriculum.decide import Call, decide, stage_progress
from daemon.trainer.curriculum.record import (
    StageRecord,
    check_record,
    first_record,
    mark_passed,
    next_attempt,
    next_ramp_step,
    next_stage,
    previous_stage,
    restarted,
)
from daemon.trainer.curriculum.training_plan import make_training_plan

CONFIG = load_config(None).config
CURRICULUM = CONFIG.curriculum
STAGES = CURRICULUM.stages
MASTERY = 0.8
FIRST = msgspec.structs.replace(STAGES[0], mastery_success_rate=MASTERY)
SECOND = STAGES[1]
MANY = 10 * CURRICULUM.min_episodes


def record(
    episodes: int, success_rate: float, reward: float = 1500.0, **changes: Any
) -> StageRecord:
    window = min(episodes, CURRICULUM.window_episodes)
    successes = [k < round(success_rate * window) for k in range(window)]
    flown = first_record(STAGES)
    return msgspec.structs.replace(
        flown, episodes=episodes, successes=successes, rewards=[reward] * window, **changes
    )


def test_the_gates_match_the_checklist() -> None:
    gates = [(s.gate_success_rate, s.gate_mean_reward) for s in STAGES]
    assert gates == [(0.4, 400), (0.5, 600), (0.55, 700), (0.6, 800), (0.65, 900)]
    assert CURRICULUM.window_episodes == 100


@pytest.mark.parametrize(
    ("episodes", "success", "reward", "call"),
    [
        (0, 0.0, 0.0, Call.TRAIN_ON),
        (CURRICULUM.min_episodes - 1, 1.0, 1500.0, Call.TRAIN_ON),
        (CURRICULUM.min_episodes, 0.40, 400.0, Call.CONFIRM),
        (CURRICULUM.min_episodes, 0.39, 400.0, Call.TRAIN_ON),
        (CURRICULUM.min_episodes, 0.40, 399.9, Call.TRAIN_ON),
        (100_000, 1.0, 1500.0, Call.CONFIRM),
    ],
)
def test_a_gate_needs_episodes_success_and_reward(
    episodes: int, success: float, reward: float, call: Call
) -> None:
    decision = decide(record(episodes, success, reward), FIRST, CURRICULUM, 0)
    assert decision.call is call
    assert decision.reason


@pytest.mark.parametrize(
    ("episodes", "success", "call"),
    [
        (CURRICULUM.window_episodes - 1, 1.0, Call.TRAIN_ON),
        (CURRICULUM.window_episodes, CURRICULUM.ramp_success_rate, Call.HARDEN),
        (CURRICULUM.window_episodes, CURRICULUM.ramp_success_rate - 0.01, Call.TRAIN_ON),
    ],
)
def test_success_advances_the_ramp(episodes: int, success: float, call: Call) -> None:
    flown = record(episodes, success, stage=2, ramp_step=1)
    assert decide(flown, SECOND, CURRICULUM, 0).call is call
    steeper = next_ramp_step(flown)
    assert (steeper.ramp_step, steeper.episodes, steeper.successes) == (2, 0, [])


def test_an_unconfirmed_gate_is_retried_only_after_more_episodes() -> None:
    flown = record(MANY, 1.0, retry_after_episodes=MANY + 1)
    assert decide(flown, FIRST, CURRICULUM, 0).call is Call.TRAIN_ON
    flown.add(True, 1500.0, CURRICULUM.window_episodes)
    assert decide(flown, FIRST, CURRICULUM, 0).call is Call.CONFIRM


@pytest.mark.parametrize(
    ("success", "stage_timesteps", "call"),
    [
        (MASTERY, 1, Call.ADVANCE),
        (MASTERY - 0.01, 1, Call.TRAIN_ON),
        (FIRST.gate_success_rate, FIRST.mastery_timesteps - 1, Call.TRAIN_ON),
        (FIRST.gate_success_rate, FIRST.mastery_timesteps, Call.ADVANCE),
        (FIRST.gate_success_rate - 0.01, FIRST.mastery_timesteps, Call.TRAIN_ON),
    ],
)
def test_after_the_gate_a_stage_continues_to_mastery_or_its_limit(
    success: float, stage_timesteps: int, call: Call
) -> None:
    flown = record(MANY, success, gate_passed=True, started_timesteps=5_000)
    assert decide(flown, FIRST, CURRICULUM, 5_000 + stage_timesteps).call is call


def test_a_stage_without_mastery_success_rate_ends_at_its_limit() -> None:
    polished = msgspec.structs.replace(FIRST, mastery_success_rate=None)
    flown = record(MANY, 1.0, gate_passed=True)
    before, after = polished.mastery_timesteps - 1, polished.mastery_timesteps
    assert decide(flown, polished, CURRICULUM, before).call is Call.TRAIN_ON
    assert decide(flown, polished, CURRICULUM, after).call is Call.ADVANCE


@pytest.mark.parametrize(
    ("stage", "attempt", "call"),
    [
        (2, 1, Call.RETRY),
        (2, CURRICULUM.attempts, Call.REGRESS),
        (1, CURRICULUM.attempts, Call.RETRY),  # there is no previous stage
    ],
)
def test_failed_attempts_retry_or_regress(stage: int, attempt: int, call: Call) -> None:
    flown = record(MANY, 0.0, stage=stage, attempt=attempt, attempt_timesteps=1_000)
    limit = 1_000 + CURRICULUM.attempt_timesteps
    assert decide(flown, STAGES[stage - 1], CURRICULUM, limit - 1).call is Call.TRAIN_ON
    assert decide(flown, STAGES[stage - 1], CURRICULUM, limit).call is call


def test_regressing_and_advancing_again() -> None:
    failed = record(MANY, 0.1, stage=3, ramp_step=2, attempt=2)
    again = next_attempt(failed, 7_000)
    assert (again.stage, again.ramp_step, again.attempt, again.attempt_timesteps) == (3, 1, 3, 7000)
    back = previous_stage(failed, STAGES, 9_000, 60.0)
    assert (back.stage, back.ramp_step, back.regressions) == (2, SECOND.ramp_steps, 1)
    assert not back.gate_passed
    on = next_stage(back, 9_500, 61.0)
    assert (on.stage, on.ramp_step, on.regressions, on.attempt) == (3, 1, 1, 1)
    for left in (again, back, on):
        check_record(left, STAGES, CURRICULUM, 10_000)


def test_regressions_count_until_the_failed_stage_is_passed() -> None:
    stage_2, stage_3 = record(MANY, 0.9, stage=2), record(MANY, 0.1, stage=3)
    for count in (1, 2, 3):
        stage_2 = mark_passed(previous_stage(stage_3, STAGES, 9_000, 60.0))
        assert (stage_2.gate_passed, stage_2.regressions) == (True, count)
        stage_3 = next_stage(stage_2, 9_500, 61.0)
    # A further return to stage 1 counts as well; only stage 3's own gate resets the count.
    stage_1 = previous_stage(stage_2, STAGES, 9_600, 62.0)
    assert mark_passed(next_stage(mark_passed(stage_1), 9_700, 63.0)).regressions == 4
    assert mark_passed(stage_3).regressions == 0
    check_record(stage_3, STAGES, CURRICULUM, 10_000)


def test_progress_grows_along_the_ramp_to_the_gate() -> None:
    steps = [
        stage_progress(record(100, success, stage=2, ramp_step=step), SECOND, CURRICULUM)
        for step in range(1, SECOND.ramp_steps + 1)
        for success in (0.0, 0.4)
    ]
    assert steps == sorted(steps)
    assert steps[0] == 0.0
    assert stage_progress(record(100, 0.1, gate_passed=True), FIRST, CURRICULUM) == 1.0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"stage": 0}, "stage"),
        ({"stage": len(STAGES) + 1}, "stage"),
        ({"ramp_step": FIRST.ramp_steps + 1}, "ramp_step"),
        ({"started_timesteps": 1_001}, "started_timesteps"),
        ({"attempt_timesteps": -1}, "attempt_timesteps"),
        ({"started_wall_s": float("nan")}, "started_wall_s"),
        ({"attempt": 0}, "attempt"),
        ({"regressions": -1}, "regressions"),
        ({"regressed_from": len(STAGES) + 1}, "regressed_from"),
        ({"successes": [True]}, "successes"),
        ({"rewards": []}, "rewards"),
        ({"rewards": [float("inf")] * CURRICULUM.window_episodes}, "rewards"),
        ({"stage": 2, "ramp_step": 1, "gate_passed": True}, "gate_passed"),
    ],
)
def test_an_impossible_record_is_refused_by_field(changes: dict[str, Any], named: str) -> None:
    good = record(MANY, 0.5)
    check_record(good, STAGES, CURRICULUM, 1_000)
    with pytest.raises(ValueError, match=rf"curriculum\.{named} = "):
        check_record(msgspec.structs.replace(good, **changes), STAGES, CURRICULUM, 1_000)


def test_a_restart_is_at_the_first_step_of_the_ramp_which_the_first_stage_does_not_have() -> None:
    stages = [msgspec.structs.replace(stage, ramp_steps=4) for stage in STAGES]
    first = first_record(stages)
    assert (first.ramp_step, restarted(first).ramp_step) == (4, 4)
    assert restarted(first_record(stages, 2)).ramp_step == 1


@given(st.lists(st.tuples(st.booleans(), st.floats(-1e4, 1e4)), max_size=250), st.integers(1, 120))
def test_the_window_holds_the_newest_episodes_and_round_trips(
    episodes: list[tuple[bool, float]], window: int
) -> None:
    flown = next_stage(first_record(STAGES), 10, 1.0)
    for success, reward in episodes:
        flown.add(success, reward, window)
    newest = episodes[-window:]
    assert flown.episodes == flown.stage_episodes == len(episodes)
    assert flown.successes == [success for success, _ in newest]
    assert flown.rewards == [reward for _, reward in newest]
    assert msgspec.json.decode(msgspec.json.encode(flown), type=StageRecord) == flown


def test_training_plans_of_the_three_modes() -> None:
    def plan(mode: str, stage: int = 1) -> tuple[list[str], int, bool, int]:
        config = load_config(None, {"run": {"mode": mode, "stage": stage}}).config
        made = make_training_plan(shortened(config))
        return [s.name for s in made.stages], made.first, made.gated, made.timesteps

    names = [s.name for s in CURRICULUM.stages]
    assert plan("curriculum") == (names, 1, True, CONFIG.run.timesteps)
    assert plan("standard", 3) == (names, 3, False, CONFIG.run.timesteps)
    assert plan("demo")[0] == names[:2]
    assert plan("demo")[3] < CONFIG.run.timesteps
