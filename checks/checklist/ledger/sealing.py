"""Sealing an entry into the chain of digests. Pure."""

from __future__ import annotations

import hashlib

import msgspec

from checks.checklist.ledger.record import Entry, Record


def seal(entry: Entry, before: Record | None) -> Record:
    """The record that follows `before`."""
    sequence = 1 if before is None else before.sequence + 1
    previous = "" if before is None else before.digest
    return Record(
        sequence=sequence,
        entry=entry,
        previous=previous,
        digest=digest_of(sequence, entry, previous),
    )


def digest_of(sequence: int, entry: Entry, previous: str) -> str:
    """SHA-256 of number, entry and the digest before, in hexadecimal."""
    content = msgspec.json.encode((sequence, entry, previous), order="deterministic")
    return hashlib.sha256(content).hexdigest()
