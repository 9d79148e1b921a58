"""What of a run's performance is kept in the ledger, as its samples expire."""

from __future__ import annotations

from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry
from checks.checklist.performance.facts import RunPerformance
from checks.checklist.performance.first_hour import first_hour_entry
from checks.checklist.performance.forecast import forecast_entry
from checks.checklist.performance.run_estimate import estimate_completion


def entries_to_keep(
    run: RunPerformance | None, ledger: Ledger, address: Address, now_s: float
) -> list[Entry]:
    """The entries that are due: the first hour once a run, the estimate once a day."""
    if run is None or ledger.problem:
        return []
    estimated = forecast_entry(estimate_completion(run), ledger, address, now_s)
    learnt = first_hour_entry(run, ledger, address, now_s)
    return [entry for entry in (learnt, estimated) if entry is not None]
