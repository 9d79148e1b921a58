"""What a report consists of, before it is HTML or Markdown. All texts are plain."""

from __future__ import annotations

from dataclasses import dataclass

from checks.checklist.facts import State


@dataclass(frozen=True)
class Mark:
    """A state in a table: shown as a word, with a sign."""

    state: State


Cell = str | Mark


@dataclass(frozen=True)
class Heading:
    """`level` 2 for a section, 3 for a part of it."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """One or more sentences. `warning`: it must not be overlooked."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Fields:
    """Names and values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """`caption`: what it shows, for those who cannot see the heading above it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A PNG. `text`: what it shows, for those who cannot see it."""

    png: bytes
    text: str


Block = Heading | Paragraph | Fields | Table | Picture


@dataclass(frozen=True)
class Document:
    """A report. `verdict`: the word; `good`: whether it is GO, None if it is neither; `summary`:
    what follows the word.
    """

    title: str
    verdict: str
    good: bool | None
    summary: str
    blocks: tuple[Block, ...]


SIGNS: dict[State, str] = {
    "holds": "✓",
    "fails": "✗",
    "open": "○",
    "stale": "◷",
    "does not apply": "–",
}
