"""The sessions of a burn-in: which training counts, from the run's events. Pure.

A session is one trainer process, from its first heartbeat to its end. What follows it:

=============================  ========================================================
`trainer.exited`               a stop on request: the clock pauses
`trainer.interrupted`          it saved on a signal of somebody else: the clock pauses
`run.completed`                the run reached its end: the clock pauses
`trainer.exited`, critical     it was killed before it had saved: begins anew
`trainer.crashed`              begins anew; `trainer.hung` precedes, `.fatal` follows one
`daemon.recovered`             the daemon died: begins anew, unless the run was complete
another fingerprint            another version or configuration: another burn-in
=============================  ========================================================

Time is the trainer's own (`Progress.trained_s`): it stands still while the process does, and the
wall clock does not enter it. Order is that of the events, not of their dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from daemon.store.records import Event

End = Literal["running", "stopped", "interrupted", "completed", "crashed"]
_ENDS: dict[str, End] = {
    "trainer.exited": "stopped",
    "trainer.interrupted": "interrupted",
    "run.completed": "completed",
    "trainer.crashed": "crashed",
    "daemon.recovered": "crashed",
}
# Their dates bound the wall time of a session whose clock was set.
_DATED = ("clock.jumped", "clock.trusted")
NAMES = ("daemon.started", "trainer.running", *_ENDS, *_DATED)


class Session(msgspec.Struct, frozen=True):
    """A trainer process. Training times in s of the run, dates in Unix time."""

    began_id: int  # of its first event
    began_s: float
    ended_s: float  # of what ended it; now, if it runs
    end: End
    trained_from_s: float
    trained_to_s: float
    since_s: float  # all its samples are dated from here ...
    until_s: float  # ... to here, also if the clock was set in between
    pid: int | None
    fingerprint: str

    @property
    def trained_s(self) -> float:
        """Its training time; 0 if it rewound to before its beginning."""
        return max(0.0, self.trained_to_s - self.trained_from_s)


class Crash(msgspec.Struct, frozen=True):
    """What made the burn-in begin anew."""

    time_s: float  # Unix
    text: str
    after_s: float  # training time of the burn-in until then


class BurnIn(msgspec.Struct, frozen=True):
    """The burn-in of one version and configuration; `crash`: the last one that began it anew."""

    sessions: tuple[Session, ...] = ()
    crash: Crash | None = None
    changed: bool = False  # an earlier burn-in was of another version or configuration

    @property
    def trained_s(self) -> float:
        """Training time that counts."""
        return sum(session.trained_s for session in self.sessions)

    @property
    def running(self) -> bool:
        """Whether it trains now."""
        return bool(self.sessions) and self.sessions[-1].end == "running"


def burn_in_of(
    events: Sequence[Event],
    fingerprint: str,
    *,
    now_s: float,
    trained_s: float | None,
    died: str = "",
) -> BurnIn:
    """The burn-in of `fingerprint`, from a run's events in the order in which they were recorded.

    `trained_s`: of the newest heartbeat. `died`: why the daemon is known to have died since the
    last event; empty if it has not.
    """
    history = _History()
    for event in events:
        history.add(event)
    return history.until(now_s, trained_s, died, fingerprint)


def fingerprint_at(events: Iterable[Event], event_id: int) -> str:
    """The fingerprint of the daemon that recorded an event; empty if it is not known."""
    started = [one for one in events if one.name == "daemon.started" and one.id <= event_id]
    return str(started[-1].body.get("fingerprint") or "") if started else ""


class _History:
    """The burn-in after each event."""

    def __init__(self) -> None:
        self._found = BurnIn()
        self._fingerprint: str | None = None  # of the newest daemon
        self._session: Session | None = None  # that runs
        self._died_from_s: float | None = None  # the beginning of one whose end is not known

    def add(self, event: Event) -> None:
        """Take the next event into account."""
        if event.name == "trainer.running":
            self._begin(event)
        elif event.name == "daemon.started":
            self._daemon_starts(event)
        elif event.name in _DATED and self._session is not None:
            self._session = _spanning(self._session, event.time_s)
        elif event.name in _ENDS:
            self._end(event)

    def until(self, now_s: float, trained_s: float | None, died: str, fingerprint: str) -> BurnIn:
        """The burn-in of a fingerprint as of now."""
        if self._fingerprint not in (None, fingerprint):
            return BurnIn(changed=True)
        if self._session is None:
            return self._found
        to_s = self._session.trained_from_s if trained_s is None else trained_s
        session = msgspec.structs.replace(
            _spanning(self._session, now_s), ended_s=now_s, trained_to_s=to_s
        )
        if died:
            return _anew(self._found, session, now_s, died)
        return _with(self._found, session)

    def _begin(self, event: Event) -> None:
        self._session = _begun(event, self._fingerprint or "")
        crash = self._found.crash
        if self._died_from_s is not None and crash is not None:
            # It resumed from the last checkpoint: no more is known of when the other died.
            lived_s = max(0.0, self._session.trained_from_s - self._died_from_s)
            crash = msgspec.structs.replace(crash, after_s=crash.after_s + lived_s)
            self._found = msgspec.structs.replace(self._found, crash=crash)
        self._died_from_s = None

    def _daemon_starts(self, event: Event) -> None:
        if self._session is not None:
            self._die(event, "the daemon died")
        fingerprint = str(event.body.get("fingerprint") or "")
        if self._fingerprint not in (None, fingerprint):
            self._found = BurnIn(changed=True)
        self._fingerprint = fingerprint

    def _end(self, event: Event) -> None:
        if event.name == "daemon.recovered":
            sessions = self._found.sessions
            idle = self._session is None and bool(sessions) and sessions[-1].end == "completed"
            if not idle:  # after the run's end nothing trained that could have crashed
                self._die(event, "the daemon died")
            return
        session, self._session = self._session, None
        crashed = event.severity == "critical"
        if session is not None:
            end = "crashed" if crashed else _ENDS[event.name]
            session = _ended(session, event, end)
        if crashed:
            self._found = _anew(self._found, session, event.time_s, event.text)
        elif session is not None:
            self._found = _with(self._found, session)

    def _die(self, event: Event, text: str) -> None:
        if self._session is not None:
            self._died_from_s = self._session.trained_from_s
        self._found = _anew(self._found, None, event.time_s, text)
        self._session = None


def _begun(event: Event, fingerprint: str) -> Session:
    trained_s = _number(event, "trained_s") or 0.0
    pid = event.body.get("pid")
    return Session(
        began_id=event.id,
        began_s=event.time_s,
        ended_s=event.time_s,
        end="running",
        trained_from_s=trained_s,
        trained_to_s=trained_s,
        since_s=event.time_s,
        until_s=event.time_s,
        pid=pid if isinstance(pid, int) else None,
        fingerprint=fingerprint,
    )


def _ended(session: Session, event: Event, end: End) -> Session:
    trained_s = _number(event, "trained_s")
    return msgspec.structs.replace(
        _spanning(session, event.time_s),
        ended_s=event.time_s,
        end=end,
        trained_to_s=session.trained_from_s if trained_s is None else trained_s,
    )


def _anew(found: BurnIn, session: Session | None, time_s: float, text: str) -> BurnIn:
    """The burn-in after a crash that ended `session`, if one trained."""
    after_s = found.trained_s + (session.trained_s if session else 0.0)
    return BurnIn((), Crash(time_s, text, after_s), found.changed)


def _with(found: BurnIn, session: Session) -> BurnIn:
    return msgspec.structs.replace(found, sessions=(*found.sessions, session))


def _spanning(session: Session, time_s: float) -> Session:
    since_s, until_s = min(session.since_s, time_s), max(session.until_s, time_s)
    return msgspec.structs.replace(session, since_s=since_s, until_s=until_s)


def _number(event: Event, field: str) -> float | None:
    value = event.body.get(field)
    return float(value) if isinstance(value, int | float) else None
