"""What a plot says of itself: its legend, and how its axes are to be read."""

from __future__ import annotations

from collections.abc import Sequence

from landerctl.tui.plotting.marks import MarkKind
from landerctl.tui.plotting.picture import PlotData

GATE = "╌"
Part = tuple[str, str, str]  # of a legend: a name, which may be shortened, a figure, a style
LINE_STYLES = tuple(f"line-{index}" for index in range(6))
MARK_STYLES = {kind: f"mark-{kind.name.lower()}" for kind in MarkKind}
# Lines differ without colours: each letter stands at its line's end.
LETTERS = "ABCDEF"


def legend(data: PlotData, figures: Sequence[str]) -> tuple[list[Part], list[Part]]:
    """Which line is which, if there are several; and how they are drawn, if not as measured."""
    names: list[Part] = []
    if len(data.lines) > 1:
        for index, line in enumerate(data.lines):
            axis = " (right)" if line.axis == 1 and not data.normalised else ""
            figure = f" {figures[index]}" if index < len(figures) else ""
            name = f"{LETTERS[index]} {line.metric.title}"
            names.append((name, f"{figure}{axis}", LINE_STYLES[index]))
    choice, notes = data.choice, []
    if data.normalised:
        notes.append("each on its own scale")
    if choice.log:
        missing = f", {data.not_above_zero} of 0 or less left out" if data.not_above_zero else ""
        log = any(axis.log for axis in data.axes)
        notes.append(f"log{missing}" if log else "not log: no value above 0")
    if choice.smoothing:
        notes.append(f"smoothed {choice.smoothing:g}")
    if data.zoomed:
        notes.append("zoomed")
    kinds = {mark.kind for mark in data.marks}
    if choice.marks != "none" and not kinds:
        notes.append("no marks here")
    marks = [(f"{k.symbol} {k.title}", "", MARK_STYLES[k]) for k in MarkKind if k in kinds]
    return names, [*((note, "", "tick") for note in notes), *marks]


def describe(data: PlotData) -> str:
    """What the axes are, and the current gate: ``left %, right steps/s, over timesteps``."""
    over = "over time" if data.choice.by_time else "over timesteps"
    units = list(dict.fromkeys(line.metric.unit for line in data.lines))
    named = [unit for unit in units if unit not in ("", "%")]
    if len(units) == 2:
        named = [f"left {units[0] or 'no unit'}", f"right {units[1] or 'no unit'}"]
    elif data.normalised:
        named = []
    gate = ""
    if data.gates:
        percent = "%" if data.lines[0].metric.unit == "%" else ""
        gate = f" · {GATE * 2} gate {data.gates[-1].value:,.10g}{percent}"
    return f"{', '.join([*named, over])}{gate}"
