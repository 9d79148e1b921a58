"""Which trials are listed, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from landerctl.operations.sweeps.status import TrialRow, short_value
from landerctl.tui.sweeps.columns import Column

BEST = 1  # the column of the first objective


@dataclass(frozen=True)
class Arrangement:
    """What the operator wants to see. `column`: the place of the one that is sorted by."""

    column: int = BEST
    reverse: bool = False
    words: str = ""  # words and values that are in a listed trial's texts, whatever their case

    def by(self, column: int) -> Arrangement:
        """Sorted by a column; by the same one again in reverse."""
        if column == self.column:
            return replace(self, reverse=not self.reverse)
        return replace(self, column=column, reverse=False)


def arranged(
    rows: Sequence[TrialRow], wanted: Arrangement, columns: Sequence[Column]
) -> list[TrialRow]:
    """The listed trials in their order; those without what is sorted by come last."""
    words = wanted.words.casefold().split()
    listed = [row for row in rows if all(word in _texts(row) for word in words)] if words else rows
    rank = columns[min(wanted.column, len(columns) - 1)].rank
    ranked = [(found, row) for row in listed if (found := rank(row)) is not None]
    ranked.sort(key=lambda one: one[0], reverse=wanted.reverse)
    return [
        *(row for _, row in ranked),
        *(row for row in listed if rank(row) is None),
    ]


def _texts(row: TrialRow) -> str:
    values = " ".join(
        f"{name.rpartition('.')[2]}={short_value(value)}" for name, value in row.values.items()
    )
    return f"{row.number} {row.state} {values} seed={row.seed} {row.reason}".casefold()
