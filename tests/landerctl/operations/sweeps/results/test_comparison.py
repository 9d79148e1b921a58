"""Whether sets of values differ: tests, sentences, what is honest of few seeds."""

from __future__ import annotations

import json
from random import Random

import pytest

from daemon.runs.statistics.paired import paired_interval
from daemon.sweeps.records import TrialState
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.results.comparison import MOST_SHOWN, SweepComparison, comparison
from tests.landerctl.operations.sweeps.results.sweep_samples import (
    Group,
    finished,
    leg,
    spec,
    trial,
)

LOW = ({"ppo.desired_kl": 0.004}, [0.91, 0.93, 0.90, 0.94, 0.92])
HIGH = ({"ppo.desired_kl": 0.02}, [0.70, 0.74, 0.69, 0.71, 0.73])


def compared(*groups: Group) -> SweepComparison:
    return comparison(spec(), *finished(*groups))


def said(found: SweepComparison) -> str:
    return " ".join(" ".join(found.lines(80)).split())


def test_equal_seeds_are_paired() -> None:
    found = compared(HIGH, LOW)
    (one,) = found.differences
    assert (one.best, one.group, one.method, one.seeds) == (1, 0, "paired-t", 5)
    assert one.difference == paired_interval(LOW[1], HIGH[1])
    assert one.differs and one.p_value == one.adjusted_p_value
    assert "Set 1 (desired_kl=0.004) is better than set 0 (desired_kl=0.02)" in said(found)
    assert "92.0% against 71.4%, +20.6 points (95%: +18.5 to +22.7), 5 seeds, p < 0.001" in said(
        found
    )
    assert "Student's paired t" in said(found)


def test_other_seeds_are_not() -> None:
    trials, legs = finished(HIGH, LOW)
    moved = [trial(one.number, one.group, one.seed + 10 * one.group) for one in trials]
    (one,) = comparison(spec(), moved, legs).differences
    assert (one.method, one.differs) == ("welch", True)


def test_a_difference_that_is_not_shown_says_what_could_be() -> None:
    found = compared(({}, [0.8, 0.6, 0.7]), ({}, [0.7, 0.68, 0.69]))
    assert not found.differences[0].differs
    assert "no difference is shown: these seeds cannot show one below about" in said(found)


def test_one_seed_is_not_tested() -> None:
    found = compared(({}, [0.8]), ({}, [0.2]))
    assert [(one.method, one.p_value) for one in found.differences] == [("one-seed", None)]
    assert "Not tested." in said(found) and "`[seeds]`" in said(found)


@pytest.mark.parametrize(("seeds", "p_value"), [(3, 0.25), (8, 2**-7)])
def test_values_without_spread_are_permuted(seeds: int, p_value: float) -> None:
    """A t of them would be infinite, and two seeds a proof."""
    found = compared(({}, [1.0] * seeds), ({}, [0.0] * seeds))
    (one,) = found.differences
    assert (one.method, one.p_value, one.differs) == ("permutation", p_value, p_value < 0.05)
    assert one.difference is not None and one.difference.low is None
    assert ("so few seeds cannot show one" in said(found)) == (not one.differs)


def test_rounding_is_no_spread() -> None:
    found = compared(({}, [0.9, 0.7, 0.5]), ({}, [0.8, 0.6, 0.4]))
    assert found.differences[0].method == "permutation"


def test_equal_sets() -> None:
    found = compared(({}, [1.0] * 3), ({}, [1.0] * 3))
    assert found.differences[0].p_value == 1.0
    assert "both are equal" in said(found)


def test_p_values_are_adjusted_for_all_sets() -> None:
    found = compared(LOW, HIGH, ({}, [0.5, 0.9, 0.95, 0.6, 0.91]))
    raw = sorted(one.p_value or 0.0 for one in found.differences)
    adjusted = sorted(one.adjusted_p_value or 0.0 for one in found.differences)
    assert adjusted == [2 * raw[0], raw[1]]
    assert "Holm" in said(found) and "partly by luck" in said(found)


def test_sets_are_compared_at_the_steps_that_both_reached() -> None:
    trials = [trial(n, n // 2, n % 2, state=TrialState.STOPPED) for n in range(4)]
    legs = [leg(n, {"success": 0.5 + n / 100}, 100_000) for n in range(4)]
    legs += [leg(n, {"success": 0.9}) for n in (2, 3)]
    found = comparison(spec(), trials, legs)
    (one,) = found.differences
    assert (one.best, one.steps, one.best_mean, one.mean) == (1, 100_000, 0.525, 0.505)
    assert "compared at those that both reached" in said(found)


def test_one_set_shows_how_seeds_differ() -> None:
    found = compared(LOW)
    text = said(found)
    assert "5 seeds of the same settings. Success: 92.0% (90.0 to 94.0)" in text
    assert "90.0% to 94.0%" in text and "Standard deviation 1.58 points" in text
    # 2.776 (t of 4 degrees of freedom) * sqrt(2) * 1.58
    assert "up to 6.21 points apart" in text
    assert found.sets[0].interquartile["success"].mean == pytest.approx(0.92)


def test_seeds_that_are_equal_do_not_tell_how_they_differ() -> None:
    text = said(compared(({}, [0.0, 0.0, 0.0])))
    assert "Success: 0% with every seed, which does not tell how much they can differ." in text


def test_machines_that_differ_are_said() -> None:
    trials, _ = finished(LOW)
    legs = [leg(n, {"success": 0.9}, machine=f"cpu {n % 2}") for n in range(5)]
    assert "2 kinds of machine (cpu 0; cpu 1)" in said(comparison(spec(), trials, legs))


def test_forks_are_said() -> None:
    trials, legs = finished(LOW, HIGH)
    trials[-1] = trial(9, 1, 5, parent=0)
    assert "1 trial forked from another" in said(comparison(spec(), trials, legs))


def test_missing_and_failed_values_are_said() -> None:
    trials, legs = finished(({}, [0.9, None, 0.8]), ({}, [0.5, 0.6, 0.7]))
    trials[5] = trial(5, 1, 3, state=TrialState.FAILED)
    text = said(comparison(spec(), trials, legs[:5]))
    assert "1 trial without a value" in text
    assert "1 trial failed and is in no mean." in text
    assert "2 of 3" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_lines_fit(width: int) -> None:
    random = Random(0)
    many = [
        ({"ppo.learning_rate": random.random(), "ppo.n_steps": n}, [random.random() for _ in "ab"])
        for n in range(MOST_SHOWN + 5)
    ]
    trials, legs = finished(*many)
    several = spec(*(Objective(metric=name) for name in ("success", "fuel", "gate")))
    for found in (comparison(spec(), trials, legs), comparison(several, trials, legs)):
        lines = found.lines(width)
        assert max(map(len, lines)) <= width
        assert f"The best {MOST_SHOWN} of {len(many)} sets; --json has all." in lines


def test_equal_sets_have_no_best() -> None:
    text = said(compared(({}, [0.0]), ({}, [0.0]), ({}, [0.0])))
    assert "Set 0 and 2 other sets are equal: it is first by its number alone." in text
    assert "luck" not in text


def test_what_is_not_over_is_said() -> None:
    trials, legs = finished(LOW, HIGH)
    trials.append(trial(10, 2, state=TrialState.RUNNING))
    text = said(comparison(spec(), trials, legs))
    assert "1 trial has not ended yet: these are the results so far." in text
    assert "1 set is not judged yet" in text


def test_nothing_yet() -> None:
    found = comparison(spec(), [trial(0, 0, state=TrialState.RUNNING)], [])
    assert found.lines(80)[0].startswith("Nothing to compare.")
    assert found.unjudged == 1


def test_it_is_json() -> None:
    facts = json.loads(json.dumps(compared(LOW, HIGH).facts()))
    assert facts["verdict"] == "A difference is shown"
    assert facts["sets"][0]["standing"]["settings"] == {"ppo.desired_kl": 0.004}
    assert facts["differences"][0]["method"] == "paired-t"
