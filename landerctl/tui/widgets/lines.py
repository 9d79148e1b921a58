"""Base class of panels with text lines, redrawn only when the text changes."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from landerctl.tui.data.snapshot import Snapshot


class LinesPanel(Widget):
    """Shows the result of `lines` for the last snapshot and the panel's size."""

    def __init__(self, *, id: str, title: str = "") -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.border_title = title
        self.snapshot: Snapshot | None = None
        self._drawn = Content()

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """The panel's lines, each at most `width` cells. A pure function of its arguments."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; redraw if the text changed."""
        self.snapshot = snapshot
        if not self._make(*self.size).is_same(self._drawn):
            self.refresh(layout=self.styles.is_auto_height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Height in rows for an automatic height: the number of lines."""
        return max(1, self._make(width, viewport.height).plain.count("\n") + 1)

    def render(self) -> Content:
        """Render the lines for the current size."""
        self._drawn = self._make(*self.size)
        return self._drawn

    def _make(self, width: int, height: int) -> Content:
        if self.snapshot is None or width < 1:
            return Content()
        return Content("\n").join(self.lines(self.snapshot, width, height))
