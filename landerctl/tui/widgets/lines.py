"""Base class of panels with text lines; only lines that changed are redrawn."""

from __future__ import annotations

from itertools import zip_longest

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from landerctl.tui.data.snapshot import Snapshot


class LinesPanel(Widget):
    """Shows the result of `lines` for the last snapshot and the panel's size."""

    def __init__(self, *, id: str, title: str = "") -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.border_title = title
        self.snapshot: Snapshot | None = None
        self._drawn: list[Content] = []
        self._laid_out: tuple[Size, int] | None = None  # size and lines of the last such layout
        self._made: tuple[int, int, list[Content]] | None = None  # for a width and a height

    def lines(self, snapshot: Snapshot, width: int, height: int) -> list[Content]:
        """The panel's lines, each at most `width` cells. A pure function of its arguments."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot; redraw the lines that changed."""
        self.snapshot, self._made = snapshot, None
        width, height = self.size
        new, old = self._make(width, height), self._drawn
        if self.styles.is_auto_height and len(new) != len(old):
            self.refresh(layout=True)
            return
        changed = [
            Region(0, y, width, 1)
            for y, (before, after) in enumerate(zip_longest(old, new))
            if before is None or after is None or not after.is_same(before)
        ]
        if changed:
            self.refresh(*changed)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Height in rows for an automatic height: the number of lines."""
        return max(1, len(self._make(width, viewport.height)))

    def render(self) -> Content:
        """Render the lines for the current size.

        Its automatic height may be that of before the first snapshot: then it is laid out again.
        """
        self._drawn = self._make(*self.size)
        wanted = (self.size, len(self._drawn))
        if self.styles.is_auto_height and wanted[1] > self.size.height and wanted != self._laid_out:
            self._laid_out = wanted
            self.call_after_refresh(self.refresh, layout=True)
        return Content("\n").join(self._drawn)

    def _make(self, width: int, height: int) -> list[Content]:
        if self.snapshot is None or width < 1:
            return []
        if self._made is None or self._made[:2] != (width, height):
            self._made = width, height, self.lines(self.snapshot, width, height)
        return self._made[2]


def entitle(widget: Widget, *, title: str | None = None, subtitle: str | None = None) -> None:
    """Set a title on a panel's border; repaint that line if the title changed.

    Textual repaints the whole panel, for an equal title too.
    """
    left, top = widget.content_offset
    width, height = widget.outer_size
    for name, text, y in (("title", title, 0), ("subtitle", subtitle, height - 1)):
        if text is not None and getattr(widget, f"border_{name}") != text:
            setattr(widget, f"_border_{name}", widget.render_str(text))
            widget.refresh(Region(-left, y - top, width, 1))
