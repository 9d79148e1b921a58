"""What a page with a long list wants to see, and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

CHUNK = 300  # records that are read at once
MAX_RECORDS = 2_000  # in memory

Filter = TypeVar("Filter")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Wanted(Generic[Filter]):
    """Which records a page wants. A new `serial` begins anew; else the counters ask for more."""

    serial: int
    filter: Filter
    at_s: float | None = None  # begin there (Unix, s); None: at the newest
    older: int = 0  # how often more at the beginning was wanted
    newer: int = 0


@dataclass(frozen=True)
class Window(Generic[Item]):
    """The records that were read for the `Wanted` with this serial, oldest first."""

    serial: int
    items: tuple[Item, ...]
    at_start: bool  # there are no older ones
    at_end: bool  # there are no newer ones: what is recorded next is added
    searching: bool = False  # older records are searched for some that the filter accepts
