"""What a group of trials is told to have reached."""

from __future__ import annotations

from daemon.sweeps.records import Leg, Trial, TrialState
from daemon.sweeps.search.results import group_results


def trial(number: int, group: int, state: TrialState = TrialState.RUNNING) -> Trial:
    return Trial(
        number=number, group=group, values={"ppo.gamma": 0.9}, seed=1, state=state, target_steps=9
    )


def leg(number: int, steps: int, **values: float) -> Leg:
    return Leg(trial=number, steps=steps, values=values, running_s=1.0, time_s=0.0)


def reached(
    trials: list[Trial], legs: list[Leg], *, first: bool = False
) -> list[tuple[int, list[float] | None, bool]]:
    found = group_results(trials, legs, ["gate"], first=first)
    return [(one.steps, one.reached, one.known) for one in found]


def test_the_mean_where_all_seeds_have_been() -> None:
    trials = [trial(0, 0), trial(1, 0)]
    legs = [leg(0, 3, gate=1.0), leg(0, 6, gate=4.0), leg(1, 3, gate=2.0)]
    assert reached(trials, legs[:2]) == [(0, None, False)]
    assert reached(trials, legs) == [(3, [1.5], True)]
    further = [*legs, leg(1, 6, gate=0.0)]
    assert reached(trials, further) == [(6, [2.0], True)]
    assert reached(trials, further, first=True) == [(3, [1.5], True)]


def test_a_missing_value_is_known_to_be_the_worst() -> None:
    legs = [leg(0, 3, gate=1.0), leg(1, 3, other=2.0)]
    assert reached([trial(0, 0), trial(1, 0)], legs) == [(3, None, True)]


def test_a_trial_that_failed_at_once_is_left_out_and_a_group_of_such_is_the_worst() -> None:
    failed = [trial(1, 0, TrialState.FAILED), trial(2, 1, TrialState.FAILED)]
    assert reached([trial(0, 0), *failed], [leg(0, 3, gate=1.0)]) == [
        (3, [1.0], True),
        (0, None, True),
    ]
