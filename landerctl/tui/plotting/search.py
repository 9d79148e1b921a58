"""Finds series by a few letters of their names or meanings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.store.catalogs.metric_catalog import NUMBER, find_kind
from landerctl.tui.plotting.metric import metric_of


@dataclass(frozen=True)
class Entry:
    """A series that can be plotted."""

    series: str
    unit: str  # empty for a bare number
    meaning: str


def entry_of(series: str) -> Entry:
    """A series with what the catalogue says of it."""
    kind = find_kind(series)
    if kind is None:
        return Entry(series, "", "")
    title = metric_of(series).title
    meaning = kind.meaning.replace("`", "")
    unit = "" if kind.unit is NUMBER else kind.unit.symbol
    return Entry(series, unit, meaning if title == series else f"{title}: {meaning}")


def rank(query: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that match, the best first; those that match alike keep their order.

    Best is the whole name, then the beginning of one of its words, then any part of it, then its
    words' first letters, then its letters in order (the closer together, the better), then a part
    of the meaning. Without a query every entry matches alike.
    """
    wanted = query.strip().lower()
    scored = [(score, entry) for entry in entries if (score := _score(wanted, entry)) is not None]
    return [entry for _, entry in sorted(scored, key=lambda pair: pair[0])]


def _score(wanted: str, entry: Entry) -> tuple[int, int] | None:
    """Smaller is better; None: no match."""
    name = entry.series.lower()
    words = re.split("[/_]", name)
    tests = (
        wanted in ("", name),
        re.search(rf"(^|[/_]){re.escape(wanted)}", name) is not None,
        wanted in name,
        wanted in "".join(word[:1] for word in words),
    )
    if True in tests:
        return tests.index(True), 0
    if (span := _span(wanted, name)) is not None:
        return len(tests), span
    return (len(tests) + 1, 0) if wanted in entry.meaning.lower() else None


def _span(letters: str, name: str) -> int | None:
    """The length of the shortest part of `name` that has the letters in order."""
    best: int | None = None
    for start in (index for index, letter in enumerate(name) if letter == letters[0]):
        at = start
        for letter in letters[1:]:
            at = name.find(letter, at + 1)
            if at < 0:
                return best  # nor does one that begins later have them
        best = at - start + 1 if best is None else min(best, at - start + 1)
    return best
