"""Steps in time: to a moment, by a step, from event to event, and back to now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from checks.wording import date_and_clock
from daemon.store.past import SIGN_SERIES, last_moment
from daemon.store.reader import StoreReader
from daemon.store.samples import spans_of

STEP_S = 60.0
SAME_S = 1.0  # events that follow each other within this time are one stop


@dataclass(frozen=True)
class ToMoment:
    """To a moment (Unix, s); None: to now."""

    at_s: float | None


@dataclass(frozen=True)
class Step:
    """One step: to what is recorded at least STEP_S away, or to the next event."""

    direction: Literal["back", "forward"]
    by_event: bool = False


@dataclass(frozen=True)
class ToRun:
    """To the last moment of a run, by its id: what it was when it ended."""

    run_id: str


Travel = ToMoment | Step | ToRun


class NothingRecordedError(Exception):
    """There is nothing to go to. The message is one line for the operator."""


def arrive(store: StoreReader, at_s: float | None, travel: Travel, now_s: float) -> float | None:
    """The moment (Unix) to which `travel` leads from `at_s`; None: now.

    Raises NothingRecordedError and StoreError.
    """
    if isinstance(travel, ToMoment):
        return _to(store, travel.at_s, now_s)
    if isinstance(travel, ToRun):
        return end_of_run(store, travel.run_id)
    if travel.direction == "forward":
        if at_s is None:
            raise NothingRecordedError("This is now: [ steps back, g goes to a time")
        return _next(store, at_s, travel.by_event)
    from_s = now_s if at_s is None else at_s
    if travel.by_event:
        found = store.events(until_s=from_s - (SAME_S if at_s else 0.0), limit=1, routine=False)
        moment = found[-1].time_s if found else None
    else:
        moment = last_moment(store, from_s if at_s is None else from_s - STEP_S)
    if moment is None:
        raise NothingRecordedError(f"Nothing is recorded before {date_and_clock(from_s)}")
    return moment


def end_of_run(store: StoreReader, run_id: str) -> float:
    """The last moment (Unix) of a run that is recorded. Raises NothingRecordedError, StoreError.

    That of the last sample of the machine, or the stop of the daemon right after it: what happened
    later, with no daemon, says nothing about the run.
    """
    for began_s, end_s in reversed(spans_of(store.sessions(), run_id)):
        sample = store.last_sample(
            SIGN_SERIES, since_s=began_s, until_s=math.nextafter(end_s, -math.inf)
        )
        stops = store.events(names=["daemon.stopped"], since_s=began_s, until_s=end_s, limit=1)
        times_s = [one.time_s for one in (sample, *stops) if one is not None]
        if times_s:
            return max(times_s)
    raise NothingRecordedError(f"{run_id}: nothing is recorded of its training any more")


def _to(store: StoreReader, at_s: float | None, now_s: float) -> float | None:
    if at_s is None or at_s >= now_s:
        return None
    if last_moment(store, math.nextafter(at_s, math.inf)) is None:
        raise NothingRecordedError(f"Nothing is recorded before {date_and_clock(at_s)}")
    return at_s


def _next(store: StoreReader, at_s: float, by_event: bool) -> float | None:
    since_s = at_s + (SAME_S if by_event else STEP_S)
    found = store.events(after_id=-1, since_s=since_s, limit=1, routine=not by_event)
    times_s = [event.time_s for event in found]
    if not by_event:
        sample = store.first_sample(SIGN_SERIES, since_s=since_s, at_least=-math.inf)
        times_s += [sample.time_s] if sample else []
    return min(times_s, default=None)
