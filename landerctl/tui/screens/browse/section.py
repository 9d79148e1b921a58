"""The rows of a page that is browsed: sections with rows, and which of them are listed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from textual.content import Content

Detail = Callable[[int], list[Content]]  # of a width in cells
EXPANDED, COLLAPSED = "▾", "▸"
_INDENT = "   "


@dataclass(frozen=True)
class Row:
    """One thing: its line in the list, and everything about it."""

    id: str  # unique on its page, and the same for the same thing later
    text: Content
    detail: Detail
    copyable: str | None = None


@dataclass(frozen=True)
class Section:
    """A heading and its rows. `detail` is shown while the heading is selected."""

    id: str
    text: Content
    detail: Detail
    rows: tuple[Row, ...] = ()
    copyable: str | None = None


@dataclass(frozen=True)
class Listed:
    """A line of the list."""

    row: Row | Section
    text: Content

    @property
    def is_heading(self) -> bool:
        """Whether it can be expanded."""
        return isinstance(self.row, Section)


def listed(sections: Sequence[Section], expanded: Set[str], words: str) -> Iterator[Listed]:
    """The lines: all headings, and the rows of those in `expanded`.

    With `words`, the rows of every section whose line contains them, whatever their case, below
    the headings that have such rows.
    """
    wanted = words.casefold()
    for section in sections:
        rows = [row for row in section.rows if wanted in row.text.plain.casefold()]
        if wanted and not rows:
            continue
        unfolded = bool(wanted) or section.id in expanded
        mark = EXPANDED if unfolded else COLLAPSED if section.rows else " "
        yield Listed(section, Content.assemble((f"{mark} ", "$foreground-muted"), section.text))
        if unfolded:
            yield from (Listed(row, Content(_INDENT) + row.text) for row in rows)


def section_of(sections: Sequence[Section], id_: str) -> Section | None:
    """The section with this id, or with the row that has it."""
    return next(
        (one for one in sections if one.id == id_ or any(row.id == id_ for row in one.rows)), None
    )
