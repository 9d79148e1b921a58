"""Painting of a screen: only the lines that are dirty are drawn, only the cells that changed sent.

Textual draws every widget that touches the rectangle around all dirty regions, and sends each
dirty region whole: a changed age at the top and another at the bottom would cost the whole screen.
What is used here of Textual's private parts is pinned by tests/landerctl/tui/test_painting.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

_Result = TypeVar("_Result")
Part = tuple[int, int, Strip]  # of a line: its number, the first column, the cells

# Moving the cursor takes about as many bytes as this number of unchanged cells between two changes.
MOVE_CELLS = 8


class ThriftyScreen(Screen[_Result]):
    """Base class of the screens that stay open: paints what changed."""

    def __init__(self, **names: str | None) -> None:
        super().__init__(**names)
        self._compositor = ThriftyCompositor()


class ThriftyCompositor(Compositor):
    """Remembers the lines that the terminal shows, to compare them with new ones.

    A screen is painted whole when it comes to the front again, so no other screen's lines are
    taken for its own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Strip] = []  # one for each line of the screen; empty: not known

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """An update of the whole screen."""
        update = super().render_full_update(simplify)
        return update if simplify else WholeUpdate(self, update)

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override]
        """An update of the dirty regions; None if there are none."""
        screen = self.size.region
        regions = [found for dirty in self._dirty_regions if (found := screen.intersection(dirty))]
        self._dirty_regions.clear()
        return ChangedUpdate(self, self._parts(regions)) if regions else None

    def _parts(self, regions: Sequence[Region]) -> list[Part]:
        """What is seen in the regions: of each line the front widget's, then of those behind."""
        bare: dict[int, list[tuple[int, int]]] = defaultdict(list)  # columns by line
        for y, start, end in self._regions_to_spans(regions):
            bare[y].append((start, end))
        parts: list[Part] = []
        for widget, (region, clip) in self.visible_widgets.items():  # from front to back
            seen = region.intersection(clip)
            left, right = seen.column_span
            lines = [
                y
                for y in seen.line_range
                if any(start < right and end > left for start, end in bare.get(y, ()))
            ]
            if not lines:
                continue
            strips = widget.render_lines(
                Region(left, lines[0], seen.width, lines[-1] - lines[0] + 1).translate(
                    -region.offset
                )
            )
            for y in lines:
                strip, rest = strips[y - lines[0]], []
                for start, end in bare[y]:
                    x1, x2 = max(start, left), min(end, right)
                    if x1 >= x2:
                        rest.append((start, end))
                        continue
                    parts.append((y, x1, strip.crop(x1 - left, x2 - left)))
                    rest += [span for span in ((start, x1), (x2, end)) if span[0] < span[1]]
                bare[y] = rest
        return parts


class WholeUpdate(LayoutUpdate):
    """The whole screen; once it is sent, the compositor knows what is shown."""

    def __init__(self, compositor: ThriftyCompositor, update: LayoutUpdate) -> None:
        super().__init__([list(strips) for strips in update.strips], update.region)
        self._compositor = compositor

    def render_segments(self, console: Console) -> str:
        """What is sent to the terminal."""
        self._compositor.shown = [Strip.join(strips) for strips in self.strips]
        return super().render_segments(console)


class ChangedUpdate(CompositorUpdate):
    """Parts of lines."""

    def __init__(self, compositor: ThriftyCompositor, parts: Sequence[Part]) -> None:
        self._compositor = compositor
        self._parts = parts

    def render_segments(self, console: Console) -> str:
        """What is sent to the terminal: the cells that differ from those it shows."""
        shown = self._compositor.shown
        colors = console._color_system or ColorSystem.TRUECOLOR
        sent: list[str] = []
        for y, x, part in self._parts:
            if y >= len(shown):
                sent += [Control.move_to(x, y).segment.text, part.render(console)]
                continue
            end, old = x + part.cell_length, shown[y]
            for start, strip in changed(old.crop(x, end), part, colors):
                sent += [Control.move_to(x + start, y).segment.text, strip.render(console)]
            shown[y] = Strip.join((old.crop(0, x), part, old.crop(end)))
        return "".join(sent)


def changed(old: Strip, new: Strip, colors: ColorSystem) -> list[tuple[int, Strip]]:
    """The parts of `new` that look different from `old`, each with its first column."""
    if old == new:
        return []
    before, after = _cells(old, colors), _cells(new, colors)
    if before is None or after is None or len(before) != len(after):
        return [(0, new)]
    parts: list[list[int]] = []
    for at, (shown, wanted) in enumerate(zip(before, after, strict=True)):
        if shown != wanted:
            if parts and at - parts[-1][1] <= MOVE_CELLS:
                parts[-1][1] = at + 1
            else:
                parts.append([at, at + 1])
    return [(start, new.crop(start, end)) for start, end in parts]


def _cells(strip: Strip, colors: ColorSystem) -> list[tuple[str, str]] | None:
    """What is sent for each cell: style, character. None if a character does not take one cell."""
    cells: list[tuple[str, str]] = []
    for text, style, _ in strip:
        if not text.isascii() and any(cell_len(character) != 1 for character in text):
            return None
        look = "" if style is None else Strip.render_style(style, "", colors)
        cells += [(look, character) for character in text]
    return cells
