"""What drawn dispersions mean for a lander."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from daemon.runs.dispersion.draw import Draw
from daemon.runs.dispersion.parameters import Dispersions
from daemon.trainer.health.errors import UnusableError
from env.physics.vehicle import Vehicle
from env.state.deviation import Deviation

# Parameters in %: the factor of Deviation that they change.
_FACTORS = {
    "dry_mass": "hub_mass",
    "isp": "isp",
    "thrust": "thrust",
    "sensor_bias": "sensor_bias",
    "terrain_roughness": "relief",
    "start_altitude": "altitude",
    "start_downrange": "downrange",
    "start_descent_rate": "descent_rate",
    "start_horizontal_speed": "horizontal_speed",
    "start_propellant": "delta_v",
}
_SHARES = {"sensor_outage": "outage", "lidar_loss": "ray_loss"}
_ADDED = {"ignition_lag": "engine_delay_s", "start_tilt": "tilt_deg"}
_ENGINE_OUT = "engine_out"


def deviation_of(drawn: Iterable[Draw], vehicle: Vehicle) -> Deviation:
    """The deviation of a lander for which this was drawn."""
    values: dict[str, Any] = {}
    for draw in drawn:
        name = draw.parameter
        if name in _FACTORS:
            values[_FACTORS[name]] = 1.0 + draw.value / 100.0
        elif name in _SHARES:
            values[_SHARES[name]] = draw.value / 100.0
        elif name in _ADDED:
            values[_ADDED[name]] = draw.value
        else:
            assert name == _ENGINE_OUT and draw.share is not None, name
            values["lost_engine"] = int(draw.share * vehicle.n_engines)
            values["engine_loss_s"] = draw.value
    return Deviation(**values)


def for_vehicle(dispersions: Dispersions, vehicle: Vehicle, *, own_file: bool) -> Dispersions:
    """The dispersions that this vehicle can fly: the only engine cannot be one of several.

    The default set is flown without it. Raises UnusableError if it is in the user's own file.
    """
    if vehicle.n_engines > 1 or _ENGINE_OUT not in dispersions:
        return dispersions
    if own_file:
        raise UnusableError(
            f"{_ENGINE_OUT}: {vehicle.name} has a single engine and cannot land without it; "
            "remove this table"
        )
    return {name: one for name, one in dispersions.items() if name != _ENGINE_OUT}
