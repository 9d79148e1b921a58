"""Proposals depend on nothing but the sweep, its trials and their legs."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.search import needed
from daemon.sweeps.search.cma_es import generation_size
from daemon.sweeps.search.error import SearchError
from daemon.sweeps.search.propose import Proposal, all_proposed, propose, total_trials
from daemon.sweeps.search.quasi_random import halton_point
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.spec.schema import SweepSpec

RANGES = """
[[parameters]]
setting = "ppo.desired_kl"
kind = "log-uniform"
low = 0.002
high = 0.05
[[parameters]]
setting = "ppo.gae_lambda"
kind = "uniform"
low = 0.8
high = 0.99
"""
CHOICES = """
[[parameters]]
setting = "run.algorithm"
values = ["ppo", "sac"]
[[parameters]]
setting = "ppo.n_epochs"
kind = "integer"
low = 2
high = 4
only_if.run.algorithm = ["ppo"]
[[parameters]]
setting = "network.hidden"
values = [[64, 64], [128, 128]]
"""


def sweep(sampler: str, parameters: str, trials: int | None = None, more: str = "") -> SweepSpec:
    limits = "" if trials is None else f"limits.trials = {trials}\n"
    text = f'limits.steps = 300_000\n{limits}search.sampler = "{sampler}"\n{more}\n{parameters}'
    return parse_sweep(Path("sweep.toml"), text)


def trial_of(proposal: Proposal, number: int, state: TrialState) -> Trial:
    return Trial(
        number=number,
        group=proposal.group,
        values=proposal.values,
        seed=proposal.seed,
        state=state,
        target_steps=300_000,
    )


def leg(trial: int, value: float, steps: int = 300_000) -> Leg:
    return Leg(trial=trial, steps=steps, values={"gate": value}, running_s=1.0, time_s=0.0)


def carried_out(
    spec: SweepSpec, reached: Callable[[dict[str, Any]], float] = lambda _: 0.0
) -> tuple[list[Trial], list[Leg]]:
    """A sweep of which each trial is completed before the next one is proposed."""
    trials: list[Trial] = []
    legs: list[Leg] = []
    while (proposal := propose(spec, trials, legs)) is not None:
        legs.append(leg(len(trials), reached(proposal.values)))
        trials.append(trial_of(proposal, len(trials), TrialState.COMPLETED))
    assert all_proposed(spec, trials)
    return trials, legs


def bowl(values: dict[str, Any]) -> float:
    """Best, 0, at desired_kl 0.01 and gae_lambda 0.95."""
    kl, gae_lambda = float(values["ppo.desired_kl"]), float(values["ppo.gae_lambda"])
    return -abs(math.log(kl / 0.01)) - 10 * abs(gae_lambda - 0.95)


def test_a_grid_in_the_files_order_without_what_does_not_apply() -> None:
    spec = sweep("grid", CHOICES)
    trials, _ = carried_out(spec)
    assert [tuple(one.values.values()) for one in trials] == [
        ("ppo", 2, [64, 64]),
        ("ppo", 2, [128, 128]),
        ("ppo", 3, [64, 64]),
        ("ppo", 3, [128, 128]),
        ("ppo", 4, [64, 64]),
        ("ppo", 4, [128, 128]),
        ("sac", [64, 64]),
        ("sac", [128, 128]),
    ]
    assert total_trials(spec) == 8


def test_the_points_of_a_grid_over_ranges() -> None:
    grid = RANGES.replace("low", "steps = 3\nlow")
    trials, _ = carried_out(sweep("grid", grid))
    assert sorted({one.values["ppo.desired_kl"] for one in trials}) == [0.002, 0.01, 0.05]
    assert sorted({one.values["ppo.gae_lambda"] for one in trials}) == [0.8, 0.895, 0.99]
    assert total_trials(sweep("grid", grid, 4)) == 4


def test_seeds_of_each_set_of_values() -> None:
    trials, _ = carried_out(sweep("random", RANGES, 6, "seeds = { count = 3, first = 5 }"))
    assert [(one.group, one.seed) for one in trials] == [(g, s) for g in (0, 1) for s in (5, 6, 7)]
    assert trials[0].values == trials[2].values != trials[3].values


def test_seeds_alone() -> None:
    trials, _ = carried_out(sweep("grid", "", None, "seeds.count = 3"))
    assert [(one.values, one.seed) for one in trials] == [({}, 1), ({}, 2), ({}, 3)]


@pytest.mark.parametrize("sampler", ["random", "qmc"])
def test_values_depend_on_no_other_trial(sampler: str) -> None:
    spec = sweep(sampler, RANGES + CHOICES, 40)
    trials, legs = carried_out(spec)
    # Nothing has ended; a longer sweep begins with the same trials.
    waiting = [trial_of(_proposal(one), one.number, TrialState.RUNNING) for one in trials]
    longer = sweep(sampler, RANGES + CHOICES, 80)
    for number in (0, 7, 39):
        expected = _proposal(trials[number])
        assert propose(longer, waiting[:number], []) == expected
        assert propose(spec, trials[:number], legs[:number]) == expected
    assert len({str(one.values) for one in trials}) == 40
    assert all(0.002 <= one.values["ppo.desired_kl"] <= 0.05 for one in trials)
    assert all(
        ("ppo.n_epochs" in one.values) == (one.values["run.algorithm"] == "ppo") for one in trials
    )


def test_random_values_do_not_shift_where_a_parameter_does_not_apply() -> None:
    fixed = CHOICES.replace('"ppo", "sac"', '"ppo", "td3"')
    ours, _ = carried_out(sweep("random", CHOICES, 9))
    theirs, _ = carried_out(sweep("random", fixed, 9))
    hidden = [[one.values["network.hidden"] for one in trials] for trials in (ours, theirs)]
    assert hidden[0] == hidden[1]


def test_halton_points_are_even() -> None:
    points = [halton_point(number, 6, seed=3) for number in range(30)]
    # The first n points of a base b that n is a multiple of: as many in each of its b parts.
    for dimension, base in enumerate((2, 3, 5)):
        parts = [int(point[dimension] * base) for point in points]
        assert {parts.count(part) for part in range(base)} == {30 // base}
    assert all(0.0 <= share < 1.0 for point in points for share in point)
    assert halton_point(4, 6, seed=3) == points[4] != halton_point(4, 6, seed=4)


def test_cma_es_finds_the_best_whatever_the_order_of_arrival() -> None:
    spec = sweep("cma-es", RANGES, 48)
    trials, legs = carried_out(spec, bowl)
    assert max(one.values["gate"] for one in legs[-6:]) > -0.2
    size = generation_size(2)
    assert size == 6
    # A generation begins when the one before is whole, in any order of its ends.
    assert propose(spec, trials[:size], legs[:size][::-1]) == _proposal(trials[size])
    running = [trial_of(_proposal(one), one.number, TrialState.RUNNING) for one in trials[:9]]
    assert propose(spec, running[:size], legs[: size - 1]) is None
    assert propose(spec, running, legs[:size]) == _proposal(trials[9])


def test_cma_es_goes_on_where_a_trial_failed() -> None:
    spec = sweep("cma-es", RANGES, 12)
    trials, legs = carried_out(spec, bowl)
    failed = [*trials[:5], trial_of(_proposal(trials[5]), 5, TrialState.FAILED)]
    worst = [*legs[:5], leg(5, -99.0)]
    assert propose(spec, failed, legs[:5]) == propose(spec, trials[:6], worst)


def test_tpe_finds_better_values_from_legs_and_completed_trials() -> None:
    spec = sweep("tpe", RANGES + CHOICES, 30)
    trials, legs = carried_out(spec, bowl)
    assert max(one.values["gate"] for one in legs[20:]) > max(
        one.values["gate"] for one in legs[:10]
    )
    assert propose(spec, trials[:25], legs[:25]) == _proposal(trials[25])
    # Stopped and paused ones count with what they reached.
    stopped = [
        trial_of(_proposal(one), one.number, TrialState.STOPPED if n % 2 else TrialState.PAUSED)
        for n, one in enumerate(trials[:25])
    ]
    early = [leg(one.trial, one.values["gate"], 100_000) for one in legs[:25]]
    proposals = [propose(spec, stopped, seen) for seen in (early, early, [])]
    assert proposals[0] == proposals[1] != proposals[2]


def test_optuna_is_imported_only_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys; import daemon.sweeps.search.propose, daemon.sweeps.spec.load;"
        "assert not {'optuna', 'cmaes', 'numpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SearchError, match=r"pip install 'landerctl\[optuna\]', or choose random"):
        needed.needed("optuna", "tpe")


def _proposal(trial: Trial) -> Proposal:
    return Proposal(values=trial.values, group=trial.group, seed=trial.seed)
