"""What holds for every scheduler, whatever the trials are worth and in whatever order they end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.sweeps.records import ENDED
from daemon.sweeps.scheduling.replay import differences
from tests.daemon.sweeps.scheduling.play import Play, a_spec

VALUES = st.one_of(st.none(), st.integers(0, 3).map(float), st.just(float("nan")))


@st.composite
def plays(draw: st.DrawFn, *names: str) -> Play:
    """A sweep that was not run yet, with values that are often equal or missing."""
    name = draw(st.sampled_from(names))
    spec = a_spec(
        name=name,
        reduction=draw(st.integers(2, 4)),
        steps=draw(st.sampled_from([100, 150, 900])),
        seeds=1 if name == "population" else draw(st.integers(1, 2)),
        direction=draw(st.sampled_from(["maximize", "minimize"])),
    )
    values = draw(st.lists(VALUES, min_size=1, max_size=12))
    fails = draw(st.dictionaries(st.integers(0, 11), st.sampled_from([100, 200, 300]), max_size=3))
    return Play(spec, lambda trial, steps: values[(trial + steps) % len(values)], fails)


ALL = plays("none", "median", "halving", "asha", "population")
COUNT, SEED, PARALLEL = st.integers(1, 12), st.integers(0, 9), st.integers(1, 4)


@given(ALL, COUNT, SEED, PARALLEL)
def test_every_trial_ends_and_is_decided_once_at_a_rung(
    play: Play, count: int, seed: int, parallel: int
) -> None:
    play.run(count, seed, parallel)
    proposed = [one.number for one in play.trials if one.parent is None]
    assert proposed == list(range(count))
    assert all(one.state in ENDED for one in play.trials)
    decided = [(one.trial, one.steps) for one in play.decisions if one.kind != "fail"]
    assert len(decided) == len(set(decided))


@given(ALL, COUNT, SEED, PARALLEL)
def test_a_replay_decides_the_same(play: Play, count: int, seed: int, parallel: int) -> None:
    play.run(count, seed, parallel)
    found = differences(play.spec, play.scheduler, play.trials, play.legs, play.decisions)
    assert found == []


@given(plays("halving", "population"), COUNT, SEED, SEED, PARALLEL)
def test_the_order_of_arrival_does_not_matter_where_rungs_are_waited_for(
    play: Play, count: int, seed: int, other_seed: int, parallel: int
) -> None:
    other = Play(play.spec, play.value, play.fails).run(count, other_seed, 1)
    assert play.run(count, seed, parallel).trials == other.trials


@given(plays("halving", "asha", "median", "population"), COUNT, SEED, PARALLEL)
def test_the_best_always_survives(play: Play, count: int, seed: int, parallel: int) -> None:
    """A trial that is better than all others at every rung is trained to its end."""
    spec = replace(play.spec, seeds=replace(play.spec.seeds, count=1))
    best = seed % count
    worth = 9.0 if spec.objectives[0].direction == "maximize" else -9.0
    again = Play(
        spec,
        lambda trial, steps: worth if trial == best else play.value(trial, steps),
        {trial: steps for trial, steps in play.fails.items() if trial != best},
    ).run(count, seed, parallel)
    assert again.reached()[best] == spec.limits.steps


def test_a_replay_reports_what_would_not_be_decided_again() -> None:
    play = Play(a_spec(name="halving"), lambda trial, _: float(trial), {}).run(4, seed=1)

    *others, last = play.decisions
    forged = [*others, replace(last, kind="stop")]
    (found,) = differences(play.spec, play.scheduler, play.trials, play.legs, forged)
    assert (found.decision.trial, found.again) == (3, "continue")
    trials = [replace(play.trials[0], values={}), *play.trials[1:]]
    (found,) = differences(play.spec, play.scheduler, trials, play.legs, play.decisions)
    assert (found.decision.kind, found.again) == ("propose", "propose")
