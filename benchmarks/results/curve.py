"""A training's curve: what docs/results.md draws, a record a training."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.results.files import read, write
from benchmarks.results.record import FOLDER
from daemon.runs.curves import DIFFICULTY, REWARD, SUCCESS, RunCurves

CURVES = FOLDER / "curves"


class TrainingCurve(msgspec.Struct, frozen=True, kw_only=True):
    """A value a row in each list; None where it was not measured."""

    timesteps: list[int]
    trained_s: list[float]
    success: list[float | None]  # rate over the last episodes of training at this difficulty
    reward: list[float | None]  # mean over the same
    difficulty: list[float | None]


def of_curves(curves: RunCurves) -> TrainingCurve:
    """What led to the newest state."""
    rows = curves.kept().rows

    def column(series: str, digits: int) -> list[float | None]:
        return [
            None if (value := row.values.get(series)) is None else round(value, digits)
            for row in rows
        ]

    return TrainingCurve(
        timesteps=[row.timesteps for row in rows],
        trained_s=[round(row.trained_s, 1) for row in rows],
        success=column(SUCCESS, 3),
        reward=column(REWARD, 1),
        difficulty=column(DIFFICULTY, 3),
    )


def save_curve(name: str, curve: TrainingCurve) -> Path:
    """Write the record to docs/results/curves/."""
    return write(CURVES / f"{name}.json", curve)


def load_curve(name: str) -> TrainingCurve | None:
    """The record with this name; None if there is none."""
    return read(CURVES / f"{name}.json", TrainingCurve)
