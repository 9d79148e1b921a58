"""Zoom and pan of the horizontal axis."""

from __future__ import annotations

Limits = tuple[float, float]
_MOST = 10_000.0  # times the whole run's width is what can be zoomed into


def zoomed(view: Limits, whole: Limits, factor: float, place: float) -> Limits | None:
    """A part 1 / `factor` as wide as `view`; what is at `place` (0 to 1) stays there.

    None: that is the whole.
    """
    width, most = view[1] - view[0], whole[1] - whole[0]
    after = max(width / factor, most / _MOST)
    if after >= most * 0.999:
        return None
    start = view[0] + place * (width - after)
    return _within((start, start + after), whole)


def panned(view: Limits, whole: Limits, share: float) -> Limits:
    """The part that is `share` of the width further right, within the whole."""
    by = share * (view[1] - view[0])
    return _within((view[0] + by, view[1] + by), whole)


def _within(view: Limits, whole: Limits) -> Limits:
    width = view[1] - view[0]
    start = max(whole[0], min(view[0], whole[1] - width))
    return start, start + width
