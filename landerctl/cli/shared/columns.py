"""Lines whose parts stand below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Longer parts push the rest of their line aside, and of no other.
WIDEST = 56


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as a line; all rows have the same number of parts."""
    widths = [
        max((len(part) for part in column if len(part) <= WIDEST), default=0)
        for column in zip(*rows, strict=True)
    ]
    for row in rows:
        padded = (part.ljust(width) for part, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
