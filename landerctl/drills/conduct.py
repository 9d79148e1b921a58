"""Carries a drill out, and records what it found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from checks.checklist.address import address_of
from checks.checklist.ledger.ledger import append
from checks.checklist.ledger.record import Entry, Record
from daemon.base.paths import StatePaths
from daemon.config import Config
from daemon.protocol.finding import Finding
from landerctl.drills.leash import NICENESS
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.scratch import scratch_folder


def conduct(
    kind: DrillKind,
    paths: StatePaths,
    config: Config,
    *,
    report: Callable[[str, float], None],
    found: Callable[[Finding], None],
) -> Record:
    """Carry out a drill at the lowest priority; `found` receives each finding as it is made.

    What it could not measure is recorded so. Raises OSError and LedgerError; then, and when it is
    interrupted, nothing is recorded.
    """
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    began = time.monotonic()
    findings: dict[str, Finding] = {}
    problem = ""
    with scratch_folder(paths, kind.name) as scratch:
        try:
            for finding in kind.conduct(DrillContext(paths, config, scratch, report)):
                findings[finding.key] = finding
                found(finding)
        except DrillError as error:
            problem = str(error)
        for key in kind.keys:
            if key not in findings:
                findings[key] = Finding(key, None, problem or "not measured")
                found(findings[key])
    held = sum(one.holds is True for one in findings.values())
    entry = Entry(
        kind="drill",
        subject=kind.name,
        time_s=time.time(),
        address=address_of(paths, config),
        holds=held == len(findings) if not problem else None,
        text=problem or f"{held} of {len(findings)} hold",
        took_s=time.monotonic() - began,
        findings=tuple(findings.values()),
    )
    return append(paths.ledger, entry)[0]
