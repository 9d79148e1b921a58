"""A plot of chosen series over timesteps or time, with the stages' gates and marks."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace
from textual import events
from textual.message import Message

from landerctl.tui.actions import PLOT_ACTIONS
from landerctl.tui.data.plotted import Wanted
from landerctl.tui.data.snapshot import Snapshot, Window
from landerctl.tui.plotting.canvas import Row
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.drawing import Frame, draw
from landerctl.tui.plotting.legend import describe
from landerctl.tui.plotting.marks import EVENTS
from landerctl.tui.plotting.metric import (
    METRICS,
    Metric,
    first_value,
    metric_of,
    newest_value,
    titles,
)
from landerctl.tui.plotting.picture import PlotData, View, plot_data, time_window
from landerctl.tui.plotting.zoom import panned, zoomed
from landerctl.tui.widgets.cells import CellsWidget
from landerctl.tui.widgets.lines import entitle

_ZOOM, _PAN = 1.5, 0.25  # a key's or a wheel step's factor; the part of the width


class PlotPanel(CellsWidget, can_focus=True):
    """A plot that redraws the rows that changed, and only while it can be seen."""

    BINDINGS = [action.binding for action in PLOT_ACTIONS]  # noqa: RUF012  Textual's way

    class Changed(Message):
        """The plot needs other samples; `remember`: the operator chose something."""

        def __init__(self, *, remember: bool) -> None:
            super().__init__()
            self.remember = remember

    def __init__(self, *, id: str, metric: int) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.choice = PlotChoice((METRICS[metric].series,))
        self._own: tuple[str, ...] = ()  # the series chosen last, if they are none of METRICS
        self._view: View | None = None
        self._window: Window | None = None
        self._snapshot: Snapshot | None = None
        self._drawn_of: tuple[object, ...] = ()
        self._data: PlotData | None = None
        self._frame = Frame(0, 0, 1, 1)
        self._dragged: tuple[int, View] | None = None
        self.titles: tuple[str, str] = ("", "")  # the second is for a narrow strip

    @property
    def metric(self) -> Metric:
        """The first plotted metric."""
        return metric_of(self.choice.series[0])

    @property
    def window(self) -> Window | None:
        """The times whose samples are to be read besides the whole run's."""
        return self._window

    def next_metric(self) -> None:
        """Plot the next series: those of METRICS, then the operator's own choice."""
        ring: list[tuple[str, ...]] = [(metric.series,) for metric in METRICS]
        if self._own:
            ring.append(self._own)
        at = ring.index(self.choice.series) if self.choice.series in ring else -1
        self.choose(self.choice.of(*ring[(at + 1) % len(ring)]))

    def choose(self, choice: PlotChoice) -> None:
        """Plot this; the zoom stays while the horizontal axis is the same."""
        if choice == self.choice:
            return
        self.restore(choice)
        self._reread(remember=True)

    def restore(self, choice: PlotChoice) -> None:
        """Plot what was remembered."""
        if choice.by_time != self.choice.by_time:
            self._view = None
        self.choice = choice
        if len(choice.series) > 1 or all(m.series != choice.series[0] for m in METRICS):
            self._own = choice.series
        if self._snapshot is not None:
            self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; redraw what changed."""
        self._snapshot = snapshot
        found = [titles(snapshot, metric_of(name)) for name in self.choice.series]
        if len(found) > 1:
            names = ", ".join(metric_of(name).title for name in self.choice.series)
            self.titles = (names, f"{len(found)} series")
        else:
            self.titles = found[0]
        entitle(self, title=self.titles[0])
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._draw()

    def on_show(self) -> None:
        """Draw what was not drawn while the plot was hidden."""
        self._draw()

    def action_zoom(self, factor: float) -> None:
        """Show a part of the horizontal axis, 1 / `factor` as wide."""
        self._zoom(factor, 0.5)

    def action_pan(self, share: float) -> None:
        """Show the part that is `share` of the width further right."""
        if self._data is not None and self._view is not None:
            self._look(panned(self._view, self._whole, share))

    def action_whole_run(self) -> None:
        """Show the whole run."""
        self._look(None)

    def action_log_scale(self) -> None:
        """Make the value axis logarithmic, or linear."""
        self.choose(replace(self.choice, log=not self.choice.log))

    def action_smoother(self, by: int) -> None:
        """Smooth more or less."""
        self.choose(self.choice.smoother(by))

    def action_by_time(self) -> None:
        """Plot over time, or over timesteps."""
        self.choose(replace(self.choice, by_time=not self.choice.by_time))

    def action_marks(self) -> None:
        """Mark nothing, events, or events and checkpoints."""
        self.choose(self.choice.next_marks())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in where the pointer is."""
        event.stop()
        self._zoom(_ZOOM, self._place(event))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self._zoom(1.0 / _ZOOM, self._place(event))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to drag."""
        if self._view is not None:
            self._dragged = (event.screen_x, self._view)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move the part that is seen with the pointer."""
        if self._dragged is not None:
            start, view = self._dragged
            moved = panned(view, self._whole, (start - event.screen_x) / self._frame.width)
            if moved != self._view:
                self._view = moved
                self._draw()

    def on_mouse_up(self) -> None:
        """End a drag; now the finer samples are read."""
        if self._dragged is not None:
            self._dragged = None
            self.release_mouse()
            self._look(self._view)

    @property
    def _whole(self) -> View:
        """The limits of the whole run's axis."""
        if self._snapshot is None:
            return 0.0, 1.0
        axis = plot_data(self._snapshot, self.choice).x_axis
        return axis.low, axis.high

    def _place(self, event: events.MouseEvent) -> float:
        """Where the pointer is on the horizontal axis: 0 to 1."""
        offset = event.get_content_offset_capture(self)
        return min(1.0, max(0.0, (offset.x - self._frame.left) / self._frame.width))

    def _zoom(self, factor: float, place: float) -> None:
        if self._data is not None and self._data.lines:
            axis = self._data.x_axis
            self._look(zoomed((axis.low, axis.high), self._whole, factor, place))

    def _look(self, view: View | None) -> None:
        self._view = view
        self._reread(remember=False)
        self._draw()

    def _reread(self, *, remember: bool) -> None:
        self._window = None
        if self._view is not None and self._snapshot is not None:
            self._window = time_window(self._snapshot, self.choice, self._view)
        self.post_message(self.Changed(remember=remember))

    def _draw(self) -> None:
        """Draw, unless nothing changed or nothing can be seen; repaint the rows that differ."""
        snapshot, size = self._snapshot, self.size
        if snapshot is None or not self.display or not size.area:
            return
        finer = snapshot.finer.get(self._window, {}) if self._window is not None else {}
        progress = snapshot.status.progress
        figures = _figures(snapshot, self.choice)
        inputs: tuple[object, ...] = (
            size, self.choice, self._view, snapshot.gates_passed, snapshot.stages, snapshot.marks,
            *(finer.get(name) or snapshot.series.get(name) for name in self.choice.series),
            (progress.stage, progress.gate_success_rate, progress.gate_mean_reward)
            if progress else None,
            snapshot.restorables if self.choice.marks == "all" else (),
            figures,
        )  # fmt: skip
        if inputs == self._drawn_of:
            return
        self._drawn_of = inputs
        data = plot_data(snapshot, self.choice, self._view, finer)
        self._data = data
        drawn = any(line.branches for line in data.lines)
        entitle(
            self,
            subtitle=describe(data) if drawn else f"drawn {first_value(snapshot, self.metric)}",
        )
        rows: tuple[Row, ...] = ()
        if drawn:
            rows, self._frame = draw(data, size.width, size.height, figures)
        self.show_cells(rows)


def _figures(snapshot: Snapshot, choice: PlotChoice) -> tuple[str, ...]:
    """The newest values of several series, for the legend."""
    if len(choice.series) == 1:
        return ()
    metrics = [metric_of(name) for name in choice.series]
    values = [newest_value(snapshot, metric) for metric in metrics]
    return tuple(
        "" if value is None else metric.figure(value)
        for metric, value in zip(metrics, values, strict=True)
    )


def wanted_by(plots: Iterable[PlotPanel]) -> Wanted:
    """Everything that these plots need."""
    windows: dict[Window, tuple[str, ...]] = {}
    for plot in plots:
        if plot.window is not None:
            windows[plot.window] = (*windows.get(plot.window, ()), *plot.choice.series)
    marks = any(plot.choice.marks != "none" for plot in plots)
    return Wanted(
        frozenset(name for plot in plots for name in plot.choice.series),
        windows,
        tuple(EVENTS) if marks else (),
    )
