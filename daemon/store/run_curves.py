"""What a store has of a run's curves, as rows of :mod:`daemon.runs.curves`."""

from __future__ import annotations

import math
from bisect import bisect_right

from daemon.runs.curves import (
    CLOCK,
    FINEST_S,
    MOST_ROWS,
    SERIES,
    Passed,
    Row,
    RunCurves,
    WentBack,
    extended,
)
from daemon.store.reader import StoreReader
from daemon.store.records import Event
from daemon.store.samples import spans_of

MOST_EVENTS = 10_000
_PASSED, _WENT_BACK = "stage.passed", "rollback.done"


def caught_up(store: StoreReader, run_id: str, known: RunCurves, now_s: float) -> RunCurves:
    """The known curves, extended by what the store has of the run since. Raises StoreError.

    `now_s` (Unix): a row that is later, by a clock that was wrong, hides nothing that was sampled
    since.
    """
    last_s = max((row.time_s for row in known.rows if row.time_s <= now_s), default=0.0)
    since_s = last_s // known.width_s * known.width_s
    events = store.seldom_events(run_id, [_PASSED, _WENT_BACK], MOST_EVENTS)
    return extended(
        known,
        _rows(store, run_id, since_s, known.width_s),
        gates=[gate for event in events if (gate := _passed(event)) is not None],
        rollbacks=[back for event in events if (back := _went_back(event)) is not None],
    )


def has_samples(store: StoreReader, run_id: str) -> bool:
    """Whether the store has a sample of the run's training. Raises StoreError."""
    return store.newest_of_run(CLOCK, run_id) is not None


def _rows(store: StoreReader, run_id: str, since_s: float, width_s: float) -> list[Row]:
    """Rows of the run's samples from a time (Unix) on, at least `width_s` apart."""
    spans = [
        (max(since_s, began_s), end_s)
        for began_s, end_s in spans_of(store.sessions(), run_id)
        if end_s > since_s
    ]
    # Not more rows of each span than `extended` keeps of all: a store holds a month of samples.
    found: list[Row] = []
    for began_s, end_s in spans:
        until_s = math.nextafter(end_s, -math.inf)  # the end is another session's
        last = store.last_sample(CLOCK, since_s=began_s, until_s=until_s)
        if last is None:
            continue
        width_s = max(width_s, _width_for(last.time_s - began_s))
        found += _rows_of_span(store, began_s, end_s, width_s)
    return found


def _width_for(length_s: float) -> float:
    """The widest span of time, a power of two, of which more than MOST_ROWS fit into a time."""
    return max(FINEST_S, 2.0 ** math.floor(math.log2(max(length_s, FINEST_S) / MOST_ROWS)))


def _rows_of_span(store: StoreReader, began_s: float, end_s: float, width_s: float) -> list[Row]:
    def first(name: str, since_s: float) -> list[tuple[float, int | None, float]]:
        samples = store.first_of_each(name, since_s=since_s, until_s=end_s, width_s=width_s)
        return [(one.time_s, one.timesteps, one.value) for one in samples]

    clock = [(at, steps, value) for at, steps, value in first(CLOCK, began_s) if steps is not None]
    if not clock:
        return []
    begins = [at // width_s for at, _, _ in clock]
    values: list[dict[str, float]] = [{} for _ in clock]
    for name in SERIES:
        for at, _, value in first(name, clock[0][0]):
            place = bisect_right(begins, at // width_s) - 1
            # A machine's sample is the training's only in a span in which it trained.
            if begins[place] == at // width_s:
                values[place].setdefault(name, value)
    return [
        Row(at, steps, trained_s, found)
        for (at, steps, trained_s), found in zip(clock, values, strict=True)
    ]


def _passed(event: Event) -> Passed | None:
    body = event.body
    stage, timesteps = body.get("stage"), body.get("timesteps")
    trained_s = body.get("trained_s")
    if event.name != _PASSED or not isinstance(stage, int) or not isinstance(timesteps, int):
        return None
    if not isinstance(trained_s, int | float):
        return None
    return Passed(event.time_s, stage, timesteps, float(trained_s))


def _went_back(event: Event) -> WentBack | None:
    timesteps = event.body.get("timesteps")
    if event.name != _WENT_BACK or not isinstance(timesteps, int):
        return None
    return WentBack(event.time_s, timesteps)
