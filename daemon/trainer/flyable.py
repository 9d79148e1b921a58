"""What the configuration says about the flight, as the environment takes it, or why it cannot."""

from __future__ import annotations

from functools import cache

from daemon.config.schema import Config, Stage, TerrainSettings
from daemon.trainer.health.errors import UnusableConfigError
from env.physics.vehicle import Vehicle
from env.physics.vehicles import (
    VEHICLES,
    VehicleFileError,
    installed_names,
    installed_vehicle,
    vehicle_of,
)
from env.task.flyable import UnflyableError, check_flyable
from env.task.start import StartConditions
from env.terrain.height_map import HeightMap, HeightMapError, load_height_map


def check_config(config: Config) -> None:
    """Raise UnusableConfigError for a device, vehicle, stage or height map that cannot be used.

    Imports torch only for another device than the CPU: it takes seconds.
    """
    if config.run.device != "cpu":
        _check_device(config.run.device)
    vehicle = find_vehicle(config)
    for stage in config.curriculum.stages:
        try:
            check_flyable(start_conditions(stage), vehicle)
        except UnflyableError as error:
            raise UnusableConfigError(f"stage {stage.name!r}: {error}") from error
    read_terrain(config.terrain)


def find_vehicle(config: Config) -> Vehicle:
    """The vehicle of fleet.vehicle: ours, of the run's own numbers, or of an installed package.

    Raises UnusableConfigError.
    """
    name, data = config.fleet.vehicle, config.fleet.vehicle_data
    if name in VEHICLES and not data:
        return VEHICLES[name]
    try:
        if data:  # a run flies its own numbers, whatever is installed
            return vehicle_of(name, data)
        known = [*VEHICLES, *installed_names()]
        if name in known:
            return installed_vehicle(name)
    except VehicleFileError as error:
        raise UnusableConfigError(f"fleet.vehicle = {name!r}: {error}") from None
    raise UnusableConfigError(f"fleet.vehicle = {name!r}: expected one of {', '.join(known)}")


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


@cache
def read_terrain(terrain: TerrainSettings) -> HeightMap | None:
    """The user's height map, read once per process; None for synthetic terrain.

    Raises UnusableConfigError.
    """
    if not terrain.height_map:
        return None
    try:
        return load_height_map(terrain.height_map, terrain.cell_m or None)
    except HeightMapError as error:
        raise UnusableConfigError(f"terrain.height_map: {error}") from error


def _check_device(name: str) -> None:
    import torch  # noqa: PLC0415 - takes seconds

    try:
        torch.zeros(1, device="cpu" if name == "auto" else name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).partition("\n")[0]
        raise UnusableConfigError(f"run.device = {name!r}: torch cannot use it: {first}") from error
