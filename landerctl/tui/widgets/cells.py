"""A widget of drawn cells: rows in parts of one style; only those that changed are painted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from landerctl.tui.display.theme import plot_styles
from landerctl.tui.plotting.canvas import Row


class CellsWidget(Widget):
    """Shows rows whose styles have the names of `plot_styles`, and `axis` and `tick`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"plot--axis", "plot--tick"}
    ALLOW_SELECT = False

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._rows: tuple[Row, ...] = ()
        self._known_styles: Mapping[str, Style] = {}

    def notify_style_update(self) -> None:
        """Use another theme's colours: those of the lines are not from the style sheet."""
        super().notify_style_update()
        self._known_styles = {}
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, base = self.size.width, self.rich_style
        if y >= len(self._rows):
            return Strip.blank(width, base)
        styles = self._styles
        segments = [
            Segment(text, base + styles[style] if style else base) for text, style in self._rows[y]
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def show_cells(self, rows: tuple[Row, ...]) -> None:
        """Show these rows; repaint those that differ."""
        before, self._rows = self._rows, rows
        if len(before) != len(rows):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, rows, strict=True)) if old != new]
        if changed:
            width = self.size.width
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    @property
    def _styles(self) -> Mapping[str, Style]:
        if not self._known_styles:
            self._known_styles = {
                "axis": self.get_component_rich_style("plot--axis"),
                "tick": self.get_component_rich_style("plot--tick"),
                **plot_styles(self.app.theme_variables),
            }
        return self._known_styles
