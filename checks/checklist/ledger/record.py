"""A record of the ledger: what was found, said or decided, and to what it belongs. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from daemon.protocol.finding import Figure, Finding

RecordKind = Literal[
    "drill",  # subject: the drill; a finding for each of its lines
    "live",  # subject: "turned" or "daily"; a finding for each live line, by its id
    "review",  # subject: "daily" or "weekly"
    "signoff",  # subject: a role, or what was said
    "golive",  # subject: "GO", "NO-GO" or "override"
    "note",  # subject: "production"
    "incident",  # subject: the incident's id
    "estimate",  # subject: "completion"; when gates will be passed, and the run will end
    "measured",  # subject: "first-hour"; the medians of a run's first hour on this machine
]


class Address(msgspec.Struct, frozen=True):
    """What a record is about. `fingerprint`, `settings`: daemon.config.fingerprint."""

    version: str  # of landerctl
    fingerprint: str
    machine: str
    run: str | None
    settings: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record before it is in the ledger."""

    kind: RecordKind
    subject: str
    time_s: float  # Unix
    address: Address
    holds: bool | None = None  # the whole; None: nothing to judge, or it could not be judged
    text: str = ""  # one line
    by: str = ""  # a person's name
    took_s: float = 0.0
    findings: tuple[Finding, ...] = ()
    figures: dict[str, Figure] = {}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in the ledger; `digest` covers the entry, its number and the digest before it."""

    sequence: int  # from 1, without gaps
    entry: Entry
    previous: str  # digest of the record before; "" for the first
    digest: str

    def finding(self, key: str) -> Finding | None:
        """The finding with this key."""
        return next((one for one in self.entry.findings if one.key == key), None)
