"""Builds fleets from the configuration: the only module that knows both."""

from __future__ import annotations

from functools import cache

from daemon.config.schema import Config, Stage, TerrainSettings
from daemon.trainer.health.errors import UnusableConfigError
from env.fleet import FleetSettings, LanderFleet, UnflyableError
from env.physics.vehicles import VEHICLES
from env.sensing.lidar import FLASH_LIDAR
from env.sensing.sensors import NOISY
from env.task.start import StartConditions
from env.terrain.height_map import HeightMap, HeightMapError, load_height_map


def start_conditions(stage: Stage) -> StartConditions:
    """Where episodes of a stage start."""
    return StartConditions(
        altitude_m=stage.altitude_m,
        downrange_m=stage.downrange_m,
        descent_rate_m_s=stage.descent_rate_m_s,
        horizontal_speed_m_s=stage.horizontal_speed_m_s,
        tilt_deg=stage.tilt_deg,
        delta_v_m_s=stage.delta_v_m_s,
        ground_slope_deg=stage.ground_slope_deg,
        relief=stage.relief,
        clear_radius_m=stage.clear_radius_m,
        time_limit_s=stage.time_limit_s,
    )


def build_fleet(config: Config, stage: Stage, n_envs: int) -> LanderFleet:
    """A fleet of `n_envs` landers for `stage`.

    Raises UnusableConfigError for an unknown vehicle, a stage that it cannot fly, or a height map
    that cannot be used.
    """
    try:
        return LanderFleet(fleet_settings(config, stage, n_envs))
    except UnflyableError as error:
        raise UnusableConfigError(f"stage {stage.name!r}: {error}") from error


def fleet_settings(config: Config, stage: Stage, n_envs: int) -> FleetSettings:
    """What the environment is given for `n_envs` landers that fly `stage`.

    Raises UnusableConfigError for an unknown vehicle or a height map that cannot be used.
    """
    vehicle = VEHICLES.get(config.fleet.vehicle)
    if vehicle is None:
        raise UnusableConfigError(
            f"fleet.vehicle = {config.fleet.vehicle!r}: expected one of {', '.join(VEHICLES)}"
        )
    return FleetSettings(
        n_envs=n_envs,
        vehicle=vehicle,
        start=start_conditions(stage),
        height_map=_height_map(config.terrain),
        local_relief=config.terrain.local_relief,
        sensors=NOISY.scaled(config.sensors.noise),
        lidar=FLASH_LIDAR.scaled(config.sensors.noise),
        control_interval_s=config.fleet.control_interval_s,
        dynamics_interval_s=config.fleet.dynamics_interval_s,
        threads=config.fleet.threads,
    )


@cache
def _height_map(terrain: TerrainSettings) -> HeightMap | None:
    """The user's height map, read once per process; None for synthetic terrain."""
    if not terrain.height_map:
        return None
    try:
        return load_height_map(terrain.height_map, terrain.cell_m or None)
    except HeightMapError as error:
        raise UnusableConfigError(f"terrain.height_map: {error}") from error
