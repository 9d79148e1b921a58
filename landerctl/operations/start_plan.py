"""What `start` shall do: go on with the current run, or begin a new one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from daemon.checkpoint.manifest import Manifest
from daemon.config import sections
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
        """Setting and value of what was given."""
        every = msgspec.structs.asdict(self)
        return {name: value for name, value in every.items() if value is not None}

    def overrides(self) -> Mapping[str, Mapping[str, str | int]]:
        """As `load_config` takes them."""
        return {"run": self.given()}


def flag(setting: str) -> str:
    """The option that sets a setting of [run]."""
    return f"--{setting.replace('_', '-')}"


def completed(newest: Manifest | None) -> bool:
    """Whether a run has reached its end; after a rollback it has not."""
    return newest is not None and newest.kind == "final"


def resumed_config(
    run_id: str, frozen: Config, options: RunOptions, newest: Manifest | None
) -> Config:
    """The configuration to go on with: the run's own, with more timesteps where that is asked.

    Raises Failure for options that contradict it, and for a run that is over.
    """
    for setting, value in options.given().items():
        kept = getattr(frozen.run, setting)
        if setting != "timesteps" and value != kept:
            raise Failure(
                f"run {run_id} was begun with {flag(setting)} {kept}, not {value}: "
                f"leave {flag(setting)} out to go on with it, or add --fresh for a new run",
                Exit.USAGE,
            )
    wanted = options.timesteps or frozen.run.timesteps
    if wanted < frozen.run.timesteps:
        raise Failure(
            f"run {run_id} goes to {frozen.run.timesteps:,} timesteps, which can be raised but "
            f"not lowered to {wanted:,}: leave --timesteps out, or add --fresh for a new run",
            Exit.USAGE,
        )
    if completed(newest) and wanted <= frozen.run.timesteps:
        raise Failure(
            f"run {run_id} is completed: raise its --timesteps above {frozen.run.timesteps:,}, "
            "roll it back (`landerctl rollback --to ID`), or add --fresh for a new run"
        )
    return msgspec.structs.replace(
        frozen, run=msgspec.structs.replace(frozen.run, timesteps=wanted)
    )


def unused_sections(frozen: Config, current: Config) -> list[str]:
    """Sections in which the configuration differs from what a resumed run keeps.

    Apart from [run]: its settings are options of `start`, too, and are compared as such.
    """
    return [
        name
        for name in sections.FROZEN
        if name != "run" and getattr(frozen, name) != getattr(current, name)
    ]
