"""Retention of the store's records.

Samples: all for 6 hours, then the first of each minute up to 30 days. Events: those of severity
info for 30 days and at most MOST_EVENTS, the others for a year.
History of the status: 30 days, and of each part at most MOST_CHANGES changes; the numbers of the
progress for 6 hours, then the first of each quarter of an hour.
Episodes: 30 days, of each run, stage and cause at most a fixed number (daemon/store/episodes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

THIN_AFTER_S = 6 * 3600.0
THINNED_INTERVAL_S = 60.0
NUMBERS_INTERVAL_S = 900.0
KEEP_S = 30 * 86_400.0
KEEP_EVENTS_S = {"info": KEEP_S, "warning": 365 * 86_400.0, "critical": 365 * 86_400.0}
MOST_EVENTS = 200_000
MOST_CHANGES = 3_000


def expired(
    times_s: Iterable[float], now_s: float, interval_s: float = THINNED_INTERVAL_S
) -> Iterator[float]:
    """The times of samples to remove, from a series' ascending times (Unix).

    Of older ones the first of each `interval_s` is kept.
    """
    kept = None
    for time_s in times_s:
        interval = time_s // interval_s
        age_s = now_s - time_s
        if age_s > KEEP_S or (age_s > THIN_AFTER_S and interval == kept):
            yield time_s
        else:
            kept = interval
