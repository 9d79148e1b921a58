"""What an evaluation's result depends on, as fingerprints, and how two environments differ."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import env
from daemon import trainer
from daemon.config.fingerprint import versions
from daemon.config.schema import Config, Stage
from daemon.runs.evaluations import Provenance
from daemon.trainer.flyable import read_terrain, start_conditions

_LENGTH = 16  # hexadecimal digits, as of a configuration's fingerprint


def describe_provenance(
    config: Config, stage: Stage, *, policy: str, first_seed: int, episodes: int
) -> Provenance:
    """The provenance of `episodes` flown in a stage's environment.

    `policy`: the digest of what flew, "" for the reference pilot. Raises UnusableConfigError for an
    unreadable height map.
    """
    found = Provenance(
        fingerprint="",
        policy=policy,
        environment=_environment(config, stage),
        code=_code(),
        versions=versions(),
    )
    whole = _digest([msgspec.to_builtins(found), first_seed, episodes])
    return msgspec.structs.replace(found, fingerprint=whole)


def environment_settings(config: Config, stage: Stage) -> dict[str, Any]:
    """What the environment is given to fly a stage, by the settings' names."""
    fleet, terrain = config.fleet, config.terrain
    return {
        "fleet.vehicle": fleet.vehicle,
        "fleet.control_interval_s": fleet.control_interval_s,
        "fleet.dynamics_interval_s": fleet.dynamics_interval_s,
        "terrain.height_map": terrain.height_map,
        "terrain.cell_m": terrain.cell_m,
        "terrain.local_relief": terrain.local_relief,
        "sensors.noise": config.sensors.noise,
        **{f"stage.{name}": value for name, value in asdict(start_conditions(stage)).items()},
    }


def differing_environment(config: Config, other: Config, stage: int) -> dict[str, str]:
    """How the environment of `other` differs from that of `config` in a stage, counted from 1.

    By setting: ``0.1 instead of 0.2``.
    """
    stages = other.curriculum.stages
    if stage > len(stages):
        return {"number of curriculum.stages": f"{len(stages)}, so it has no stage {stage}"}
    ours = environment_settings(config, config.curriculum.stages[stage - 1])
    theirs = environment_settings(other, stages[stage - 1])
    return {
        name: f"{theirs[name]} instead of {value}"
        for name, value in ours.items()
        if theirs[name] != value
    }


def _environment(config: Config, stage: Stage) -> str:
    terrain = read_terrain(config.terrain)
    heights = hashlib.sha256(terrain.heights_m.tobytes()).hexdigest() if terrain else ""
    return _digest([environment_settings(config, stage), heights])


@cache
def _code() -> str:
    """Of the source of environment and trainer, which no version number follows; "": unreadable.

    A training goes on while its installation is replaced.
    """
    digest = hashlib.sha256()
    for package in (env, trainer):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            try:
                digest.update(path.read_bytes())
            except OSError:
                return ""
    return digest.hexdigest()[:_LENGTH]


def _digest(content: Any) -> str:
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:_LENGTH]
