"""Builds fleets from the configuration: the only module that knows both."""

from __future__ import annotations

from daemon.config.schema import Config, Stage
from daemon.trainer.flyable import find_vehicle, read_terrain, start_conditions
from daemon.trainer.health.errors import UnusableConfigError
from env.fleet import FleetSettings, LanderFleet
from env.sensing.lidar import FLASH_LIDAR
from env.sensing.sensors import NOISY
from env.task.flyable import UnflyableError, check_flyable


def build_fleet(config: Config, stage: Stage, n_envs: int) -> LanderFleet:
    """A fleet of `n_envs` landers for `stage`.

    Raises UnusableConfigError for an unknown vehicle, a stage that it cannot fly, or a height map
    that cannot be used.
    """
    return LanderFleet(fleet_settings(config, stage, n_envs))


def fleet_settings(config: Config, stage: Stage, n_envs: int) -> FleetSettings:
    """What the environment is given for `n_envs` landers that fly `stage`.

    Raises UnusableConfigError as `build_fleet`.
    """
    vehicle, start = find_vehicle(config), start_conditions(stage)
    try:
        check_flyable(start, vehicle)
    except UnflyableError as error:
        raise UnusableConfigError(f"stage {stage.name!r}: {error}") from error
    return FleetSettings(
        n_envs=n_envs,
        vehicle=vehicle,
        start=start,
        height_map=read_terrain(config.terrain),
        local_relief=config.terrain.local_relief,
        sensors=NOISY.scaled(config.sensors.noise),
        lidar=FLASH_LIDAR.scaled(config.sensors.noise),
        control_interval_s=config.fleet.control_interval_s,
        dynamics_interval_s=config.fleet.dynamics_interval_s,
        threads=config.fleet.threads,
    )
