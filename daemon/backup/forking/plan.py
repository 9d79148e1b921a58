"""The plan of a fork: what changes, what that means for the state, what is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from daemon.base.text.counted import counted
from daemon.checkpoint.manifest import Manifest
from daemon.config.forking.carried import Part
from daemon.config.forking.effects import STAGES, Change, begins_anew, changes
from daemon.config.schema import Config


class ForkPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A fork before it happens; as JSON it is what `--dry-run --json` prints."""

    run_id: str  # of the parent
    state: str  # id of the checkpoint or backup
    timesteps: int
    stage: int
    ramp_step: int  # at which the fork begins
    changes: list[Change]
    begins_anew: list[Part]  # sorted
    notes: list[str]  # what else there is to know: a line each
    refused: list[str]  # why the fork is refused: a line each; empty: it is not


def plan_fork(state: Manifest, before: Config, after: Config) -> ForkPlan:
    """The plan of forking `state`, of a run configured as `before`, with the settings `after`."""
    found = changes(before, after)
    anew = begins_anew(found, after.run.algorithm)
    return ForkPlan(
        run_id=state.run_id,
        state=state.id,
        timesteps=state.timesteps,
        stage=state.stage,
        ramp_step=_ramp_step(state, before, after),
        changes=found,
        begins_anew=sorted(anew),
        notes=list(_notes(found, after, anew)),
        refused=list(_refused(state, found, before, after)),
    )


def _refused(
    state: Manifest, found: Sequence[Change], before: Config, after: Config
) -> Iterator[str]:
    yield from (f"{one.setting}: {one.reason}" for one in found if one.effect == "refused")
    if state.stage > len(after.curriculum.stages):
        yield f"{STAGES}: the state is in stage {state.stage}, which must not be removed"
    if state.timesteps >= after.run.timesteps:
        yield (
            f"run.timesteps: {state.timesteps:,} of {after.run.timesteps:,} are trained; set more "
            "(--timesteps)"
        )
    elif (
        state.kind == "final"
        and state.timesteps < before.run.timesteps
        and not any(one.setting.startswith("curriculum.") or "window" in one.anew for one in found)
    ):
        yield (
            "its training is completed, the last stage is mastered: fork an earlier state, or "
            "change [curriculum]"
        )


def _notes(found: Sequence[Change], after: Config, anew: frozenset[Part]) -> Iterator[str]:
    settings = {change.setting for change in found}
    run, ppo = after.run, after.ppo
    if run.algorithm == "ppo" and settings & {"run.n_envs", "ppo.n_steps", "ppo.batch_size"}:
        rollout = ppo.n_steps * run.n_envs
        yield (
            f"a rollout has {counted(rollout, 'step')}, a batch {min(ppo.batch_size, rollout):,} "
            "of them"
        )
    if run.algorithm != "ppo" and "replay" in anew:
        starts = (after.sac if run.algorithm == "sac" else after.td3).learning_starts
        yield (
            "the replay buffer begins empty: the policy only flies for the first "
            f"{counted(starts, 'step')}"
        )


def _ramp_step(state: Manifest, before: Config, after: Config) -> int:
    """The same share of the ramp, rounded down; a ramp that is over stays so."""
    if state.stage > min(len(before.curriculum.stages), len(after.curriculum.stages)):
        return state.ramp_step
    old, new = (config.curriculum.stages[state.stage - 1].ramp_steps for config in (before, after))
    return new if state.ramp_step >= old else max(state.ramp_step * new // old, 1)
