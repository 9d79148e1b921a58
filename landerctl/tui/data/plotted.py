"""Reads the series that plots show: each once, then only what is new."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from daemon.base.text.one_line import printable
from daemon.store.reader import StoreReader
from daemon.store.records import Event, Sample
from daemon.store.samples import spans_of
from landerctl.tui.data.snapshot import Window

MAX_POINTS = 400  # at first; more than a plot has dot columns
_MOST_POINTS = 2 * MAX_POINTS  # then every second one is dropped
_FIRST_STEP_S = 0.01
Spans = Sequence[tuple[float, float]]  # from and before which samples are of a run, Unix times


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
        spans = run_spans(store, run_id, since_s)
        for name, thinned in self._thinned.items():
            known = thinned.samples
            after_s = math.nextafter(known[-1].time_s, math.inf) if known else since_s
            thinned.add(series_in(store, name, spans, (after_s, math.inf)))
        if wanted.marks:
            self._read_marks(store, run_id, wanted.marks)
        return Plotted(
            {name: thinned.samples for name, thinned in self._thinned.items()},
            self._read_windows(store, wanted, spans),
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
        self, store: StoreReader, wanted: Wanted, spans: Spans
    ) -> Mapping[Window, Mapping[str, tuple[Sample, ...]]]:
        kept = {}
        for window, names in wanted.windows.items():
            _, until_s = window
            for name in names:
                known = self._finer.get((window, name))
                whole = self._thinned[name].samples if name in self._thinned else ()
                if known is None or (whole and whole[-1].time_s < until_s):
                    found = series_in(store, name, spans, window, most=_MOST_POINTS)
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


def run_spans(store: StoreReader, run_id: str | None, since_s: float) -> Spans:
    """When a run was trained, since a time (Unix): another one may have been in between.

    All times since then, if the store does not know. Raises StoreError.
    """
    spans: list[tuple[float, float]] = []
    for began_s, end_s in spans_of(store.sessions(), run_id) if run_id is not None else ():
        if spans and spans[-1][1] == began_s:  # the daemon was only restarted
            spans[-1] = spans[-1][0], end_s
        elif end_s > since_s:
            spans.append((max(began_s, since_s), end_s))
    return spans or [(since_s, math.inf)]


def series_in(
    store: StoreReader, name: str, spans: Spans, window: Window, *, most: int = MAX_POINTS
) -> list[Sample]:
    """At most `most` samples of each of the spans, in a window of time. Raises StoreError."""
    since_s, until_s = window
    return [
        sample
        for began_s, end_s in spans
        if end_s > since_s and began_s < until_s
        for sample in store.series(
            name, since_s=max(began_s, since_s), until_s=min(end_s, until_s), max_points=most
        )
    ]


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
