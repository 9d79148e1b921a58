"""Gates as pure logic."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.config import load_config
from daemon.trainer.curriculum import Call, StageRecord, decide
from daemon.trainer.plan import make_plan

CONFIG = load_config(None).config
CURRICULUM = CONFIG.curriculum
STAGE = CURRICULUM.stages[0]


def record(episodes: int, success_rate: float, reward: float) -> StageRecord:
    window = min(episodes, CURRICULUM.window_episodes)
    successes = [k < round(success_rate * window) for k in range(window)]
    return StageRecord(1, 0, 0.0, episodes, successes, [reward] * window)


def test_the_gates_are_the_checklists() -> None:
    gates = [(s.gate_success_rate, s.gate_mean_reward) for s in CURRICULUM.stages]
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
    decision = decide(record(episodes, success, reward), STAGE, CURRICULUM, 0)
    assert decision.call is call
    assert decision.reason


def test_an_unconfirmed_gate_is_not_looked_at_again_at_once() -> None:
    flown = record(1000, 1.0, 1500.0)
    flown.retry_after_episodes = 1001
    assert decide(flown, STAGE, CURRICULUM, 0).call is Call.TRAIN_ON
    flown.add(True, 1500.0, CURRICULUM.window_episodes)
    assert decide(flown, STAGE, CURRICULUM, 0).call is Call.CONFIRM


@pytest.mark.parametrize(
    ("success", "stage_timesteps", "call"),
    [
        (CURRICULUM.mastery_success_rate, 1, Call.ADVANCE),
        (CURRICULUM.mastery_success_rate - 0.01, 1, Call.TRAIN_ON),
        (0.0, CURRICULUM.mastery_timesteps - 1, Call.TRAIN_ON),
        (0.0, CURRICULUM.mastery_timesteps, Call.ADVANCE),
    ],
)
def test_past_its_gate_a_stage_trains_on_to_mastery_or_its_limit(
    success: float, stage_timesteps: int, call: Call
) -> None:
    flown = record(1000, success, 1500.0)
    flown.gate_passed = True
    flown.started_timesteps = 5_000
    assert decide(flown, STAGE, CURRICULUM, 5_000 + stage_timesteps).call is call


@given(st.lists(st.tuples(st.booleans(), st.floats(-1e4, 1e4)), max_size=250), st.integers(1, 120))
def test_the_window_holds_the_newest_and_survives_json(
    episodes: list[tuple[bool, float]], window: int
) -> None:
    flown = StageRecord(2, 10, 1.0)
    for success, reward in episodes:
        flown.add(success, reward, window)
    newest = episodes[-window:]
    assert flown.episodes == len(episodes)
    assert flown.successes == [success for success, _ in newest]
    assert flown.rewards == [reward for _, reward in newest]
    assert msgspec.json.decode(msgspec.json.encode(flown), type=StageRecord) == flown


def test_plans_of_the_three_modes() -> None:
    def plan(mode: str, stage: int = 1) -> tuple[list[str], bool, int]:
        config = load_config(None, {"run": {"mode": mode, "stage": stage}}).config
        made = make_plan(config)
        return [s.name for s in made.stages], made.gated, made.timesteps

    names = [s.name for s in CURRICULUM.stages]
    assert plan("curriculum") == (names, True, CONFIG.run.timesteps)
    assert plan("standard", 3) == ([names[2]], False, CONFIG.run.timesteps)
    assert plan("demo")[0] == names[:2]
    assert plan("demo")[2] < CONFIG.run.timesteps
