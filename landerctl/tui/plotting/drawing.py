"""Draws plot data into cells. Styles are names: the widget has their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landerctl.tui.format import shorten_middle
from landerctl.tui.plotting.axis import Axis, Tick, time_ticks, value_ticks
from landerctl.tui.plotting.branches import Branch
from landerctl.tui.plotting.canvas import DOT_COLUMNS, DOT_ROWS, Canvas, Point, Row
from landerctl.tui.plotting.legend import GATE, LETTERS, LINE_STYLES, MARK_STYLES, Part, legend
from landerctl.tui.plotting.marks import MarkKind
from landerctl.tui.plotting.picture import Line, PlotData

# Each line has its dashes.
_DASHES = ((1, 0), (5, 3), (2, 2), (9, 2), (1, 2), (4, 6))
_SPARSE = (1, 2)  # what was before smoothing, or before a rollback
_LABEL_CELLS = 5  # the least width of the labels of a value axis: those of most plots are equal
_TICK_COLUMNS = 10
_LEGEND_ROWS, _TWO_LEGEND_ROWS = 5, 10  # a lower plot has no row for a legend, or only one
_MARK_LINE = {
    MarkKind.RUNG: "┊",
    MarkKind.STAGE: "┊",
    MarkKind.ROLLBACK: "┆",
}  # over the whole height


@dataclass(frozen=True)
class Frame:
    """Where the lines are within the cells of a plot."""

    left: int
    top: int
    width: int
    height: int

    def column(self, place: float) -> int:
        """The column of a place (0 to 1) on the horizontal axis."""
        return min(self.width - 1, max(0, int(place * self.width)))


def draw(
    data: PlotData, width: int, height: int, figures: Sequence[str] = ()
) -> tuple[tuple[Row, ...], Frame]:
    """The rows of a plot, and its frame. `figures`: the newest values, for the legend."""
    words = [parts for parts in legend(data, figures) if parts]
    if len(words) > 1 and height < _TWO_LEGEND_ROWS:
        words = [[*words[0], *words[1]]]
    top = len(words) if height >= _LEGEND_ROWS else 0
    rows = height - 2 - top
    most = max(2, min(7, rows // 3 + 1))
    ticks = [value_ticks(axis, most, unit) for axis, unit in _labelled(data)]
    margins = [max([_LABEL_CELLS, *(len(t.label) for t in column)]) for column in ticks]
    left = margins[0] + 1 if ticks else 1
    right = margins[1] + 1 if len(ticks) > 1 else 0
    frame = Frame(left, top, max(1, width - left - right), max(1, rows))
    above, below = Canvas(width, frame.top), Canvas(width, 2)
    for row, parts in enumerate(words[:top]):
        _write(above, row, parts)
    _horizontal(below, data, frame, bool(right))
    beside = _vertical(data, frame, ticks, (left, right))
    inside = _inside(data, frame).rows()
    middle = tuple(
        (*before, *row, *after)
        for before, row, after in zip(beside[0].rows(), inside, beside[1].rows(), strict=True)
    )
    return (above.rows() + middle + below.rows())[:height], frame


def _write(canvas: Canvas, row: int, parts: Sequence[Part]) -> None:
    """A row of the legend. The longest names are shortened until it fits."""
    room = canvas.width - 3 * (len(parts) - 1) - sum(len(figure) for _, figure, _ in parts)
    lengths = [len(name) for name, _, _ in parts]
    while sum(lengths) > room and max(lengths) > 3:
        lengths[lengths.index(max(lengths))] -= 1
    column = 0
    for (name, figure, style), length in zip(parts, lengths, strict=True):
        if column:
            canvas.text(column, row, " · ", "tick")
            column += 3
        text = shorten_middle(name, length) + figure
        canvas.text(column, row, text, style)
        column += len(text)


def _labelled(data: PlotData) -> list[tuple[Axis, str]]:
    """The value axes that have labels, with their units."""
    if data.normalised:
        return []
    units = dict.fromkeys(line.metric.unit for line in data.lines)
    return list(zip(data.axes, units, strict=True))


def _inside(data: PlotData, frame: Frame) -> Canvas:
    """Gates, marks and lines, in this order; then the marks' symbols and the lines' letters."""
    canvas = Canvas(frame.width, frame.height)
    for mark in data.marks:
        column = frame.column(data.x_axis.place(mark.x) or 0.0)
        if mark.kind in _MARK_LINE:
            for row in range(frame.height):
                canvas.text(column, row, _MARK_LINE[mark.kind], MARK_STYLES[mark.kind])
    for gate in data.gates:
        place = data.axes[0].place(gate.value)
        start, end = (data.x_axis.place(x) or 0.0 for x in (gate.start, gate.end))
        if place is not None and 0.0 <= place <= 1.0 and start < 1.0 and end > 0.0:
            first, last = frame.column(start), frame.column(end)
            row = min(frame.height - 1, int((1.0 - place) * frame.height))
            canvas.text(first, row, GATE * (last - first + 1), "gate")
    for index, line in enumerate(data.lines):
        _draw_line(canvas, data, line, index)
    for mark in data.marks:
        column = frame.column(data.x_axis.place(mark.x) or 0.0)
        canvas.text(column, frame.height - 1, mark.kind.symbol, MARK_STYLES[mark.kind])
    if len(data.lines) > 1:
        taken: set[tuple[int, int]] = set()
        for index, line in enumerate(data.lines):
            _letter(canvas, data, line, index, taken)
    return canvas


def _points(canvas: Canvas, data: PlotData, line: Line, branch: Branch) -> list[list[Point]]:
    """A branch in dots; in parts where a logarithmic axis does not have its values."""
    width, height = canvas.width * DOT_COLUMNS - 1, canvas.height * DOT_ROWS - 1
    axis = data.axes[line.axis]
    parts: list[list[Point]] = [[]]
    for x, y in zip(branch.xs, branch.values, strict=True):
        place = axis.place(y)
        if place is None:
            parts.append([])
        else:
            parts[-1].append(((data.x_axis.place(x) or 0.0) * width, (1.0 - place) * height))
    return [part for part in parts if part]


def _draw_line(canvas: Canvas, data: PlotData, line: Line, index: int) -> None:
    """The raw line and abandoned branches muted, and sparse, for terminals without colours."""
    for branch in line.raw:
        _draw_branch(canvas, _points(canvas, data, line, branch), "muted", _SPARSE)
    for branch in line.branches:
        parts = _points(canvas, data, line, branch)
        if branch.abandoned:
            _draw_branch(canvas, parts, "muted", _SPARSE)
        else:
            _draw_branch(canvas, parts, LINE_STYLES[index], _DASHES[index])


def _draw_branch(
    canvas: Canvas, parts: Sequence[Sequence[Point]], style: str, dashes: tuple[int, int]
) -> None:
    for part in parts:
        canvas.line(part, style, dashes)
        if len(part) == 1:
            x, y = part[0]
            canvas.text(int(x) // DOT_COLUMNS, int(y) // DOT_ROWS, "•", style)


def _letter(
    canvas: Canvas, data: PlotData, line: Line, index: int, taken: set[tuple[int, int]]
) -> None:
    """The line's letter at its end, or at the end of what is seen of it; not over another one."""
    seen = [
        (x, y)
        for branch in line.branches[-1:]
        for part in _points(canvas, data, line, branch)
        for x, y in part
        if 0.0 <= x < canvas.width * DOT_COLUMNS
    ]
    if not seen:
        return
    x, y = seen[-1]
    row = min(canvas.height - 1, max(0, int(y) // DOT_ROWS))
    column = min(canvas.width - 1, int(x) // DOT_COLUMNS + 1)
    while (column, row) in taken and column > 0:
        column -= 1
    taken.add((column, row))
    canvas.text(column, row, LETTERS[index], LINE_STYLES[index])


def _vertical(
    data: PlotData, frame: Frame, ticks: Sequence[tuple[Tick, ...]], widths: tuple[int, int]
) -> tuple[Canvas, Canvas]:
    """The value axes at the left and at the right: labels, and the lines with ticks."""
    canvases = (Canvas(widths[0], frame.height), Canvas(widths[1], frame.height))
    for side, canvas in enumerate(canvases):
        column = widths[0] - 1 if side == 0 else 0
        for row in range(frame.height):
            canvas.text(column, row, "│", "axis")
        for tick in ticks[side] if side < len(ticks) else ():
            place = data.axes[side].place(tick.at)
            if place is not None and 0.0 <= place <= 1.0:
                row = min(frame.height - 1, int((1.0 - place) * frame.height))
                canvas.text(column, row, "┤├"[side], "axis")
                start = column - len(tick.label) if side == 0 else 1
                canvas.text(start, row, tick.label, "tick")
    return canvases


def _horizontal(canvas: Canvas, data: PlotData, frame: Frame, closed: bool) -> None:
    """The horizontal axis: its line with ticks, and below it their labels."""
    line = f"└{'─' * frame.width}{'┘' if closed else ''}"
    canvas.text(frame.left - 1, 0, line, "axis")
    make = time_ticks if data.choice.by_time else value_ticks
    taken, end = 0, frame.left + frame.width
    for tick in make(data.x_axis, max(2, frame.width // _TICK_COLUMNS)):
        column = frame.left + frame.column(data.x_axis.place(tick.at) or 0.0)
        start = max(0, min(column - len(tick.label) // 2, end - len(tick.label)))
        if start >= taken:
            canvas.text(column, 0, "┬", "axis")
            canvas.text(start, 1, tick.label, "tick")
            taken = start + len(tick.label) + 1
