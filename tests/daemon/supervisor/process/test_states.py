"""The trainer's states, and the rule after a crash."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.base.exitcodes import TrainerExit
from daemon.config import load_config
from daemon.config.schema import SupervisionSettings
from daemon.store.records import TrainerState
from daemon.supervisor.process.exits import describe_trainer_exit
from daemon.supervisor.process.restart import (
    CrashHistory,
    GiveUp,
    Restart,
    backoff_s,
    judge,
    note_crash,
)
from daemon.supervisor.process.states import (
    AT_REST,
    LEGAL,
    IllegalTransitionError,
    TrainerStateMachine,
)

SETTINGS = load_config(None).config.supervision
STATES: tuple[TrainerState, ...] = get_args(TrainerState)


def path_to(target: TrainerState) -> list[TrainerState]:
    """The shortest legal path from STOPPED."""
    paths: list[list[TrainerState]] = [["STOPPED"]]
    while paths[0][-1] != target:
        path = paths.pop(0)
        paths += [[*path, state] for state in LEGAL[path[-1]] if state not in path]
    return paths[0][1:]


def test_every_state_is_in_the_table_and_reachable() -> None:
    assert set(LEGAL) == set(STATES)
    for state in STATES:
        path_to(state)


def test_only_a_start_leaves_a_state_at_rest() -> None:
    assert all(LEGAL[state] == {"STARTING"} for state in AT_REST)


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_only_legal_transitions(old: TrainerState, new: TrainerState) -> None:
    machine = TrainerStateMachine()
    for state in path_to(old):
        machine.enter(state)
    if new in LEGAL[old]:
        machine.enter(new)
        assert machine.state == new
    else:
        with pytest.raises(IllegalTransitionError, match=f"{old} -> {new}"):
            machine.enter(new)
        assert machine.state == old


def test_waiting_catches_a_state_of_zero_duration() -> None:
    async def scenario() -> TrainerState:
        machine = TrainerStateMachine()
        machine.enter("STARTING")
        waiting = asyncio.create_task(machine.until({"RUNNING", "FATAL"}))
        await asyncio.sleep(0)
        machine.enter("RUNNING")
        machine.enter("BACKOFF")
        return await waiting

    assert asyncio.run(scenario()) == "RUNNING"


@given(st.integers(1, 5000))
def test_backoff_doubles_up_to_its_limit(consecutive: int) -> None:
    wait_s, next_s = backoff_s(consecutive, SETTINGS), backoff_s(consecutive + 1, SETTINGS)
    assert SETTINGS.backoff_initial_s <= wait_s <= SETTINGS.backoff_max_s
    assert next_s == min(2 * wait_s, SETTINGS.backoff_max_s)


def crash(
    history: CrashHistory,
    now_s: float,
    healthy_s: float = 0.0,
    settings: SupervisionSettings = SETTINGS,
) -> CrashHistory:
    return note_crash(history, now_s=now_s, healthy_s=healthy_s, settings=settings)


def test_the_third_crash_in_the_window_gives_up() -> None:
    history = crash(CrashHistory(), 0.0)
    assert judge(history, 70, SETTINGS) == Restart(1.0)
    history = crash(history, 100.0)
    assert judge(history, 70, SETTINGS) == Restart(2.0)
    history = crash(history, 24 * 3600.0 - 1.0)
    assert isinstance(judge(history, 70, SETTINGS), GiveUp)


def test_crashes_leave_the_window() -> None:
    history = CrashHistory()
    for day in range(20):
        history = crash(history, day * 13 * 3600.0, healthy_s=1e4)
        assert judge(history, -9, SETTINGS) == Restart(1.0)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30).map(sorted))
def test_giving_up_counts_crashes_in_the_window(times_s: list[float]) -> None:
    history = CrashHistory()
    for now_s in times_s:
        history = crash(history, now_s)
    window_s = SETTINGS.crash_window_h * 3600.0
    recent = [time_s for time_s in times_s if times_s[-1] - time_s < window_s]
    gave_up = isinstance(judge(history, 70, SETTINGS), GiveUp)
    assert gave_up == (len(recent) >= SETTINGS.max_crashes)


def test_a_long_healthy_time_resets_consecutive_crashes() -> None:
    history = crash(crash(CrashHistory(), 0.0), 1.0)
    assert history.consecutive == 2
    assert crash(history, 500.0, healthy_s=SETTINGS.backoff_max_s).consecutive == 1


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (TrainerExit.CONFIG, "cannot be used (exit code 78)"),
        (TrainerExit.DIVERGED, "training diverged, no checkpoint left to rewind to (exit code 65)"),
    ],
)
def test_permanent_failures_are_not_retried(code: int, text: str) -> None:
    verdict = judge(crash(CrashHistory(), 0.0), code, SETTINGS)
    assert isinstance(verdict, GiveUp) and text in verdict.reason


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (10, "exit code 10: stopped, checkpoint saved"),
        (-9, "killed by SIGKILL"),
        (-70, "killed by signal 70"),
        (3, "exit code 3: unexpected, see the run's trainer.log"),
    ],
)
def test_exits_are_described(code: int, text: str) -> None:
    assert describe_trainer_exit(code) == text
    assert describe_trainer_exit(code, "why") == f"{text} (why)"
