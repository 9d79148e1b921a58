"""An evaluation's flights as the screen draws them: plain numbers, no arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from daemon.runs.evaluations import Evaluation

LANDED = "landed"
# Mark and style of each outcome; the marks differ without colour.
MARKS: dict[str, tuple[str, str]] = {
    LANDED: ("•", "$primary"),
    "hard_landing": ("▲", "$warning"),
    "off_target": ("■", "$accent"),
    "crashed": ("✖", "$error"),
    "aborted": ("✚", "$foreground"),
    "timeout": ("◆", "$secondary"),
}


def mark(outcome: str) -> tuple[str, str]:
    """Mark and style of an outcome; an unknown one has a question mark."""
    return MARKS.get(outcome, ("?", "$foreground"))


def words(outcome: str) -> str:
    """An outcome's name as words: ``hard landing``."""
    return "out of time" if outcome == "timeout" else outcome.replace("_", " ")


@dataclass(frozen=True)
class Flight:
    """One episode of an evaluation."""

    seed: int
    outcome: str
    reward: float
    x_m: float  # where it ended, from the pad
    y_m: float
    touchdown_speed_m_s: float | None  # None: no foot touched the ground
    touchdown_tilt_deg: float | None
    propellant_left: float | None  # share of the propellant at the start; None: not recorded
    flown_s: float
    # From the start to the end: distance to the pad along the line to the start (m, negative
    # beyond the pad), and height above the pad (m).
    path: tuple[tuple[float, float], ...]

    @property
    def landed(self) -> bool:
        """Whether it is a success."""
        return self.outcome == LANDED

    @property
    def touched(self) -> bool:
        """Whether a foot touched the ground."""
        return self.touchdown_speed_m_s is not None

    @property
    def miss_m(self) -> float:
        """The distance to the pad at the end (m)."""
        return math.hypot(self.x_m, self.y_m)


@dataclass(frozen=True, eq=False)
class Landings:
    """An evaluation and its flights; the same object as long as nothing changed."""

    evaluation: Evaluation
    flights: tuple[Flight, ...]  # the worst first
    fault: str | None  # why there are no flights
    position: int  # of it among the run's evaluations, counted from 1
    total: int
    older: Path | None  # the result of the evaluation before it
    newer: Path | None


def worst_first(flights: list[Flight]) -> tuple[Flight, ...]:
    """Those that did not land before those that did, each by ascending reward."""
    return tuple(sorted(flights, key=lambda one: (one.landed, one.reward)))
