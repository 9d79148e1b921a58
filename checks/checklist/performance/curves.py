"""The recorded trainings from scratch: steps and time to each gate, and speed by fleet size.

`learning_curves.json` is generated from docs/results and docs/benchmarks.json, by
`python -m benchmarks.figures`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

PATH = Path(__file__).with_name("learning_curves.json")
FLEET = 128  # landers of the recorded trainings


class Curve(msgspec.Struct, frozen=True):
    """One training. Each list has one item a gate; its last item is of the training's end."""

    algorithm: str
    seed: int
    timesteps: list[int]  # environment steps until then
    trained_s: list[float]  # training time until then


class LearningCurves(msgspec.Struct, frozen=True):
    """All of them. `speeds`: of fleets by their number of landers, relative to FLEET landers."""

    machine: str  # on which they were recorded
    curves: list[Curve]
    speeds: dict[int, float]

    def of(self, algorithm: str) -> list[Curve]:
        """The trainings by an algorithm."""
        return [curve for curve in self.curves if curve.algorithm == algorithm]


def load_curves() -> LearningCurves:
    """The recorded trainings."""
    return msgspec.json.decode(PATH.read_bytes(), type=LearningCurves)
