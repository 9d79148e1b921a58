"""Painting of a screen: only the lines that are dirty are drawn, only the cells that changed sent.

Textual draws every widget that touches the rectangle around all dirty regions, and sends each
dirty region whole: a changed age at the top and another at the bottom would cost the whole screen.
What is used here of Textual's private parts is pinned by
tests/landerctl/tui/display/test_painting.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
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
_TEXT = "\0"  # the text's place in a style
Cell = tuple[str, str]  # style as it is sent, character
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
        self.shown: list[list[Cell]] = []  # one for each line of the screen; empty: not known

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
        colors = _colors(console)
        self._compositor.shown = [cells(Strip.join(strips), colors) for strips in self.strips]
        return super().render_segments(console)


class ChangedUpdate(CompositorUpdate):
    """Parts of lines."""

    def __init__(self, compositor: ThriftyCompositor, parts: Sequence[Part]) -> None:
        self._compositor = compositor
        self._parts = parts

    def render_segments(self, console: Console) -> str:
        """What is sent to the terminal: the cells that differ from those it shows."""
        shown, colors = self._compositor.shown, _colors(console)
        sent: list[str] = []
        for y, x, part in self._parts:
            new = cells(part, colors)
            end = x + len(new)
            old = shown[y][x:end] if y < len(shown) else []
            for start, stop in changed(old, new):
                sent.append(Control.move_to(x + start, y).segment.text)
                for look, run in groupby(new[start:stop], key=itemgetter(0)):
                    sent.append(look.replace(_TEXT, "".join(text for _, text in run)))
            if y < len(shown):
                shown[y][x:end] = new
        return "".join(sent)


def _colors(console: Console) -> ColorSystem:
    return console._color_system or ColorSystem.TRUECOLOR


def changed(old: Sequence[Cell], new: Sequence[Cell]) -> list[tuple[int, int]]:
    """The parts of `new` that look different from `old`: first column, column after the last.

    All of it if they are not equally long. No part begins or ends within a wide character.
    """
    if old == new:
        return []
    if len(old) != len(new):
        return [(0, len(new))]
    parts: list[list[int]] = []
    for at, (shown, wanted) in enumerate(zip(old, new, strict=True)):
        if shown != wanted:
            if parts and at - parts[-1][1] <= MOVE_CELLS:
                parts[-1][1] = at + 1
            else:
                parts.append([at, at + 1])
    for part in parts:
        while part[0] > 0 and not new[part[0]][1]:
            part[0] -= 1
        while part[1] < len(new) and not new[part[1]][1]:
            part[1] += 1
    return [(start, end) for start, end in parts]


def cells(strip: Strip, colors: ColorSystem) -> list[Cell]:
    """What is sent for each cell; a wide character is in its first cell, the second is empty."""
    found: list[Cell] = []
    for text, style, _ in strip:
        look = _TEXT if style is None else Strip.render_style(style, _TEXT, colors)
        if text.isascii():
            found += [(look, character) for character in text]
            continue
        for character in text:
            width = cell_len(character)
            if width > 0:
                found += [(look, character), (look, "")][:width]
            elif found:  # it combines with the one before it
                found[-1] = look, found[-1][1] + character
    return found
