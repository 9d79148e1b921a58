"""Conditions and the order of `landerctl runs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from daemon.checkpoint.manifest import Manifest
from daemon.config import load_config
from daemon.runs.metadata import Parent, RunMetadata
from landerctl.operations.runs.fields import (
    FIELDS,
    ConditionError,
    ordered,
    parse_condition,
    selected,
)
from landerctl.operations.runs.summary import RunSummary

NOW_S = 1e9
SETTINGS = {"ppo.clip_range": 0.1, "run.device": "cpu"}


def run(name: str, steps: int | None = None, **changes: Any) -> RunSummary:
    metadata = RunMetadata(
        name=name,
        tags=changes.get("tags", ()),
        created_s=NOW_S - changes.get("age_s", 60.0),
        parent=changes.get("parent"),
    )
    newest = None
    if steps is not None:
        newest = Manifest(
            format=2,
            id=f"000001-{steps}-gate",
            sequence=1,
            run_id=name,
            kind="gate",
            created_s=NOW_S,
            algorithm="ppo",
            timesteps=steps,
            stage=changes.get("stage", 1),
            ramp_step=1,
            episodes=100,
            success_rate=changes.get("success"),
            reward_mean=changes.get("reward"),
            restored_from=None,
            versions={},
            files={},
        )
    return RunSummary(
        id=f"20250101-000000-{name}",
        metadata=metadata,
        current=False,
        state="stopped",
        gates=changes.get("gates", 0),
        settings=load_config(None).config.run,
        newest=newest,
    )


RUNS = [
    run("alpha", 2_000_000, stage=3, success=0.9, tags=("base", "lr=3"), age_s=7200.0, gates=2),
    run("beta", 500_000, stage=2, success=0.1, parent=Parent("20250101-000000-alpha", "1-2-x", 9)),
    run("gamma"),
]


def names(*texts: str) -> str:
    conditions = [parse_condition(text, lambda: list(SETTINGS)) for text in texts]

    def settings_of(one: RunSummary) -> Mapping[str, Any]:
        return SETTINGS if one.name != "gamma" else {}

    return " ".join(one.name for one in selected(RUNS, conditions, NOW_S, settings_of))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stage>=3", "alpha"),
        ("stage != 3", "beta gamma"),  # what has no stage is not in stage 3
        ("steps<1M", "beta gamma"),
        ("steps >= 500_000", "alpha beta"),
        ("success>50%", "alpha"),
        ("success<=0.1", "beta"),
        ("age>1h", "alpha"),
        ("gates=2", "alpha"),
        ("tag=base", "alpha"),
        ("tag!=base", "beta gamma"),
        ("tag~LR", "alpha"),
        ("name~a", "alpha beta gamma"),
        ("name=BETA", "beta"),
        ("parent~alpha", "beta"),
        ("algorithm==ppo", "alpha beta gamma"),
        ("n_envs>100000", ""),
        ("ppo.clip_range=0.1", "alpha beta"),
        ("ppo.clip_range>0.1", ""),
        ("run.device=cpu", "alpha beta"),
    ],
)
def test_a_condition_selects_runs(text: str, expected: str) -> None:
    assert names(text) == expected


def test_all_conditions_must_hold() -> None:
    assert names("stage>=2", "success>0.5") == "alpha"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stge>=3", "unknown field 'stge'; did you mean 'stage'"),
        ("ppo.clip_rang=1", "did you mean 'ppo.clip_range'"),
        ("zzz=1", "known: name, id, state"),
        ("stage", "expected FIELD OP VALUE"),
        ("stage>=", "expected FIELD OP VALUE"),
        ("stage>=x", "stage is a number"),
        ("__import__('os')=1", "expected FIELD OP VALUE"),
    ],
)
def test_an_invalid_condition_is_explained(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text, lambda: list(SETTINGS))
    assert message in str(caught.value)


def test_numbers_are_sorted_from_the_highest_texts_from_a_and_nothing_last() -> None:
    def order(field: str, *, reverse: bool = False) -> str:
        return " ".join(one.name for one in ordered(RUNS, field, NOW_S, reverse=reverse))

    assert order("success") == "alpha beta gamma"
    assert order("success", reverse=True) == "beta alpha gamma"
    assert order("name", reverse=True) == "gamma beta alpha"
    assert order("parent") == "beta alpha gamma"
    with pytest.raises(ConditionError, match="did you mean 'steps'"):
        order("step")


def test_every_field_has_a_value_or_none() -> None:
    for field in FIELDS.values():
        for one in RUNS:
            assert isinstance(field.of(one, NOW_S), str | int | float | tuple | None)
