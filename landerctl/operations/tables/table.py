"""A table that is read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "json"]  # json: a JSON object as text
Cell = str | int | float | None  # None: there is no value


@dataclass(frozen=True)
class Table:
    """Columns, by name, with what their cells are; and the rows, which can be read once."""

    columns: Mapping[str, Kind]
    rows: Iterator[Sequence[Cell]]
