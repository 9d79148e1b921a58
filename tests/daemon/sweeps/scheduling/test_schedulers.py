"""What each scheduler decides on known trials."""

from __future__ import annotations

from daemon.sweeps.records import TrialState
from tests.daemon.sweeps.scheduling.play import Play, a_spec


def by_number(trial: int, _steps: int) -> float:
    """The higher its number, the better a trial."""
    return float(trial)


def reasons(play: Play, trial: int) -> list[str]:
    return [one.reason for one in play.decisions if one.trial == trial and one.kind != "propose"]


def test_without_a_scheduler_each_trial_has_one_leg() -> None:
    play = Play(a_spec(name="none"), by_number, {}).run(4, seed=1)
    assert [(leg.trial, leg.steps) for leg in sorted(play.legs, key=lambda one: one.trial)] == [
        (number, 900) for number in range(4)
    ]


def test_halving_continues_a_third_at_each_rung() -> None:
    play = Play(a_spec(name="halving"), by_number, {}).run(9, seed=1)
    assert play.reached() == {**dict.fromkeys(range(6), 100), 6: 300, 7: 300, 8: 900}
    assert reasons(play, 6) == [
        "3rd of 9 at 100 steps: gate 6, the best 3 continue",
        "3rd of 3 at 300 steps: gate 6, only the best continues",
    ]
    assert play.state(8) is TrialState.COMPLETED


def test_halving_downwards_with_failures_ties_and_missing_values() -> None:
    """1 and 2 are equal: the earlier one continues. 0 fails, 4 is not measured: both are worst."""
    values = {1: 5.0, 2: 5.0, 3: 7.0, 4: None, 5: 9.0}
    spec = a_spec(name="halving", direction="minimize", reduction=2)
    play = Play(spec, lambda trial, _steps: values[trial], {0: 100}).run(6, seed=2)
    assert [play.reached()[number] for number in range(6)] == [0, 900, 200, 200, 100, 100]
    assert reasons(play, 4) == [
        "6th of 6 at 100 steps: gate could not be measured, the best 3 continue"
    ]


def test_halving_judges_groups_of_seeds_by_their_mean() -> None:
    """The group of 0 and 1 has the best trial and the worse mean; a failed seed weighs more."""
    values = {0: 9.0, 1: 0.0, 2: 5.0, 3: 5.0, 4: 99.0}
    play = Play(a_spec(name="halving", seeds=2), lambda trial, _: values[trial], {5: 100})
    play.run(6, seed=3)
    assert play.reached() == {0: 100, 1: 100, 2: 900, 3: 900, 4: 100, 5: 0}
    assert reasons(play, 4) == [
        "3rd of 3 at 100 steps: gate 99 (mean of 1 of 2 seeds), only the best continues"
    ]


def test_asha_continues_a_trial_before_the_others_have_ended() -> None:
    play = Play(a_spec(name="asha"), by_number, {}).run(9, seed=1, parallel=1)
    first = next(one for one in play.decisions if one.kind == "continue")
    assert (first.trial, first.seen) == (2, 3)
    assert first.reason == "1st of 3 at 100 steps: gate 2, only the best continues"
    # One after the other, each better than all before: one in three, and the best of all.
    assert play.reached()[8] == 900
    assert {one.state for one in play.trials} == {TrialState.COMPLETED, TrialState.STOPPED}


def test_asha_with_fewer_trials_than_reduction_continues_the_best() -> None:
    play = Play(a_spec(name="asha"), by_number, {}).run(2, seed=1)
    assert play.reached() == {0: 100, 1: 900}


def test_median_stops_what_is_worse_than_half_of_the_others() -> None:
    play = Play(a_spec(name="median", steps=300), lambda trial, _: -trial, {})
    play.run(5, seed=1, parallel=1)
    # In the order of their numbers, each worse than all before; two others are needed.
    assert play.reached() == {0: 300, 1: 300, 2: 100, 3: 100, 4: 100}
    assert reasons(play, 1)[0] == "gate -1 by 100 steps: too few others to compare with (1)"
    assert reasons(play, 2) == ["gate -2 by 100 steps, worse than the median of 2 others: gate -1"]


def test_median_counts_the_best_value_so_far() -> None:
    """Trial 2 was best at 100 steps and is worst at 200: its best is still good enough."""
    values = {(2, 100): 9.0, (2, 200): 0.0}
    play = Play(a_spec(name="median", steps=300), lambda *at: values.get(at, 5.0), {})
    play.run(3, seed=1)
    assert play.reached() == {0: 300, 1: 300, 2: 300}
