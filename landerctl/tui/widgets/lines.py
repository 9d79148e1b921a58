"""A panel of text lines that is redrawn only when they change."""

from __future__ import annotations

from abc import abstractmethod

from textual.content import Content
from textual.widget import Widget

from landerctl.tui.snapshot import Snapshot


class LinesPanel(Widget):
    """Shows what :meth:`lines` makes of the last snapshot, for the width and height it has."""

    def __init__(self, *, id: str, title: str = "") -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.border_title = title
        self.snapshot: Snapshot | None = None
        self._drawn = Content()

    @abstractmethod
    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """The panel's lines, each at most `width` cells. A pure function of its arguments."""

    def show(self, snapshot: Snapshot) -> None:
        """Take a new snapshot; redraw if it reads differently."""
        self.snapshot = snapshot
        if not self._make().is_same(self._drawn):
            self.refresh(layout=self.styles.is_auto_height)

    def render(self) -> Content:
        """Make the lines for the size of the moment."""
        self._drawn = self._make()
        return self._drawn

    def _make(self) -> Content:
        if self.snapshot is None:
            return Content()
        width, height = self.size
        return Content("\n").join(self.lines(self.snapshot, width, height))
