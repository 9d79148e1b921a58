"""Keeps in the ledger what a command has just measured of the current run."""

from __future__ import annotations

import sys

from checks.checklist.facts import Facts
from checks.checklist.ledger.ledger import LedgerError, append
from checks.checklist.performance.keep import entries_to_keep
from daemon.base.paths import StatePaths


def keep_measured(paths: StatePaths, facts: Facts) -> None:
    """Append what is due. That it cannot be written keeps no figure from being shown."""
    due = entries_to_keep(facts.performance, facts.ledger, facts.address, facts.now_s)
    if not due:
        return
    try:
        append(paths.ledger, *due)
    except LedgerError as error:
        print(f"landerctl: not recorded: {error}", file=sys.stderr)
    except OSError as error:
        print(f"landerctl: not recorded: {paths.ledger}: {error.strerror}", file=sys.stderr)
