"""`evaluate-pair`: two pilots on the same seeds in one environment, and their paired difference."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import msgspec
from msgspec.structs import replace

from daemon.backup.restoring.find_state import verify_state
from daemon.base.paths import RunPaths
from daemon.config import Config
from daemon.protocol.flight import REFERENCE
from daemon.runs.evaluations import save_evaluation
from daemon.runs.paired_evaluation import PairedEvaluation
from daemon.runs.run_folder import read_run_config
from daemon.runs.trajectories import encode_trajectories
from daemon.trainer.commands.evaluate import compile_for, print_flown
from daemon.trainer.commands.fly_shown import fly_shown
from daemon.trainer.commands.pair_table import pair_table
from daemon.trainer.evaluation.fly_episodes import seeded_flights, summarize
from daemon.trainer.evaluation.pair import Flown, pair
from daemon.trainer.evaluation.pilot_source import load_pilot
from daemon.trainer.evaluation.provenance import describe_provenance, differing_environment
from daemon.trainer.evaluation.trajectories import trajectories_of
from daemon.trainer.fleets import fleet_settings
from daemon.trainer.health.errors import UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.fleet import FleetSettings


@dataclass(frozen=True)
class Side:
    """One of the two pilots."""

    name: str  # as `landerctl fly --pilot` takes it
    run: RunPaths
    checkpoint: Path | None  # its folder; None: the reference pilot

    @property
    def pilot(self) -> str:
        """The id of the checkpoint, or REFERENCE."""
        return REFERENCE if self.checkpoint is None else self.checkpoint.name


@dataclass(frozen=True)
class PairRequest:
    """What to fly."""

    environment: RunPaths
    first: Side
    second: Side
    again: str  # the command to which a pilot, a stage and a seed are added
    episodes: int
    first_seed: int | None  # None: evaluation.seed
    stage: int | None  # counted from 1; None: that of the first checkpoint


def evaluate_pair(
    request: PairRequest, startup: StartupProgress, *, as_json: bool, output: TextIO
) -> int:
    """Fly both, store and print; returns as `evaluate` does. Ends `startup`."""

    def flown() -> str:
        with startup:
            paired, stored = _fly(request, startup)
        if as_json:
            return f"{msgspec.json.encode(paired).decode()}\n"
        names = (request.first.name, request.second.name)
        return pair_table(paired, names, stored, request.again)

    return print_flown(flown, output, request.first.checkpoint)


@dataclass(frozen=True)
class _Scene:
    """In what both are flown."""

    config: Config
    stage: int
    settings: FleetSettings
    first_seed: int
    episodes: int


def _fly(request: PairRequest, startup: StartupProgress) -> tuple[PairedEvaluation, list[str]]:
    """The comparison, and where the two evaluations are stored or why not."""
    config = read_run_config(request.environment)
    number = _stage(request, config)
    stage = config.curriculum.stages[number - 1]
    settings = fleet_settings(config, stage, config.run.n_envs)
    compile_for(startup)
    first_seed = config.evaluation.seed if request.first_seed is None else request.first_seed
    scene = _Scene(config, number, settings, first_seed, request.episodes)
    first, first_stored, _ = _fly_side(request.first, scene)
    second, second_stored, differing = _fly_side(request.second, scene)
    paired = pair(first, second, environment_run_id=request.environment.id, differing=differing)
    return paired, [first_stored, second_stored]


def _stage(request: PairRequest, config: Config) -> int:
    number, stages = request.stage, len(config.curriculum.stages)
    if number is None:
        folder = request.first.checkpoint or request.second.checkpoint
        assert folder is not None, "at most one side is the reference pilot"
        standard = config.run.mode == "standard"
        number = config.run.stage if standard else verify_state(folder).manifest.stage
    if not 1 <= number <= stages:
        raise UnusableError(f"--stage {number}: allowed 1 to {stages}")
    return number


def _fly_side(side: Side, scene: _Scene) -> tuple[Flown, str, dict[str, str]]:
    """What it flew, where that is stored, and how its own run's environment differs."""
    config = scene.config
    stage = config.curriculum.stages[scene.stage - 1]
    own = read_run_config(side.run)
    if side.checkpoint is not None:
        verify_state(side.checkpoint)
    # A policy normalizes observations as its own run does.
    source = load_pilot(side.checkpoint, replace(own, fleet=config.fleet))
    flights = seeded_flights(scene.first_seed, scene.episodes)
    flown = fly_shown(source, scene.settings, flights, name=side.name, record=True)
    episodes = [one.episode for one in flown]
    result = summarize(
        episodes,
        run_id=side.run.id,
        pilot=side.pilot,
        created_s=time.time(),
        vehicle=config.fleet.vehicle,
        stage=scene.stage,
        stage_name=stage.name,
        first_seed=scene.first_seed,
        provenance=describe_provenance(
            config,
            stage,
            policy=source.digest,
            first_seed=scene.first_seed,
            episodes=scene.episodes,
        ),
    )
    differing = differing_environment(config, own, scene.stage)
    if differing:  # there it would be taken for one of the run's own environment
        stored = f"no: run {side.run.id} has another environment"
    else:
        content = encode_trajectories(trajectories_of(flown, scene.settings.vehicle))
        stored = str(save_evaluation(side.run.evaluations, result, content).path)
    return (result, episodes), stored, differing
