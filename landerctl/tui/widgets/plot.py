"""The plot of one series over timesteps, with the stages' gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.containers import Grid
from textual.strip import Strip
from textual_hires_canvas import Canvas, HiResMode
from textual_plot import PlotWidget
from textual_plot.axis_formatter import NumericAxisFormatter
from textual_plot.plot_widget import Legend

from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting import (
    METRICS,
    Metric,
    PlotData,
    axis_label,
    first_value,
    plot_data,
    titles,
)
from landerctl.tui.widgets.lines import entitle

_GATE_MARKER = "╌"
_PERCENT_TICKS = (0.0, 50.0, 100.0)
_GATE_POINTS = 250  # over the whole width; more than it has columns


class _ShortLabels(NumericAxisFormatter):
    """Tick labels such as 500k, 1.5M or 40%."""

    def __init__(self, label: Callable[[float], str] = axis_label) -> None:
        super().__init__()
        self._label = label

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [self._label(tick) for tick in ticks]


class _Canvas(Canvas):
    """A canvas in which every line has a style.

    Between a resize and the next drawing textual-hires-canvas returns lines without a style, on
    which Textual's filters (opacity, NO_COLOR) raise an exception.
    """

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        return strip if strip.cell_length else Strip.blank(self.size.width, self.rich_style)


class PlotPanel(PlotWidget, inherit_bindings=False):
    """A plot that redraws when its series changes. Zoom with + and -, pan with the arrows."""

    # textual-plot's own bindings use r, which means rollback here.
    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("plus", "zoom_in", "Zoom in", show=False),
        Binding("minus", "zoom_out", "Zoom out", show=False),
        Binding("left", "pan_left", "Pan left", show=False),
        Binding("right", "pan_right", "Pan right", show=False),
        Binding("0", "reset_scales", "Whole run", show=False),
    ]

    def __init__(self, *, id: str, metric: int) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._metric = metric
        self._snapshot: Snapshot | None = None
        self._data: PlotData | None = None
        self.titles: tuple[str, str] = ("", "")  # the second is for a narrow strip

    @property
    def metric(self) -> Metric:
        """The plotted metric."""
        return METRICS[self._metric % len(METRICS)]

    def compose(self) -> ComposeResult:
        """The same widgets as in textual-plot, with our canvas."""
        with Grid():
            yield _Canvas(1, 1, id="margin-top")
            yield _Canvas(1, 1, id="margin-left")
            yield _Canvas(1, 1, id="plot")
            yield _Canvas(1, 1, id="margin-bottom")
        yield Legend(id="legend")

    def on_mount(self) -> None:
        """Use small margins: title and units are on the panel's border."""
        self.margin_top, self.margin_bottom, self.margin_left = 0, 1, 6
        self.set_x_formatter(_ShortLabels())
        self._draw()

    def next_metric(self) -> None:
        """Plot the next series."""
        self._metric += 1
        self._data = None
        if self._snapshot is not None:
            self.show(self._snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; redraw if the series changed."""
        self._snapshot = snapshot
        self.titles = titles(snapshot, self.metric)
        entitle(self, title=self.titles[0])
        data = plot_data(snapshot, self.metric)
        if data != self._data:
            self._data = data
            self._draw()

    def notify_style_update(self) -> None:
        """Redraw for another theme: the lines' colours are not from the style sheet."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        metric, data = self.metric, self._data
        colors = self.app.theme_variables
        self.clear()
        if data is None or not data.branches:
            self.border_subtitle = (
                f"drawn {first_value(self._snapshot, metric)}" if self._snapshot else ""
            )
            self.set_xticks([])
            self.set_yticks([])
            return
        gate = (
            f" · {_GATE_MARKER * 2} gate {metric.label(data.gates[-1].value)}" if data.gates else ""
        )
        unit = "" if metric.unit == "%" else f"{metric.unit}, "
        self.border_subtitle = f"{unit}over timesteps{gate}"
        self.set_y_formatter(_ShortLabels(metric.label))
        self.set_xticks(None)
        self.set_yticks(_PERCENT_TICKS if metric.unit == "%" else None)
        self.set_xlimits(*data.x_limits)
        self.set_ylimits(*data.y_limits)
        run_steps = data.x_limits[1] - data.x_limits[0]
        for gate_ in data.gates:
            count = 1 + round((gate_.end - gate_.start) / run_steps * _GATE_POINTS)
            step = (gate_.end - gate_.start) / count
            self.scatter(
                [gate_.start + (index + 0.5) * step for index in range(count)],
                [gate_.value] * count,
                marker=_GATE_MARKER,
                marker_style=colors["accent"],
            )
        # The canvas does not support transparency.
        background, foreground = (Color.parse(colors[n]) for n in ("surface", "foreground-muted"))
        muted = (background + foreground).hex6
        for branch in data.branches:
            color = muted if branch.abandoned else colors["primary"]
            if len(branch.values) > 1:
                self.plot(
                    branch.timesteps, branch.values, line_style=color, hires_mode=HiResMode.BRAILLE
                )
            else:
                self.scatter(branch.timesteps, branch.values, marker="•", marker_style=color)
