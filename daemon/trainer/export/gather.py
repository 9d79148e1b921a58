"""Collects the facts of a model card from a checkpoint, its run and its evaluations."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import metadata
from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import Config
from daemon.runs.evaluations import EvaluationResult, list_evaluations
from daemon.runs.metadata import read_metadata
from daemon.runs.references import SEPARATOR
from daemon.trainer.export.card import ActionRow, Card, Limits, Network, ObservationRow, Training
from daemon.trainer.export.layers import ExportedPolicy
from daemon.trainer.export.meanings import action_table, observation_meaning
from daemon.trainer.flyable import find_vehicle, start_conditions
from env.physics.vehicle import Vehicle
from env.task.observation import observation_table


def gather_card(run: RunPaths, config: Config, manifest: Manifest, policy: ExportedPolicy) -> Card:
    """The card of a checkpoint's policy. Raises OSError, UnusableConfigError."""
    vehicle = find_vehicle(config)
    return Card(
        training=_training(run, config, manifest),
        evaluation=_newest_evaluation(run, manifest),
        evaluate=f"landerctl evaluate {run.id}{SEPARATOR}{manifest.id}",
        limits=_limits(config, manifest.stage),
        network=Network(
            sizes=(policy.n_observations, *(layer.bias.size for layer in policy.layers)),
            activation=policy.activation,
            output=policy.output,
            epsilon=policy.normalizer.epsilon,
            clip=policy.normalizer.clip,
        ),
        observation=_observation(vehicle, policy),
        action=tuple(
            ActionRow(index=index, name=name, meaning=meaning)
            for index, (name, meaning) in enumerate(action_table(vehicle))
        ),
        license=metadata("landerctl")["License-Expression"] or "",
    )


def _training(run: RunPaths, config: Config, manifest: Manifest) -> Training:
    about = read_metadata(run)
    return Training(
        run_id=manifest.run_id,
        run_name=about.name,
        checkpoint=manifest.id,
        created_s=manifest.created_s,
        algorithm=manifest.algorithm,
        mode=config.run.mode,
        timesteps=manifest.timesteps,
        seed=config.run.seed,
        landers=config.run.n_envs,
        warm_start=config.run.warm_start,
        stages=tuple(stage.name for stage in config.curriculum.stages),
        stage=manifest.stage,
        fingerprint=about.fingerprint,
        versions=manifest.versions,
    )


def _newest_evaluation(run: RunPaths, manifest: Manifest) -> EvaluationResult | None:
    # A training's own evaluations are named by their steps.
    names = (manifest.id, f"{manifest.timesteps}-steps")
    found = [one.result for one in list_evaluations(run.evaluations).whole]
    return next((result for result in reversed(found) if result.pilot in names), None)


def _limits(config: Config, saved_in: int) -> Limits:
    number = config.run.stage if config.run.mode == "standard" else saved_in
    stage = config.curriculum.stages[number - 1]
    start = asdict(start_conditions(stage))
    del start["difficulty"]  # a label
    return Limits(
        vehicle=config.fleet.vehicle,
        vehicle_data=config.fleet.vehicle_data,
        stage=number,
        stage_name=stage.name,
        start=start,
        height_map=Path(config.terrain.height_map).name,  # its folder is this machine's
        cell_m=config.terrain.cell_m,
        local_relief=config.terrain.local_relief,
        sensor_noise=config.sensors.noise,
        control_interval_s=config.fleet.control_interval_s,
        dynamics_interval_s=config.fleet.dynamics_interval_s,
    )


def _observation(vehicle: Vehicle, policy: ExportedPolicy) -> tuple[ObservationRow, ...]:
    normalizer = policy.normalizer
    return tuple(
        ObservationRow(
            index=index,
            name=row.name,
            unit=row.unit,
            low=row.low,
            high=row.high,
            mean=float(normalizer.mean[index]),
            deviation=float(normalizer.deviation[index]),
            meaning=observation_meaning(row.name, vehicle),
        )
        for index, row in enumerate(observation_table(vehicle))
    )
