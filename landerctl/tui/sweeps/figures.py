"""Figures of a trial in as few cells as say enough. Pure."""

from __future__ import annotations

from checks.wording import short_number
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.results.measure import measure_of

NONE = "–"


def objective_text(objective: Objective, value: float | None) -> str:
    """A value of an objective: ``87.0%``."""
    return NONE if value is None else measure_of(objective).text(value)


def objective_title(objective: Objective) -> str:
    """What an objective is called in the head of a column: ``steps to gate 2``, ``success``."""
    words = objective.metric.rpartition("/")[2].replace("_", " ").removesuffix(" 100")
    return f"{words} {objective.gate}" if objective.gate is not None else words


def speed_text(steps_per_s: float | None) -> str:
    """Steps a second."""
    return NONE if steps_per_s is None else f"{short_number(steps_per_s)}/s"
