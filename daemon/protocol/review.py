"""What the process that makes a review reports to the daemon that started it. Times: Unix, s."""

from __future__ import annotations

import msgspec

from daemon.config.schema import ReviewKind


class ReviewMade(msgspec.Struct, frozen=True, kw_only=True):
    """A review, and the number of its record in the ledger."""

    kind: ReviewKind
    since_s: float
    until_s: float
    record: int
    headline: str
    text: str  # lines
