"""Decides whether `start` resumes the current run or creates a new one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from daemon.checkpoint.manifest import Manifest
from daemon.config import sections
from daemon.config.demo import shortened
from daemon.config.schema import Algorithm, Config, Mode
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `start` that are settings of [run]; None: not given."""

    mode: Mode | None = None
    algorithm: Algorithm | None = None
    n_envs: int | None = None
    timesteps: int | None = None
    stage: int | None = None
    seed: int | None = None

    def given(self) -> dict[str, str | int]:
        """The given options, by setting."""
        every = msgspec.structs.asdict(self)
        return {name: value for name, value in every.items() if value is not None}

    def overrides(self) -> Mapping[str, Mapping[str, str | int]]:
        """The given options in the form of `load_config`."""
        return {"run": self.given()}


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


def unused_sections(frozen: Config, current: Config) -> list[str]:
    """Sections in which the configuration differs from what a resumed run keeps.

    Without [run]: its settings are also options of `start` and are compared as such.
    """
    if frozen.run.mode == "demo":
        run = msgspec.structs.replace(current.run, mode="demo")
        current = shortened(msgspec.structs.replace(current, run=run))
    return [
        name
        for name in sections.FROZEN
        if name != "run" and getattr(frozen, name) != getattr(current, name)
    ]
