"""Forks of a population: who is replaced by whom, with which settings, and the lineage."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from daemon.sweeps.records import TrialState
from daemon.sweeps.scheduling.lineage import ancestry, lineage, tree_lines
from daemon.sweeps.scheduling.perturbation import perturbed
from daemon.sweeps.scheduling.replay import differences
from daemon.sweeps.spec.schema import Parameter
from tests.daemon.sweeps.scheduling.play import Play, a_spec

SPEC = a_spec(name="population", steps=300)


def test_the_worst_trial_is_replaced_by_a_fork_of_the_best() -> None:
    """Of four, 0 is worst and 3 is best; the fork, 4, is best at 200 and is forked from itself."""
    play = Play(SPEC, lambda trial, _steps: float(trial), {}).run(4, seed=1)
    assert [(one.number, one.parent, one.state) for one in play.trials] == [
        (0, None, TrialState.STOPPED),
        (1, None, TrialState.STOPPED),
        (2, None, TrialState.COMPLETED),
        (3, None, TrialState.COMPLETED),
        (4, 3, TrialState.COMPLETED),
        (5, 4, TrialState.COMPLETED),
    ]
    assert [one.reason for one in play.decisions if one.kind == "fork"] == [
        "4th of 4 at 100 steps: gate 0, a fork of trial 3 takes its place (gate 3)",
        "4th of 4 at 200 steps: gate 1, a fork of trial 4 takes its place (gate 4)",
    ]
    assert play.trials[4].values["ppo.gamma"] in {0.9, 1.0}  # the ends of its range
    assert [one.number for one in ancestry(play.trials, 5)] == [3, 4, 5]
    roots = lineage(play.trials)
    assert [one.trial.number for one in roots] == [0, 1, 2, 3]
    assert [f"{lead}{one.number}" for lead, one in tree_lines(roots[3])] == ["3", "└ 4", "  └ 5"]


def test_equals_are_not_replaced() -> None:
    play = Play(SPEC, lambda _trial, _steps: 1.0, {}).run(4, seed=1)
    assert {one.state for one in play.trials} == {TrialState.COMPLETED}


def test_a_failed_trial_is_not_replaced_and_one_alone_continues() -> None:
    play = Play(SPEC, lambda trial, _steps: float(trial), {0: 100}).run(2, seed=1)
    assert [one.state for one in play.trials] == [TrialState.FAILED, TrialState.COMPLETED]


def test_a_replay_reports_a_fork_with_other_values() -> None:
    play = Play(SPEC, lambda trial, _steps: float(trial), {}).run(4, seed=1)
    trials = [*play.trials]
    trials[4] = replace(trials[4], values={"ppo.gamma": 0.123})
    found = differences(play.spec, play.scheduler, trials, play.legs, play.decisions)
    assert [(one.decision.trial, one.again) for one in found] == [(0, "fork")]


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (Parameter(setting="x", kind="uniform", low=0.0, high=10.0), 5.0, {6.0, 4.16667}),
        (Parameter(setting="x", kind="uniform", low=0.0, high=5.5), 5.0, {5.5, 4.16667}),
        (Parameter(setting="x", kind="log-uniform", low=1e-3, high=0.1), 0.01, {0.012, 0.00833333}),
        (Parameter(setting="x", kind="integer", low=1, high=100), 10, {12, 8}),
        (Parameter(setting="x", kind="integer", low=1, high=100), 2, {3, 1}),  # by one at least
        (Parameter(setting="x", values=[64, 128, 256]), 128, {64, 256}),
        (Parameter(setting="x", values=[64, 128, 256]), 64, {64, 128}),
    ],
)
def test_a_setting_moves_a_little_and_stays_in_its_range(
    parameter: Parameter, value: Any, expected: set[Any]
) -> None:
    spec = replace(SPEC, parameters=[parameter])
    draws = [random.Random(seed) for seed in range(20)]
    assert {perturbed(spec, {"x": value}, draw)["x"] for draw in draws} == expected


def test_a_setting_that_applies_only_now_is_drawn() -> None:
    other = Parameter(setting="y", kind="integer", low=1, high=9, only_if={"x": ["b"]})
    spec = replace(SPEC, parameters=[Parameter(setting="x", values=["a", "b"]), other])
    found = [perturbed(spec, {"x": "a"}, random.Random(seed)) for seed in range(20)]
    assert {one["x"] for one in found} == {"a", "b"}
    assert all(("y" in one) == (one["x"] == "b") for one in found)
