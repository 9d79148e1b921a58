"""The parameters that can be dispersed: a table of names, units and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

NOMINAL = "nominal"  # the case without a dispersion
TOGETHER = "all"  # the case with all dispersions


class Dispersion(msgspec.Struct, frozen=True):
    """How one parameter is drawn, in the parameter's unit."""

    distribution: Literal["normal", "uniform"]
    size: float  # normal: the standard deviation; uniform: half the width
    unit: str
    mean: float = 0.0
    chance: float | None = None  # of a failure, 0 to 1, in the case with all dispersions


Dispersions = dict[str, Dispersion]  # by parameter, in the order of PARAMETERS


@dataclass(frozen=True)
class Parameter:
    """A parameter that can be dispersed. Drawn values are cut to its limits."""

    unit: str
    meaning: str
    least: float
    most: float
    failure: bool = False  # it happens by chance, and the drawn value says when


def _change(meaning: str, least: float = -90.0, most: float = 200.0) -> Parameter:
    return Parameter("%", f"change of {meaning}", least, most)


PARAMETERS: dict[str, Parameter] = {
    "dry_mass": _change("the mass without propellant, and of its moments of inertia"),
    "isp": _change("the specific impulse of all engines and thrusters"),
    "thrust": _change("the thrust of main engines and landing thrusters, at any throttle"),
    "ignition_lag": Parameter("s", "added to the main engines' start and stop delay", 0.0, 5.0),
    "engine_out": Parameter(
        "s",
        "time after the start at which one main engine, drawn by the seed, is lost",
        0.0,
        1e4,
        failure=True,
    ),
    "sensor_bias": _change("each instrument's constant error", -100.0, 10_000.0),
    "sensor_outage": Parameter(
        "%", "seconds in which altimeter and velocimeter hold their last reading", 0.0, 100.0
    ),
    "lidar_loss": Parameter("%", "LiDAR rays lost beside the LiDAR's own dropouts", 0.0, 100.0),
    "terrain_roughness": _change("the stage's relief", -100.0, 200.0),
    "start_altitude": _change("the altitude at the start"),
    "start_downrange": _change("the distance from the pad at the start"),
    "start_descent_rate": _change("the descent rate at the start"),
    "start_horizontal_speed": _change("the speed towards the pad at the start"),
    "start_tilt": Parameter("deg", "added to the tilt at the start", -180.0, 180.0),
    "start_propellant": _change("the delta-v of the propellant on board at the start"),
}
