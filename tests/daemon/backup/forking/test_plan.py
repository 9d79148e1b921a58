"""What a fork carries over, and when it is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from daemon.backup.forking.plan import ForkPlan, plan_fork
from daemon.checkpoint.manifest import FORMAT, FileDigest, Manifest
from daemon.config import Config, load_config
from daemon.config.schema import CheckpointKind

PARENT = "20260101-000000-curriculum-ppo-aaaa"
FILES = ("model.zip", "vecnormalize.npz", "vecnormalize.pkl", "fleet.npz", "training_state.json")


def state_of(
    *, stage: int = 2, ramp_step: int = 2, timesteps: int = 1_000_000, kind: CheckpointKind = "gate"
) -> Manifest:
    return Manifest(
        format=FORMAT,
        id=f"000007-{timesteps}-{kind}",
        sequence=7,
        run_id=PARENT,
        kind=kind,
        created_s=1.0,
        algorithm="ppo",
        timesteps=timesteps,
        stage=stage,
        ramp_step=ramp_step,
        episodes=60,
        success_rate=0.5,
        reward_mean=300.0,
        restored_from=None,
        versions={},
        files={name: FileDigest(1, "0") for name in FILES},
    )


def planned(overrides: dict[str, Any], state: Manifest | None = None, **run: Any) -> ForkPlan:
    """A fork's plan; `run`: settings of [run] that the parent has too."""
    after = {**overrides, "run": run | overrides.get("run", {})}
    return plan_fork(
        state or state_of(), load_config(None, {"run": run}).config, load_config(None, after).config
    )


def with_stages(count: int, **fields: Any) -> Config:
    """The defaults with the first stages only, changed."""
    config = load_config(None).config
    stages = [
        msgspec.structs.replace(stage, **fields) for stage in config.curriculum.stages[:count]
    ]
    curriculum = msgspec.structs.replace(config.curriculum, stages=stages)
    return msgspec.structs.replace(config, curriculum=curriculum)


def test_a_fork_with_nothing_changed_carries_everything_over() -> None:
    plan = planned({})
    assert (plan.changes, plan.begins_anew, plan.notes, plan.refused) == ([], [], [], [])
    assert (plan.run_id, plan.state, plan.ramp_step) == (PARENT, "000007-1000000-gate", 2)


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"run": {"algorithm": "sac"}}, "run.algorithm: "),
        ({"run": {"mode": "standard"}}, "run.mode: "),
        ({"fleet": {"vehicle": "apollo-lm"}}, "fleet.vehicle: "),
        ({"network": {"log_std_init": -2.0}}, "network.log_std_init: only a new model"),
        ({"run": {"timesteps": 900_000}}, "run.timesteps: 1,000,000 of 900,000 are trained"),
    ],
)
def test_what_cannot_be_changed_is_refused(overrides: dict[str, Any], reason: str) -> None:
    (line,) = planned(overrides).refused
    assert line.startswith(reason)


def test_several_reasons_are_named_together() -> None:
    assert len(planned({"run": {"algorithm": "sac", "mode": "standard"}}).refused) == 2


def test_the_stage_of_the_state_cannot_be_removed() -> None:
    (line,) = plan_fork(state_of(stage=3), with_stages(5), with_stages(2)).refused
    assert "stage 3" in line
    assert plan_fork(state_of(stage=2), with_stages(5), with_stages(2)).refused == []


def test_a_mastered_training_needs_another_curriculum_to_go_on() -> None:
    final = state_of(stage=2, ramp_step=4, kind="final")
    (line,) = plan_fork(final, with_stages(2), with_stages(2)).refused
    assert "mastered" in line
    assert plan_fork(final, with_stages(2), with_stages(3)).refused == []


def test_a_training_that_used_up_its_steps_goes_on_with_more() -> None:
    final = state_of(timesteps=24_000_000, kind="final")
    (line,) = planned({}, final).refused
    assert line.startswith("run.timesteps")
    assert planned({"run": {"timesteps": 30_000_000}}, final).refused == []


@pytest.mark.parametrize(
    ("step", "steps", "expected"), [(4, 8, 8), (2, 8, 4), (3, 2, 1), (1, 2, 1)]
)
def test_the_place_on_the_ramp_is_kept(step: int, steps: int, expected: int) -> None:
    plan = plan_fork(
        state_of(ramp_step=step), with_stages(3, ramp_steps=4), with_stages(3, ramp_steps=steps)
    )
    assert plan.ramp_step == expected
    assert plan.begins_anew == ["window"]


def test_notes_say_what_follows() -> None:
    assert planned({"run": {"n_envs": 4}}).notes == ["a rollout has 512 steps, a batch 512 of them"]
    (note,) = planned({"run": {"n_envs": 4}}, algorithm="td3").notes
    assert "buffer begins empty" in note and "20,000 steps" in note
