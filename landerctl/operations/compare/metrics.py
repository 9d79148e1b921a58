"""The series that can be compared: short names, titles, units."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.config.judging.explain import suggestion
from daemon.runs.curves import REWARD, SERIES, SPEED, STAGE, SUCCESS
from daemon.store.catalogs.metric_catalog import NUMBER, SHARE, find_kind
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


@dataclass(frozen=True)
class Metric:
    """A series. `scale`: from stored to shown values, which are in `unit`."""

    series: str
    title: str
    unit: str
    scale: float = 1.0


# Besides its own name, a series of these has a short one.
_SHORT = {
    "success": (SUCCESS, "Success rate"),
    "reward": (REWARD, "Mean reward"),
    "stage": (STAGE, "Stage"),
    "difficulty": ("curriculum/difficulty", "Difficulty"),
    "touchdown-speed": ("landing/touchdown_speed_m_s", "Touchdown speed"),
    "distance": ("landing/distance_m", "Distance from the pad"),
    "fuel": ("landing/fuel_left", "Propellant left"),
    "kl": ("train/approx_kl", "KL divergence of an update"),
    "learning-rate": ("train/learning_rate", "Learning rate"),
    "speed": (SPEED, "Speed"),
    "cpu": ("cpu/trainer_percent", "CPU of the trainer"),
    "memory": ("memory/trainer_bytes", "Memory of the trainer"),
}
# What may be named, with its meaning.
CHOICES = {name: title for name, (_, title) in _SHORT.items()} | dict.fromkeys(SERIES, "")
DEFAULTS = (SUCCESS, REWARD)


def metric_of(name: str) -> Metric:
    """The metric of a short name or of a series of `SERIES`. Raises Failure."""
    series, title = _SHORT.get(name, (name, ""))
    if series not in SERIES:
        raise Failure(
            f"--metric {name}: no such curve is kept{suggestion(name, CHOICES)}; there are "
            f"{', '.join(CHOICES)}",
            Exit.USAGE,
        )
    title = title or next((text for of, text in _SHORT.values() if of == series), series)
    kind = find_kind(series)
    unit = NUMBER if kind is None else kind.unit
    if unit is SHARE:
        return Metric(series, title, "%", 100.0)
    if unit.symbol == "B":
        return Metric(series, title, "MB", 1e-6)
    return Metric(series, title, "" if unit is NUMBER else unit.symbol)
