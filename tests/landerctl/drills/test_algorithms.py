"""What the drill `algorithms` concludes from curves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from checks.checklist.model import Drill
from checks.checklist.table.all import LINES
from daemon.config import load_config
from daemon.protocol.finding import Finding
from daemon.runs.statistics.intervals import wilson_interval
from daemon.store.records import Sample
from landerctl.drills.algorithms.compare import compare, completes
from landerctl.drills.algorithms.drill import DRILL, SHARES, settings
from landerctl.drills.algorithms.learning import SERIES, Learning, largest_fall, learn
from landerctl.drills.scratch.home import merged

ITERATION = 1000


def series(*values: float | None) -> list[Sample]:
    """A value after each iteration; None: the iteration has none."""
    return [
        Sample(float(number), ITERATION * number, value)
        for number, value in enumerate(values, 1)
        if value is not None
    ]


def learnt(algorithm: str = "ppo", **curves: list[Sample]) -> Learning:
    named = dict(zip(("reward", "success", "episodes", "landed"), SERIES, strict=True))
    return learn(
        algorithm,
        {name: curves.get(short, []) for short, name in named.items()},
        trained_s=60.0,
        completed=True,
        faults=[],
        final=wilson_interval(60, 100),
        final_reward=700.0,
    )


def findings(**changed: Mapping[str, object]) -> dict[str, Finding]:
    """Of three trainings like those of the document; `sac={...}` changes one."""
    good = Learning(
        "ppo", 500_000, 60.0, True, (), 200_000, 150_000, 90, 0.1, wilson_interval(60, 100), 700.0
    )
    each = {
        "ppo": good,
        "sac": dataclasses.replace(
            good, algorithm="sac", landing_steps=90_000, final=wilson_interval(80, 100)
        ),
        "td3": dataclasses.replace(good, algorithm="td3", final=wilson_interval(75, 100)),
    }
    for name, fields in changed.items():
        each[name] = dataclasses.replace(each[name], **fields)  # type: ignore[arg-type]
    return {one.key: one for one in compare(each["ppo"], each["sac"], each["td3"])}


def test_steps_to_the_first_positive_reward_and_to_ten_landings() -> None:
    found = learnt(
        reward=series(None, -200.0, 5.0, -1.0, 300.0),
        success=series(None, 0.0, 0.2, 0.5, 0.45),
        episodes=series(50.0, None, 20.0, 30.0, 40.0),
        landed=series(0.0, None, 0.2, 0.2, 0.5),
    )
    assert (found.positive_steps, found.landing_steps, found.landings) == (3000, 4000, 30)
    assert found.largest_fall == pytest.approx(0.05)
    assert found.steps == 5000


def test_steps_that_are_flown_again_after_a_crash_count_once() -> None:
    episodes = [Sample(1.0, 1000, 50.0), Sample(2.0, 2000, 50.0), Sample(9.0, 2000, 50.0)]
    landed = [Sample(1.0, 1000, 0.0), Sample(2.0, 2000, 0.5), Sample(9.0, 2000, 0.1)]
    assert learnt(episodes=episodes, landed=landed).landings == 5


def test_a_training_that_learns_nothing() -> None:
    found = learnt(reward=series(-400.0, -400.0), success=series(0.0, 0.0))
    assert (found.positive_steps, found.landing_steps, found.largest_fall) == (None, None, None)
    assert "positive never, 10 landings never, largest fall none" in completes(found).text


def test_the_largest_fall_is_from_the_best_so_far() -> None:
    assert largest_fall([0.0, 0.5, 0.3, 0.9, 0.6, 0.8]) == pytest.approx(0.3)
    assert largest_fall([0.0, 0.1, 0.2]) == 0.0
    assert largest_fall([0.0, 0.0]) is None


def test_all_that_the_document_expects_holds() -> None:
    assert {key: one.holds for key, one in findings().items()} == dict.fromkeys(
        DRILL.keys[3:], True
    )


@pytest.mark.parametrize(
    ("changed", "failing"),
    [
        ({"ppo": {"largest_fall": 0.3}}, {"ppo-stable"}),
        ({"ppo": {"largest_fall": 0.3}, "sac": {"largest_fall": 0.4}}, {"ppo-stable"}),
        ({"ppo": {"largest_fall": None}}, {"ppo-stable"}),
        ({"sac": {"positive_steps": None, "final_reward": -5.0}}, {"positive-rewards"}),
        ({"ppo": {"final": wilson_interval(75, 100)}}, {"sac-efficient"}),
        ({"sac": {"final": None}}, {"sac-efficient", "td3-competitive"}),
        ({"td3": {"landing_steps": None}}, {"successful-landings"}),
        ({"td3": {"final": wilson_interval(49, 100)}}, {"td3-competitive"}),
        ({"sac": {"faults": ("the trainer exited",)}}, {"no-algorithm-crashes"}),
    ],
)
def test_what_fails(changed: dict[str, dict[str, object]], failing: set[str]) -> None:
    assert {key for key, one in findings(**changed).items() if one.holds is not True} == failing


def test_a_less_stable_ppo_holds_where_the_others_are_no_better() -> None:
    worse = {"largest_fall": 0.4}
    found = findings(ppo={"largest_fall": 0.3}, sac=worse, td3=worse)
    assert found["ppo-stable"].holds


def test_a_row_has_its_figures_and_a_training_that_gave_up_fails() -> None:
    found = completes(dataclasses.replace(learnt(), completed=False))
    assert (found.holds, found.figures["final_success"]) == (False, 0.6)
    assert found.text.startswith("it did not complete: ")


def test_nobody_lands_so_nothing_is_competitive() -> None:
    never = {"final": wilson_interval(0, 100)}
    assert findings(ppo=never, sac=never, td3=never)["td3-competitive"].holds is False


def test_the_trainings_differ_from_the_configuration_only_where_they_must() -> None:
    config = load_config(None).config
    for algorithm in SHARES:
        made = merged(config, settings(config, algorithm))
        assert made.run.n_envs == config.run.n_envs
        assert made.ppo.anneal_timesteps == 125_000  # a quarter, as of a whole training


def test_the_drill_has_the_table_s_keys() -> None:
    lines = {
        line.judge.finding
        for line in LINES
        if isinstance(line.judge, Drill) and line.judge.name == DRILL.name
    }
    assert lines == set(DRILL.keys)
