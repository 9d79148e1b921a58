"""Decides whether `start` resumes the current run or creates a new one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from daemon.config import Config, LoadedConfig, load_config
from daemon.config.demo import shortened
from daemon.config.judging.error import Origin
from daemon.config.layering.assign import Assignment
from daemon.config.layering.layers import GivenLayer
from daemon.config.layering.settings import Difference, differences, settings_of
from daemon.config.layering.sources import SET
from daemon.config.schema import Algorithm, Mode, WarmStart
from daemon.config.sections import FROZEN
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.starting.forking import Forking


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `start` that are settings of [run]; None: not given."""

    mode: Mode | None = None
    algorithm: Algorithm | None = None
    n_envs: int | None = None
    timesteps: int | None = None
    stage: int | None = None
    seed: int | None = None
    warm_start: WarmStart | None = None

    def given(self) -> dict[str, str | int]:
        """The given options, by setting."""
        every = msgspec.structs.asdict(self)
        return {name: value for name, value in every.items() if value is not None}

    def layers(self) -> list[GivenLayer]:
        """The given options as the highest layers of the configuration."""
        return [
            GivenLayer(flag(setting), "option", Assignment(f"run.{setting}", value))
            for setting, value in self.given().items()
        ]


def flag(setting: str) -> str:
    """The option that sets a setting of [run]."""
    return f"--{setting.replace('_', '-')}"


def completed(newest: Manifest | None) -> bool:
    """Whether a run is completed; after a rollback it is not."""
    return newest is not None and newest.kind == "final"


def resumed_config(run_id: str, frozen: Config, options: RunOptions) -> Config:
    """The configuration of a resumed run: its own, with more timesteps if requested.

    Raises Failure for options that contradict it.
    """
    for setting, value in options.given().items():
        kept = getattr(frozen.run, setting)
        if setting != "timesteps" and value != kept:
            raise Failure(
                f"run {run_id} was started with {flag(setting)} {kept}, not {value}: "
                f"omit {flag(setting)} to resume it, or add --fresh for a new run",
                Exit.USAGE,
            )
    wanted = options.timesteps or frozen.run.timesteps
    if wanted < frozen.run.timesteps:
        raise Failure(
            f"run {run_id} has {frozen.run.timesteps:,} timesteps, which can be raised but "
            f"not lowered to {wanted:,}: omit --timesteps, or add --fresh for a new run",
            Exit.USAGE,
        )
    return msgspec.structs.replace(
        frozen, run=msgspec.structs.replace(frozen.run, timesteps=wanted)
    )


def ignored_settings(run_id: str, frozen: Config, loaded: LoadedConfig) -> list[str]:
    """A line for each variable, and one for the files, of which a resumed run takes no setting.

    [run] in files is not compared: its settings are options of `start` too. Raises Failure for a
    setting of --set that the run does not have.
    """
    current = loaded.config
    if frozen.run.mode == "demo":
        run = msgspec.structs.replace(current.run, mode="demo")
        current = shortened(msgspec.structs.replace(current, run=run))
    lines, sections = [], list[str]()
    for one in differences(*(settings_of(side, FROZEN) for side in (frozen, current))):
        found = one.after or one.before
        assert found is not None
        origin = loaded.layered.origin(found.path)
        kept, new = (side.text if side else "(none)" for side in (one.before, one.after))
        if origin.name == SET:
            raise Failure(
                f"run {run_id} was started with {one.name} = {kept}, not {new}: omit "
                f"--set {one.name} to resume it, or add --fresh for a new run",
                Exit.USAGE,
            )
        if origin.kind == "variable":
            lines.append(f"{origin}: only for a new run (--fresh); this one keeps {kept}")
        elif origin.kind != "option" and not one.name.startswith("run."):
            sections.append(one.name.partition(".")[0])
    if sections:
        lines.append(
            "It keeps its original settings; changed sections of the configuration "
            f"({', '.join(dict.fromkeys(sections))}) apply only to a new run (--fresh)"
        )
    return lines


@dataclass(frozen=True)
class StartPlan:
    """What a start trains, and what it says about it first."""

    loaded: LoadedConfig  # of the daemon
    config: Config  # of the run, with the options of this start
    run: RunPaths | None  # to resume; None: a new one
    changed: bool  # whether the run keeps another configuration so far
    message: str
    completed: bool = False  # the daemon serves the run, nothing is trained
    fork: Forking | None = None  # what the new run is forked from


class PlannedSetting(msgspec.Struct, frozen=True):
    """A setting that differs from the defaults; None: it is not there."""

    name: str
    value: Any
    default: Any
    origin: str


class PlannedStart(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of `landerctl start --dry-run --json`."""

    action: Literal["new", "resume", "serve"]
    run_id: str | None  # None: a new one
    name: str | None  # None: made up
    tags: tuple[str, ...]
    mode: Mode
    algorithm: Algorithm
    n_envs: int
    timesteps: int
    text: str
    settings: list[PlannedSetting]


def planned(plan: StartPlan, name: str | None, tags: Sequence[str]) -> PlannedStart:
    """What a plan would do, with every setting that differs from the defaults and its origin."""
    run, of_run = plan.config.run, {one: getattr(plan.config, one) for one in FROZEN}
    served = msgspec.structs.replace(plan.loaded.written, **of_run)
    return PlannedStart(
        action="new" if plan.run is None else "serve" if plan.completed else "resume",
        run_id=None if plan.run is None else plan.run.id,
        name=name,
        tags=tuple(tags),
        mode=run.mode,
        algorithm=run.algorithm,
        n_envs=run.n_envs,
        timesteps=run.timesteps,
        text=plan.message,
        settings=[
            PlannedSetting(
                one.name,
                one.after.shown if one.after else None,
                one.before.shown if one.before else None,
                _origin(plan, one),
            )
            for one in differences(settings_of(load_config(None).written), settings_of(served))
        ],
    )


def _origin(plan: StartPlan, one: Difference) -> str:
    if plan.run is not None and one.name.partition(".")[0] in FROZEN:
        return f"run {plan.run.id}"
    found = one.after or one.before
    assert found is not None
    origin = plan.loaded.layered.origin(found.path)
    # A demo's length and stages are no setting.
    return 'run.mode = "demo"' if origin == Origin() else str(origin)
