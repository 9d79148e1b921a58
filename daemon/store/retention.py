"""Which samples stay: all of the last day, the first of each minute for thirty days, then none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

THIN_AFTER_S = 86_400.0
THINNED_INTERVAL_S = 60.0
KEEP_S = 30 * 86_400.0


def expired(times_s: Iterable[float], now_s: float) -> Iterator[float]:
    """Of the ascending times (Unix) of a series' samples those whose samples go."""
    kept_minute = None
    for time_s in times_s:
        minute = time_s // THINNED_INTERVAL_S
        age_s = now_s - time_s
        if age_s > KEEP_S or (age_s > THIN_AFTER_S and minute == kept_minute):
            yield time_s
        else:
            kept_minute = minute
