"""The flights of a best model, or of the reference pilot, on the fresh seeds: one record each.

From these records every figure of docs/results.md about landings can be computed again.
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec

from benchmarks.results.files import read, write
from benchmarks.results.record import FOLDER
from daemon.runs.evaluations import EvaluationResult

FLIGHTS = FOLDER / "flights"
LANDED = "landed"


class Descent(msgspec.Struct, frozen=True, kw_only=True):
    """A descent, in time order until the first touchdown."""

    time_s: list[float]
    distance_m: list[float]  # horizontal, from the pad
    height_m: list[float]  # of the feet above the pad
    speed_m_s: list[float]
    used: list[float]  # share of the propellant on board at the start


class Flights(msgspec.Struct, frozen=True, kw_only=True):
    """A value a seed in each list, from `result.first_seed` up; rounded.

    Touchdown figures are None where no foot touched the ground.
    """

    result: EvaluationResult
    outcomes: list[str]
    reward: list[float]
    x_m: list[float]  # from the pad at the end
    y_m: list[float]
    touchdown_speed_m_s: list[float | None]
    touchdown_tilt_deg: list[float | None]
    fuel_left: list[float]  # share of the propellant at the start
    descents: list[Descent]  # of the first seeds

    @property
    def landed(self) -> list[bool]:
        """Whether each landed."""
        return [outcome == LANDED for outcome in self.outcomes]

    @property
    def misses_m(self) -> list[float]:
        """The distances of the landed from the pad."""
        return [
            math.hypot(x, y)
            for x, y, landed in zip(self.x_m, self.y_m, self.landed, strict=True)
            if landed
        ]


def reference_name(vehicle: str, stage: int) -> str:
    """The name of the record of the reference pilot's flights."""
    return f"reference-{vehicle}-stage{stage}"


def same_starts(one: EvaluationResult, other: EvaluationResult) -> bool:
    """Whether both flew the same seeds of the same environment."""
    if one.provenance is None or other.provenance is None:
        return False
    return (one.provenance.environment, one.first_seed, one.episodes, one.stage) == (
        other.provenance.environment,
        other.first_seed,
        other.episodes,
        other.stage,
    )


def save_flights(name: str, flights: Flights) -> Path:
    """Write a record to docs/results/flights/."""
    return write(FLIGHTS / f"{name}.json", flights)


def load_flights(name: str) -> Flights | None:
    """The record with this name; None if there is none."""
    return read(FLIGHTS / f"{name}.json", Flights)
