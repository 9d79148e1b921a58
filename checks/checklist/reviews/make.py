"""Makes reviews of the current run: reads its state folder, and keeps due ones in the ledger."""

from __future__ import annotations

import msgspec

from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import Ledger, append, read_ledger
from checks.checklist.ledger.record import Entry, Record
from checks.checklist.reviews.collect import Reviewed, collect
from checks.checklist.reviews.completion import completion_of
from checks.checklist.reviews.earlier import reviews_of
from checks.checklist.reviews.review import entry_of
from daemon.config.schema import ReviewKind
from daemon.runs.review_schedule import Span, span_before, span_until


def make_review(of: Reviewed, kind: str, span: Span, before: Span, now_s: float) -> Entry:
    """A review of a span; it is not kept. Raises StoreError, ConfigError and OSError."""
    facts = collect(of, read_ledger(of.paths.ledger), span, before)
    completion = completion_of(of.paths, of.config, span.until_s, now_s)
    facts = msgspec.structs.replace(facts, completion=completion)
    return entry_of(kind, facts, address_of(of.paths, of.config), now_s)


def keep_review(of: Reviewed, kind: ReviewKind, until_s: float, now_s: float) -> Record:
    """The review of the day or week that ends at `until_s` (Unix), from the ledger or added to it.

    Raises StoreError, ConfigError, LedgerError and OSError.
    """
    if known := recorded(read_ledger(of.paths.ledger), of.run.id, kind, until_s):
        return known
    span = span_until(of.config.reviews, kind, until_s)
    before = span_until(of.config.reviews, kind, span.since_s)
    return append(of.paths.ledger, make_review(of, kind, span, before, now_s))[0]


def keep_span(of: Reviewed, kind: ReviewKind, now_s: float) -> Record:
    """The review of the day or week until now (Unix), added to the ledger.

    Raises StoreError, ConfigError, LedgerError and OSError.
    """
    span = span_before(kind, now_s)
    before = span_before(kind, span.since_s)
    return append(of.paths.ledger, make_review(of, kind, span, before, now_s))[0]


def recorded(ledger: Ledger, run_id: str, kind: str, until_s: float) -> Record | None:
    """A run's recorded review of this kind that ends at `until_s`."""
    return next(
        (
            record
            for record in reviews_of(ledger, run_id, kind)
            if record.entry.figures.get("until_s") == until_s
        ),
        None,
    )
