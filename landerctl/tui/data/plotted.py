"""Reads the series that plots show: each once, then only what is new."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from daemon.base.text.one_line import printable
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Sample
from landerctl.tui.data.snapshot import Window

MAX_POINTS = 400  # at first; more than a plot has dot columns
_MOST_POINTS = 2 * MAX_POINTS  # then every second one is dropped
_FIRST_STEP_S = 0.01


@dataclass(frozen=True)
class Wanted:
    """What the plots on the screen need."""

    series: frozenset[str] = frozenset()
    windows: Mapping[Window, tuple[str, ...]] = field(default_factory=dict)
    marks: tuple[str, ...] = ()  # names of events


@dataclass(frozen=True)
class Plotted:
    """What was read for them."""

    series: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    finer: Mapping[Window, Mapping[str, tuple[Sample, ...]]] = field(default_factory=dict)
    marks: tuple[Event, ...] = ()


class PlottedReader:
    """Keeps what was read of one run; only newer samples and events are read again.

    Points once shown stay, so that a plot changes at its end only.
    """

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, run_id: str | None) -> None:
        self._run_id = run_id
        self._thinned: dict[str, Thinned] = {}
        self._finer: dict[tuple[Window, str], tuple[Sample, ...]] = {}
        self._marks: tuple[Event, ...] = ()

    def read(
        self, store: StoreReader, wanted: Wanted, run_id: str | None, since_s: float
    ) -> Plotted:
        """Everything wanted of the run since its start `since_s` (Unix). Raises StoreError."""
        if run_id != self._run_id or self._is_another_store(store):
            self._begin(run_id)
        self._thinned = {name: self._thinned.get(name, Thinned()) for name in wanted.series}
        for name, thinned in self._thinned.items():
            if not thinned.samples:
                thinned.add(store.series(name, since_s=since_s, max_points=MAX_POINTS))
            else:
                after_s = math.nextafter(thinned.samples[-1].time_s, math.inf)
                thinned.add(store.series(name, since_s=after_s, max_points=MAX_POINTS))
        if wanted.marks:
            self._read_marks(store, run_id, wanted.marks)
        return Plotted(
            {name: thinned.samples for name, thinned in self._thinned.items()},
            self._read_windows(store, wanted),
            self._marks if wanted.marks else (),
        )

    def _is_another_store(self, store: StoreReader) -> bool:
        """Whether the store was replaced by one that is older, or has no such series."""
        for name, thinned in self._thinned.items():
            if thinned.samples:
                newest = store.newest(name)
                return newest is None or newest.time_s < thinned.samples[-1].time_s
        return False

    def _read_windows(
        self, store: StoreReader, wanted: Wanted
    ) -> Mapping[Window, Mapping[str, tuple[Sample, ...]]]:
        kept = {}
        for window, names in wanted.windows.items():
            since_s, until_s = window
            for name in names:
                known = self._finer.get((window, name))
                whole = self._thinned[name].samples if name in self._thinned else ()
                if known is None or (whole and whole[-1].time_s < until_s):
                    found = store.series(
                        name, since_s=since_s, until_s=until_s, max_points=_MOST_POINTS
                    )
                    known = tuple(found) if known is None or tuple(found) != known else known
                kept[window, name] = known
        self._finer = kept
        return {
            window: {name: kept[window, name] for name in names}
            for window, names in wanted.windows.items()
        }

    def _read_marks(self, store: StoreReader, run_id: str | None, names: tuple[str, ...]) -> None:
        after = self._marks[-1].id if self._marks else -1
        while found := store.events(after_id=after, names=names, run_id=run_id):
            self._marks += tuple(map(printable, found))
            after = found[-1].id


class Thinned:
    """A series of any length in at most `_MOST_POINTS` samples, with the newest always last.

    Of each span of time, `step_s` wide and counted from 1970, the first sample is kept; when there
    are too many, the spans double. So what is kept stays until the series is twice as long.
    """

    def __init__(self) -> None:
        self.samples: tuple[Sample, ...] = ()
        self._step_s = _FIRST_STEP_S

    def add(self, newer: Sequence[Sample]) -> None:
        """Add samples that are later than all before."""
        if not newer:
            return
        samples = self._thin([*self.samples, *newer])
        while len(samples) > _MOST_POINTS:
            self._step_s *= 2.0
            samples = self._thin(samples)
        self.samples = tuple(samples)

    def _thin(self, samples: list[Sample]) -> list[Sample]:
        kept: list[Sample] = []
        span = None
        for sample in samples:
            following = math.floor(sample.time_s / self._step_s)
            if following != span:
                kept.append(sample)
            span = following
        if kept and kept[-1] is not samples[-1]:
            kept.append(samples[-1])
        return kept
