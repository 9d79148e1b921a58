"""The order of the sets of values, and which are best."""

from __future__ import annotations

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from daemon.sweeps.records import TrialState
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.results.best import best_trials, ranked
from landerctl.operations.sweeps.results.standings import standings
from tests.landerctl.operations.sweeps.results.sweep_samples import (
    STEPS,
    finished,
    leg,
    spec,
    trial,
)

BOTH = (Objective(metric="success"), Objective(metric="fuel", direction="minimize"))


def test_the_mean_over_seeds_decides_not_the_best_seed() -> None:
    facts = finished(({}, [0.9, 0.1]), ({}, [0.6, 0.7]))
    assert [one.group for one in standings(spec(), *facts)] == [1, 0]
    assert [one.number for one in best_trials(spec(), *facts)] == [3]


def test_minimize_turns_the_order() -> None:
    least = spec(Objective(metric="success", direction="minimize"))
    facts = finished(({}, [0.9, 0.1]), ({}, [0.6, 0.7]))
    assert [one.number for one in best_trials(least, *facts)] == [1]


def test_more_steps_come_first_whatever_the_value() -> None:
    trials = [trial(0, 0, state=TrialState.STOPPED), trial(1, 1)]
    legs = [leg(0, {"success": 0.9}, 100_000), leg(1, {"success": 0.2}, 100_000)]
    legs.append(leg(1, {"success": 0.3}))
    order = standings(spec(), trials, legs)
    assert [(one.group, one.steps) for one in order] == [(1, STEPS), (0, 100_000)]
    assert [one.best for one in ranked(spec(), order)] == [True, False]


def test_a_set_is_judged_at_the_steps_that_all_its_seeds_reached() -> None:
    trials = [trial(0, 0, 1), trial(1, 0, 2, state=TrialState.RUNNING)]
    legs = [leg(0, {"success": 0.9}, 100_000), leg(0, {"success": 0.99})]
    assert standings(spec(), trials, legs) == ()
    (one,) = standings(spec(), trials, [*legs, leg(1, {"success": 0.5}, 100_000)])
    assert (one.steps, one.means["success"].mean) == (100_000, 0.7)


def test_a_failed_seed_puts_a_set_behind_whole_ones() -> None:
    trials, legs = finished(({}, [0.9, 0.9]), ({}, [0.4, 0.4]))
    trials[1] = trial(1, 0, 2, state=TrialState.FAILED)
    order = standings(spec(), trials, [legs[0], *legs[2:]])
    assert [(one.group, one.failed) for one in order] == [(1, 0), (0, 1)]


def test_a_missing_value_is_worse_than_any() -> None:
    facts = finished(({}, [None, None]), ({}, [0.0, None]), ({}, [0.1, 0.2]))
    order = standings(spec(), *facts)
    assert [one.group for one in order] == [2, 1, 0]
    assert "success" not in order[-1].means
    assert best_trials(spec(), *finished(({}, [None])))[0].number == 0


def test_nothing_before_the_first_leg() -> None:
    assert best_trials(spec(), [trial(0, 0)], []) == []


def test_a_front_names_what_dominates_the_others() -> None:
    trials = [trial(number, number) for number in range(4)]
    reached = [(0.9, 0.5), (0.8, 0.3), (0.7, 0.4), (0.9, 0.5)]
    legs = [leg(n, {"success": a, "fuel": b}) for n, (a, b) in enumerate(reached)]
    found = ranked(spec(*BOTH), standings(spec(*BOTH), trials, legs))
    assert {one.standing.group: (one.best, one.dominated_by) for one in found} == {
        0: (True, None),
        3: (True, None),  # equal: neither dominates
        1: (True, None),
        2: (False, 1),
    }


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 2), min_size=1, max_size=12))
def test_the_front_is_what_nothing_dominates(reached: list[tuple[int, int]]) -> None:
    trials = [trial(number, number) for number in range(len(reached))]
    legs = [leg(n, {"success": float(a), "fuel": float(b)}) for n, (a, b) in enumerate(reached)]
    for one in ranked(spec(*BOTH), standings(spec(*BOTH), trials, legs)):
        ours = reached[one.standing.group]
        dominating = {
            group
            for group, (a, b) in enumerate(reached)
            if (a, b) != ours and a >= ours[0] and b <= ours[1]
        }
        assert one.best == (not dominating)
        assert one.dominated_by is None or one.dominated_by in dominating


def test_it_is_json() -> None:
    found = ranked(spec(), standings(spec(), *finished(({"ppo.clip_range": 0.1}, [0.5]))))
    assert not math.isnan(found[0].standing.means["success"].mean)
    assert b"clip_range" in msgspec.json.encode(found)
