"""What the judges read. Frozen: a judge reads nothing itself, not even the clock."""

from __future__ import annotations

from typing import Literal

import msgspec

from checks.checklist.burn_in.evidence import BurnInEvidence
from checks.checklist.collected.backup_facts import BackupFacts
from checks.checklist.collected.logs import LogFile
from checks.checklist.collected.symptoms import Symptoms
from checks.checklist.ledger.ledger import Ledger
from checks.checklist.ledger.record import Address
from checks.checklist.performance.facts import RunPerformance
from checks.evidence import Evidence
from checks.preflight.machine import MachineFacts
from checks.preflight.software import SoftwareFacts
from daemon.config.schema import ChecklistSettings
from daemon.protocol.finding import Figure
from daemon.rollback.incident_log import LoggedIncident

State = Literal["holds", "fails", "open", "stale", "does not apply"]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known at `now_s` (Unix). Parts that are None could not be read."""

    now_s: float
    address: Address
    limits: ChecklistSettings
    defaults: ChecklistSettings | None = None  # of this version; None: `limits` are the defaults
    # Settings that differ from the defaults, by name; None: no usable configuration.
    differing: dict[str, str] | None = None
    evidence: Evidence
    ledger: Ledger
    incident_log: tuple[LoggedIncident, ...] | None = None
    sources: dict[str, str] = {}  # digests now, of the sources that fixed lines name
    symptoms: Symptoms | None = None  # for which one rolls back
    logs: tuple[LogFile, ...] = ()
    burn_in: BurnInEvidence | None = None  # None: no run, or its store cannot be read
    best: str | None = None  # id of the current run's best model; None: there is none yet
    performance: RunPerformance | None = None  # None: no run has trained
    machine: MachineFacts | None = None
    software: SoftwareFacts | None = None
    backups: BackupFacts | None = None  # None: no run, or no configuration


class Outcome(msgspec.Struct, frozen=True):
    """What a judge found. `text`: one line with the figures it decided by.

    `expired`: it is open as the samples and events of the time have been removed by age, so that
    what the ledger recorded of them counts.
    """

    state: State
    text: str
    figures: dict[str, Figure] = {}
    since_s: float | None = None  # of what the evidence is (Unix); None: of now
    expired: bool = False
