"""Checks that the store can be read and written."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import size


def check(evidence: Evidence) -> Verdict:
    """CRITICAL if it is damaged or the daemon cannot write it, UNKNOWN if it is missing, locked or
    not readable.
    """
    store = evidence.store
    if evidence.unwritten:
        return Verdict("store", Level.CRITICAL, evidence.unwritten)
    if store.state == "readable":
        bytes_known = store.size_bytes or 0
        perf = Perf(label="store_size", value=store.size_bytes, unit="B", minimum=0.0)
        return Verdict("store", Level.OK, f"{size(bytes_known)}", (perf,))
    level = Level.CRITICAL if store.state == "damaged" else Level.UNKNOWN
    return Verdict("store", level, store.problem)
