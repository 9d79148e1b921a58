"""Prepares a fork: finds the state, applies the settings, and describes what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from daemon.backup.forking.plan import ForkPlan, plan_fork
from daemon.backup.restoring.find_state import State
from daemon.base.paths import RunPaths, StatePaths
from daemon.base.text.counted import counted
from daemon.checkpoint.environment_version import environment_fault
from daemon.config import Config, ConfigError
from daemon.config.frozen import encode_frozen
from daemon.config.layering.assign import Assignment, assign
from daemon.config.load import check_values
from daemon.config.schema import Algorithm, Mode
from daemon.runs.metadata import read_metadata
from daemon.runs.references import CURRENT, UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import read_run_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.states.find_checkpoint import NEWEST, find_checkpoint_state


@dataclass(frozen=True)
class Forking:
    """A fork before it happens."""

    parent: RunPaths
    before: Config  # the parent's
    state: State
    config: Config  # of the fork
    plan: ForkPlan


class PlannedFork(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of `landerctl start --from RUN/STATE --dry-run --json`."""

    action: Literal["fork"] = "fork"
    name: str | None  # None: made up
    tags: tuple[str, ...]
    mode: Mode
    algorithm: Algorithm
    n_envs: int
    timesteps: int
    fork: ForkPlan


def prepare_fork(
    paths: StatePaths, backups: Path, reference: str, settings: Sequence[Assignment]
) -> Forking:
    """The fork of a state (RUN, STATE or RUN/STATE) with these settings; changes nothing.

    Raises Failure, OSError.
    """
    named = parse_reference(reference)
    try:
        parent = resolve_run(paths, named.run or CURRENT)
    except UnknownRunError as error:
        raise Failure(f"--from {error}", Exit.NOT_FOUND) from None
    try:
        before = read_run_config(parent)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    after = _changed(before, settings)
    state = find_checkpoint_state(parent, backups, named.state or NEWEST)
    if fault := environment_fault(state.manifest):
        raise Failure(f"--from {fault}", Exit.CONFIG)
    return Forking(parent, before, state, after, plan_fork(state.manifest, before, after))


def describe(forking: Forking) -> Iterator[str]:
    """The plan, as lines for a terminal."""
    plan = forking.plan
    name = read_metadata(forking.parent).name
    yield (
        f"Fork of {name}/{plan.state}, run {plan.run_id}: {counted(plan.timesteps, 'step')}, "
        f"stage {plan.stage}"
    )
    rows = [
        (one.setting, f"{_shown(one.before)} -> {_shown(one.after)}", one.effect, one.reason)
        for one in plan.changes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(2)] if rows else []
    for setting, values, effect, reason in rows:
        yield f"  {setting:{widths[0]}}  {values:{widths[1]}}  {effect}: {reason}"
    if not rows:
        yield "  no setting changes: it continues as its parent would have"
    for note in plan.notes:
        yield f"  {note}"
    anew = ", ".join(plan.begins_anew)
    if not plan.refused:
        yield (
            f"  begins anew: {anew}; the rest carries over" if anew else "  everything carries over"
        )


def planned_fork(forking: Forking, name: str | None, tags: Sequence[str]) -> PlannedFork:
    """What a fork would be."""
    run = forking.config.run
    return PlannedFork(
        name=name,
        tags=tuple(tags),
        mode=run.mode,
        algorithm=run.algorithm,
        n_envs=run.n_envs,
        timesteps=run.timesteps,
        fork=forking.plan,
    )


def _changed(before: Config, settings: Sequence[Assignment]) -> Config:
    """The parent's configuration with these settings; the last of one counts."""
    values: dict[str, Any] = msgspec.json.decode(encode_frozen(before))
    try:
        for one in settings:
            values, _ = assign(values, one)
        return check_values(values, "fork")
    except ConfigError as error:
        what = str(error).removeprefix("fork: ")
        raise Failure(f"command line: {what}", Exit.USAGE) from None


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value)
