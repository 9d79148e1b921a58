"""What a state folder has of its current run's training. Reads only."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results.making.gates import passed_gates
from benchmarks.results.record import Gate, Kill, RunResult, cores, processor
from daemon.base.machine import machine_name
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.best import best_of
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.environment_version import ENVIRONMENT
from daemon.checkpoint.manifest import Manifest
from daemon.config.forking.effects import changes
from daemon.config.load import load_config
from daemon.config.schema import Config
from daemon.runs.curves import SPEED, RunCurves, read_curves
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import current_run, read_run_config
from daemon.store.reader import StoreReader
from daemon.store.run_curves import caught_up

# What a record names by itself.
_NAMED = ("run.mode", "run.algorithm", "run.n_envs", "fleet.vehicle")
# What says nothing of how a training learns.
_INDIFFERENT = ("run.seed", "run.torch_threads", "fleet.threads")


class UnrecordableError(Exception):
    """A state folder has no training that can be recorded, or another one. One line."""


@dataclass(frozen=True)
class Training:
    """A run's training so far."""

    home: Path
    run: RunPaths
    config: Config
    gates: list[Gate]
    curves: RunCurves
    completed: bool
    best: Manifest
    versions: dict[str, str]
    machine: str  # of daemon.base.machine, where it began

    @property
    def stage(self) -> int:
        """The highest stage whose gate it passed, else the first."""
        return max((gate.stage for gate in self.gates), default=1)


def read_training(home: Path) -> Training:
    """Raises UnrecordableError, and StoreError for a store that cannot be read."""
    paths = StatePaths(home)
    run = current_run(paths)
    if run is None:
        raise UnrecordableError(f"{home}: it has no run; name a state folder that was trained in")
    with StoreReader.open(paths.store) as store:
        known = read_curves(run) or RunCurves()
        curves = caught_up(store, run.id, known, time.time())
        completed = bool(store.seldom_events(run.id, ["run.completed"], 1))
        gates = passed_gates(store, paths, run, curves)
    best = best_of(list_checkpoints(run.checkpoints).whole)
    if best is None or not curves.rows:
        raise UnrecordableError(f"{run.folder}: it has no best state yet; let it train on")
    metadata = read_metadata(run)
    return Training(
        home=home,
        run=run,
        config=read_run_config(run),
        gates=gates,
        curves=curves,
        completed=completed,
        best=best,
        versions={ENVIRONMENT: best.versions.get(ENVIRONMENT, "1"), **metadata.versions},
        machine=metadata.machine,
    )


def run_result(
    training: Training, name: str, *, until_stage: int | None, kills: list[Kill], note: str
) -> RunResult:
    """The record of a training, without the flights of its best model.

    `until_stage`: the gate that is its end; None: it trains until run.timesteps.
    """
    config = training.config
    here = not training.machine or training.machine == machine_name()
    last = training.curves.kept().rows[-1]
    speeds = [point.value for point in training.curves.points(SPEED)]
    return RunResult(
        name=name,
        algorithm=config.run.algorithm,
        vehicle=config.fleet.vehicle,
        seed=config.run.seed,
        mode=config.run.mode,
        settings=settings_of(config),
        n_envs=config.run.n_envs,
        timesteps=last.timesteps,
        trained_s=last.trained_s,
        steps_per_s=statistics.median(speeds),
        gates=training.gates,
        final=None,
        pilot=None,
        kills=kills,
        cpu=processor() if here else f"machine {training.machine}",
        cores=config.fleet.threads if not here else min(cores(), config.fleet.threads),
        versions=training.versions,
        note=note,
        complete=training.completed if until_stage is None else training.stage >= until_stage,
    )


def default_config(vehicle: str) -> Config:
    """The defaults with a vehicle."""
    return load_config(None, {"fleet": {"vehicle": vehicle}}).config


def settings_of(config: Config) -> str:
    """How a training's settings differ from the defaults of its vehicle, a line each."""
    found = differences(default_config(config.fleet.vehicle), config)
    return "\n".join(line for line in found if not line.startswith(_NAMED))


def differences(before: Config, after: Config) -> list[str]:
    """The settings that change how a training learns: ``ppo.gamma = 0.98 instead of 0.99``."""
    return [
        f"{change.setting} = {change.after} instead of {change.before}"
        for change in changes(before, after)
        if change.setting not in _INDIFFERENT and not change.reason.startswith("not used by")
    ]
