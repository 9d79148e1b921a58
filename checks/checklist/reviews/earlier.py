"""What earlier reviews of a run recorded. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Record
from checks.checklist.reviews.facts import Completion, EarlierEstimate

COMPLETION = "completion"  # key of the finding


def reviews_of(ledger: Ledger, run_id: str | None, kind: str | None = None) -> Iterator[Record]:
    """The recorded reviews of a run, newest first."""
    for record in ledger.backwards("review", kind):
        if record.entry.address.run == run_id:
            yield record


def earlier_estimates(ledger: Ledger, run_id: str, until_s: float) -> tuple[EarlierEstimate, ...]:
    """The estimates of completion in a run's reviews until a time (Unix), oldest first."""
    found: list[EarlierEstimate] = []
    for record in reviews_of(ledger, run_id):
        finding = record.finding(COMPLETION)
        end_s = float(record.entry.figures.get("until_s") or 0.0)
        if finding is None or not finding.holds or end_s >= until_s:
            continue
        parts = [finding.figures.get(name) for name in ("expected_s", "low_s", "high_s")]
        found.append(EarlierEstimate(end_s, Completion(*(float(one or 0.0) for one in parts))))
    return tuple(reversed(found))
