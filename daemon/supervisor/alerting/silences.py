"""The silences in force. Each ends by the monotonic clock; its record follows the wall clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from daemon.store.records import Silence
from daemon.supervisor.aio.clock import Instant

MAX_SILENCES = 100
DATE_TOLERANCE_S = 60.0


class Silences:
    """Which silences are in force.

    `age_s` returns the age of something dated by the wall clock in an earlier session: a silence
    lasts as long as it was asked for, however the clock was set in between.
    """

    def __init__(
        self, silences: Iterable[Silence], now: Instant, age_s: Callable[[float], float]
    ) -> None:
        self._ends = {
            one: now.monotonic_s + one.until_s - one.dated_s - age_s(one.dated_s)
            for one in silences
        }

    def put(self, pattern: str, for_s: float, user: str, note: str, now: Instant) -> None:
        """Silence a pattern for `for_s` from now on; 0 ends its silence."""
        kept = [
            (one, end_s)
            for one, end_s in self._ends.items()
            if end_s > now.monotonic_s and one.pattern != pattern
        ]
        if for_s > 0.0:
            new = Silence(pattern, now.unix_s + for_s, user, note, dated_s=now.unix_s)
            kept.append((new, now.monotonic_s + for_s))
        self._ends = dict(kept[-MAX_SILENCES:])

    def in_force(self, now: Instant) -> list[Silence]:
        """Those in force, dated as the wall clock is now."""
        self._ends = {
            _dated(one, end_s, now): end_s
            for one, end_s in self._ends.items()
            if end_s > now.monotonic_s
        }
        return list(self._ends)


def _dated(silence: Silence, end_s: float, now: Instant) -> Silence:
    """The silence, with the date at which it now ends."""
    until_s = now.unix_s + end_s - now.monotonic_s
    if abs(until_s - silence.until_s) <= DATE_TOLERANCE_S:
        return silence
    return msgspec.structs.replace(silence, until_s=until_s, dated_s=now.unix_s)
