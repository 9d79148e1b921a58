"""The table of what the best models and the reference pilot flew on the fresh seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.blocks import table
from benchmarks.results.flights import Flights
from benchmarks.results.optima import Optima, fuel_of_optimum
from benchmarks.results.percentile import percentile_interval
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval, mean_interval

PILOT = "reference pilot"


@dataclass(frozen=True)
class Flown:
    """A column: what one policy, or the pilot, flew. Earlier records have no flights."""

    title: str
    result: EvaluationResult
    flights: Flights | None


@dataclass(frozen=True)
class Row:
    """A figure of each column, and how it is shown."""

    name: str
    figure: Callable[[Flown], Interval | None]
    scale: float
    digits: int
    unit: str

    def cell(self, one: Flown) -> str:
        """The figure with its interval; - if it is not known."""
        return show(self.figure(one), self.scale, self.digits, self.unit)

    def median(self, several: Sequence[Flown]) -> str:
        """Of the figures of several."""
        found = [interval.mean for one in several if (interval := self.figure(one)) is not None]
        if len(found) < len(several):
            return "-"
        return f"{statistics.median(found) * self.scale:.{self.digits}f}{self.unit}"


def policies(models: Sequence[Flown], pilot: Flown | None, optima: Optima | None) -> str:
    """A column a best model, their median if there are several, and the reference pilot."""
    rows = _rows(pilot, optima)
    columns = [*models, *([pilot] if pilot else [])]
    cells = [
        [
            row.name,
            *map(row.cell, models),
            row.median(models),
            *map(row.cell, columns[len(models) :]),
        ]
        for row in rows
    ]
    head = ["", *(one.title for one in models), "median", *([PILOT] if pilot else [])]
    if len(models) < 2:
        column = 1 + len(models)
        head, cells = _without(head, column), [_without(line, column) for line in cells]
    return table(head, cells)


def _rows(pilot: Flown | None, optima: Optima | None) -> list[Row]:
    rows = [
        Row("success", lambda one: one.result.success_rate, 100, 1, "%"),
        Row("mean reward", lambda one: one.result.reward, 1, 0, ""),
        Row("distance from the pad", lambda one: one.result.distance_m, 1, 2, " m"),
        Row("... of 95% at most", _most_of_95, 1, 2, " m"),
        Row("touchdown speed", lambda one: one.result.touchdown_speed_m_s, 1, 2, " m/s"),
        Row("landings under 2 m/s", lambda one: one.result.soft_landings, 100, 1, "%"),
        Row("touchdown tilt", lambda one: one.result.touchdown_tilt_deg, 1, 2, "°"),
        Row("fuel left", lambda one: one.result.fuel_left, 100, 1, "%"),
        Row("fuel used, of the pilot's", lambda one: _of_pilot(one, pilot), 1, 2, ""),
        Row("roughness", lambda one: one.result.roughness, 1, 3, ""),
        Row("episode length", lambda one: one.result.episode_steps, 1, 0, " steps"),
    ]
    if optima is not None:
        name = f"... of the optimum's, median of {len(optima.at_rest_kg)} seeds"
        rows.insert(9, Row(name, lambda one: _of_optimum(one, optima), 1, 2, ""))
    return rows


def fuel_of_pilot(flights: Flights, pilot: Flights) -> list[float]:
    """What each landing used, as a ratio of the pilot's on the same seed, where both landed."""
    rows = zip(flights.landed, pilot.landed, flights.fuel_left, pilot.fuel_left, strict=True)
    return [(1.0 - left) / (1.0 - other) for one, both, left, other in rows if one and both]


def used_of_pilot(result: EvaluationResult, pilot: EvaluationResult | None) -> float | None:
    """The propellant used, relative to the pilot's, of the means; None if they are not known."""
    if pilot is None or pilot.fuel_left is None or result.fuel_left is None:
        return None
    return (1 - result.fuel_left.mean) / (1 - pilot.fuel_left.mean)


def _most_of_95(one: Flown) -> Interval | None:
    misses = one.flights.misses_m if one.flights else []
    return percentile_interval(misses, 0.95) if misses else None


def _of_pilot(one: Flown, pilot: Flown | None) -> Interval | None:
    if pilot is None:
        return None
    if one.flights is None or pilot.flights is None:
        ratio = used_of_pilot(one.result, pilot.result)
        return None if ratio is None else Interval(ratio, None, None)
    ratios = fuel_of_pilot(one.flights, pilot.flights)
    return mean_interval(ratios) if ratios else None


def _of_optimum(one: Flown, optima: Optima) -> Interval | None:
    ratios = fuel_of_optimum(one.flights, optima) if one.flights else []
    return percentile_interval(ratios, 0.5) if ratios else None


def _without(line: list[str], column: int) -> list[str]:
    return [*line[:column], *line[column + 1 :]]


def show(interval: Interval | None, scale: float, digits: int, unit: str) -> str:
    """A figure with its interval; - if there is none."""
    if interval is None:
        return "-"
    text = f"{interval.mean * scale:.{digits}f}{unit}"
    if interval.low is None or interval.high is None:
        return text
    return f"{text} ({interval.low * scale:.{digits}f} to {interval.high * scale:.{digits}f})"
