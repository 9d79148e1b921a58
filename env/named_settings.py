"""The settings that the registered environments name by words: a vehicle, a stage."""

from __future__ import annotations

from dataclasses import replace

from env.base.arguments import instance, integer, known_names
from env.fleet import FleetSettings
from env.physics.vehicles import VEHICLES
from env.task.stages import STAGES


def settings_of(
    settings: FleetSettings | None, vehicle: str | None, stage: int | None
) -> FleetSettings:
    """`settings` (None: the defaults) with the vehicle and the start of a stage, where named.

    Raises TypeError and ValueError that name the argument.
    """
    settings = FleetSettings() if settings is None else settings
    instance("settings", settings, FleetSettings)
    if vehicle is not None:
        known_names("vehicle", [vehicle], VEHICLES)
        settings = replace(settings, vehicle=VEHICLES[vehicle])
    if stage is not None:
        start = STAGES[integer("stage", stage, 1, len(STAGES)) - 1]
        settings = replace(settings, start=start)
    return settings
