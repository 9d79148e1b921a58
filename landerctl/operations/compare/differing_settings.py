"""Which settings of several runs differ, and which versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from daemon.config.differing import frozen_settings
from daemon.config.schema import Config
from daemon.runs.metadata import RunMetadata

_ALGORITHMS = ("ppo", "sac", "td3")
# Of the evaluated task, besides its stage: what decides how an episode goes.
_TASK = ("fleet.", "terrain.", "sensors.")
_NOT_OF_TASK = frozenset({"fleet.threads"})
_NOT_OF_EPISODE = frozenset(
    {
        "name",
        "ramp_steps",
        "gate_success_rate",
        "gate_mean_reward",
        "mastery_success_rate",
        "mastery_timesteps",
    }
)


class Setting(msgspec.Struct, frozen=True):
    """A name, and its value in each run; None: the run has none, or it is not known."""

    name: str
    values: tuple[Any, ...]


def differing_settings(configs: Sequence[Config | None]) -> tuple[Setting, ...]:
    """The settings that decide a training and are not the same in all runs, in the schema's order.

    Those of algorithms that no run uses are left out. None: a configuration that cannot be read.
    """
    used = {config.run.algorithm for config in configs if config is not None}
    unused = tuple(f"{name}." for name in _ALGORITHMS if name not in used)
    tables = [{} if config is None else frozen_settings(config) for config in configs]
    known = [table for config, table in zip(configs, tables, strict=True) if config is not None]
    return tuple(
        Setting(name, tuple(table.get(name) for table in tables))
        for name in _names(tables)
        if not name.startswith(unused) and _differ(known, name)
    )


def differing_versions(metadata: Sequence[RunMetadata]) -> tuple[Setting, ...]:
    """The machine and the packages' versions that are not the same in all runs that record them."""
    tables: list[dict[str, Any]] = [
        {"machine": one.machine, **one.versions} if one.machine else {} for one in metadata
    ]
    known = [table for table in tables if table]
    return tuple(
        Setting(name, tuple(table.get(name) for table in tables))
        for name in _names(tables)
        if _differ(known, name)
    )


def same_task(first: Config | None, second: Config | None, stage: int) -> bool:
    """Whether a seed is the same episode for both: vehicle, terrain, sensors, and the stage."""
    if first is None or second is None:
        return False
    return _task(first, stage) == _task(second, stage)


def _task(config: Config, stage: int) -> dict[str, Any]:
    own = f"curriculum.stages[{stage}]."
    return {
        name: value
        for name, value in frozen_settings(config).items()
        if (name.startswith(_TASK) and name not in _NOT_OF_TASK)
        or (name.startswith(own) and name.removeprefix(own) not in _NOT_OF_EPISODE)
    }


def _names(tables: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for table in tables for name in table))


def _differ(tables: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(table.get(name) != tables[0].get(name) for table in tables[1:])
