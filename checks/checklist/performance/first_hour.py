"""What this machine reached in a run's first hour of training: from samples, later the ledger.

Samples expire after 30 days, so the first look after the hour keeps its medians in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address, Entry
from checks.checklist.performance.facts import RunPerformance

SUBJECT = "first-hour"


def first_hour_of(
    run: RunPerformance | None, ledger: Ledger, address: Address
) -> Mapping[str, float]:
    """Its medians by metric: those recorded of this run on this machine, else of its samples."""
    for record in ledger.backwards("measured", SUBJECT):
        known = record.entry.address
        if (known.run, known.machine) == (address.run, address.machine):
            return {
                name: float(value)
                for name, value in record.entry.figures.items()
                if isinstance(value, int | float)
            }
    return {} if run is None else run.first_hour


def first_hour_entry(
    run: RunPerformance | None, ledger: Ledger, address: Address, now_s: float
) -> Entry | None:
    """The record to keep, if the hour is full and not recorded yet."""
    if run is None or not run.first_hour or first_hour_of(None, ledger, address):
        return None
    return Entry(
        kind="measured",
        subject=SUBJECT,
        time_s=now_s,
        address=address,
        text="medians over the run's first hour of training",
        figures=dict(run.first_hour),
    )
