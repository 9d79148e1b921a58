"""What a plot shows: the operator's choice, which is remembered."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_SERIES = 6  # in one plot; more lines look too alike
MAX_NAME = 200  # characters of a series' name in the file of choices
# Weights of the smoothing that the keys step through; 0.6 is TensorBoard's default.
WEIGHTS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99)
Marks = Literal["none", "events", "all"]
MARKS: tuple[Marks, ...] = ("none", "events", "all")
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]


class PlotChoice(msgspec.Struct, frozen=True):
    """The series of a plot and how they are drawn."""

    series: Annotated[tuple[_Name, ...], msgspec.Meta(min_length=1, max_length=MAX_SERIES)]
    log: bool = False  # the value axis is logarithmic
    smoothing: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.0
    by_time: bool = False  # the horizontal axis is the time, not the timesteps
    marks: Marks = "none"

    def smoother(self, by: int) -> PlotChoice:
        """The choice with the weight `by` steps up WEIGHTS; it stops at the ends."""
        at = sum(weight < self.smoothing for weight in WEIGHTS)
        weight = WEIGHTS[min(len(WEIGHTS) - 1, max(0, at + by))]
        return msgspec.structs.replace(self, smoothing=weight)

    def next_marks(self) -> PlotChoice:
        """The choice with the next of MARKS."""
        following = MARKS[(MARKS.index(self.marks) + 1) % len(MARKS)]
        return msgspec.structs.replace(self, marks=following)

    def of(self, *series: str) -> PlotChoice:
        """The choice with other series."""
        return msgspec.structs.replace(self, series=series)

    def toggled(self, name: str) -> PlotChoice:
        """The choice with a series added or removed; the last one and a seventh are refused."""
        if name in self.series:
            kept = tuple(other for other in self.series if other != name)
            return self.of(*kept) if kept else self
        return self.of(*self.series, name) if len(self.series) < MAX_SERIES else self
