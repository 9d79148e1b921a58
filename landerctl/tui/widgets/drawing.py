"""A panel with lines that are drawn for its size, anew only when what they show changes."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

Draw = Callable[[int, int], list[Content]]


class Drawing(Widget):
    """Shows what `draw(width, height)` returns."""

    def __init__(self, *, id: str, title: str = "") -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self.border_title = title
        self._of: object = None
        self._draw: Draw | None = None

    def shows(self, of: object) -> bool:
        """Whether that is what it shows."""
        return self._draw is not None and self._of == of

    def show_drawing(self, of: object, draw: Draw) -> None:
        """Draw with `draw`, unless `of`, all that it depends on, equals that of the last call."""
        if not self.shows(of):
            self._of, self._draw = of, draw
            self.refresh(layout=self.styles.is_auto_height)

    def render(self) -> Content:
        """Draw for the current size."""
        width, height = self.size
        if self._draw is None or width < 1:
            return Content()
        return Content("\n").join(self._draw(width, height))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Height in rows for an automatic height: the number of lines."""
        return max(1, len(self._draw(width, 0))) if self._draw is not None else 1
