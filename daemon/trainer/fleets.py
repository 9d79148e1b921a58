"""From configuration to fleets: the only place where settings meet the environment."""

from __future__ import annotations

from daemon.config.schema import Config, Stage
from daemon.trainer.errors import UnusableConfigError
from env.fleet import FleetSettings, LanderFleet
from env.start import StartConditions
from env.vehicles import VEHICLES


def start_conditions(stage: Stage) -> StartConditions:
    """Where episodes of a stage start."""
    return StartConditions(
        altitude_m=stage.altitude_m,
        downrange_m=stage.downrange_m,
        descent_rate_m_s=stage.descent_rate_m_s,
        horizontal_speed_m_s=stage.horizontal_speed_m_s,
        tilt_deg=stage.tilt_deg,
        ground_slope_deg=stage.ground_slope_deg,
        propellant_t=stage.propellant_t,
        time_limit_s=stage.time_limit_s,
    )


def build_fleet(config: Config, stage: Stage, n_envs: int) -> LanderFleet:
    """A fleet of `n_envs` that flies `stage`. Raises UnusableConfigError for an unknown vehicle."""
    vehicle = VEHICLES.get(config.fleet.vehicle)
    if vehicle is None:
        raise UnusableConfigError(
            f"fleet.vehicle = {config.fleet.vehicle!r}: expected one of {', '.join(VEHICLES)}"
        )
    return LanderFleet(
        FleetSettings(
            n_envs=n_envs,
            vehicle=vehicle,
            start=start_conditions(stage),
            control_interval_s=config.fleet.control_interval_s,
            dynamics_interval_s=config.fleet.dynamics_interval_s,
            threads=config.fleet.threads,
        )
    )
