"""The table of what a changed setting means in a fork."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.config import Config, load_config
from daemon.config.forking.effects import RULES, Change, begins_anew, changes
from daemon.config.forking.effects_page import render_forks_page
from daemon.config.schema import Stage
from daemon.config.sections import FROZEN

PAGE = Path(__file__).parents[4] / "docs/forks.md"


def configured(overrides: Mapping[str, Any] | None = None) -> Config:
    return load_config(None, overrides).config


def forked(overrides: Mapping[str, Any], algorithm: str = "ppo") -> list[Change]:
    """The changes of a fork that sets `overrides`."""
    run = {"algorithm": algorithm}
    before = configured({"run": run})
    return changes(before, configured({**overrides, "run": run | dict(overrides.get("run", {}))}))


def test_every_frozen_setting_has_a_row_and_no_other() -> None:
    default = configured()
    settings = []
    for section in FROZEN:
        for name in getattr(default, section).__struct_fields__:
            path = f"{section}.{name}"
            fields = Stage.__struct_fields__ if path == "curriculum.stages" else ()
            settings += [f"{path}.{field}" for field in fields] or [path]
    assert sorted(RULES) == sorted(settings)


def test_rows_agree_with_themselves() -> None:
    for setting, rule in RULES.items():
        assert ("model" in rule.anew) == (rule.effect == "new model"), setting
        assert ("flights" in rule.anew) == (rule.effect in ("flights begin anew", "new model"))
        assert not (rule.effect == "refused" and rule.anew), setting
        assert rule.reason and rule.reason[-1] != ".", setting


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text() == render_forks_page(), (
        "run: python -m daemon.config.forking.effects_page > docs/forks.md"
    )


def test_nothing_changed_means_nothing() -> None:
    assert forked({}) == []
    assert begins_anew([], "sac") == frozenset()


def test_a_change_names_the_setting_its_values_and_what_it_means() -> None:
    (change,) = forked({"ppo": {"learning_rate": 1e-4}})
    assert (change.setting, change.before, change.after) == ("ppo.learning_rate", 4e-4, 1e-4)
    assert (change.effect, change.anew) == ("free", ("learning rate",))


@pytest.mark.parametrize(
    ("overrides", "algorithm", "anew"),
    [
        ({"run": {"n_envs": 64}}, "ppo", {"flights"}),
        ({"run": {"n_envs": 64}}, "sac", {"flights", "replay"}),
        ({"sensors": {"noise": 0.5}}, "td3", {"flights", "replay", "window"}),
        ({"ppo": {"gamma": 0.98}}, "ppo", {"returns"}),
        ({"ppo": {"gamma": 0.98, "learning_rate": 1.0}}, "sac", set()),
        ({"normalize": {"rewards": False}}, "sac", set()),
        ({"sac": {"buffer_size": 5000}}, "sac", {"replay"}),
        ({"network": {"hidden": [64]}}, "ppo", {"model", "flights", "window"}),
        ({"run": {"seed": 7}}, "td3", {"random numbers"}),
    ],
)
def test_what_begins_anew(overrides: Mapping[str, Any], algorithm: Any, anew: set[str]) -> None:
    assert begins_anew(forked(overrides, algorithm), algorithm) == anew


def test_what_only_a_new_model_begins_with_needs_one() -> None:
    (alone,) = forked({"network": {"log_std_init": -2.0}})
    assert alone.effect == "refused"
    assert {c.effect for c in forked({"network": {"log_std_init": -2.0, "hidden": [8]}})} == {
        "new model",
        "free",
    }
    (unused,) = forked({"network": {"log_std_init": -2.0}}, "td3")
    assert (unused.effect, unused.reason) == ("free", "not used by td3")


def test_stages_are_compared_by_their_place() -> None:
    before = configured()
    stages = list(before.curriculum.stages)
    stages[1] = msgspec.structs.replace(stages[1], gate_success_rate=0.9, relief=0.1)
    curriculum = msgspec.structs.replace(before.curriculum, stages=stages[:3])
    found = changes(before, msgspec.structs.replace(before, curriculum=curriculum))
    assert [(c.setting, c.effect) for c in found] == [
        ("curriculum.stages[2].relief", "flights begin anew"),
        ("curriculum.stages[2].gate_success_rate", "free"),
        ("curriculum.stages[4]", "free"),
        ("curriculum.stages[5]", "free"),
    ]
    added = changes(msgspec.structs.replace(before, curriculum=curriculum), before)
    assert (added[-1].before, added[-1].after) == (None, "powered descent")
