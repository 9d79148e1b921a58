"""Carries a drill out, and records what it found."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import append
from checks.checklist.ledger.record import Entry, Record
from daemon.base.paths import StatePaths
from daemon.config import Config
from daemon.protocol.finding import Finding
from landerctl.drills.model import DrillContext, DrillError, DrillKind
from landerctl.drills.scratch.folder import scratch_folder


def conduct(
    kind: DrillKind,
    paths: StatePaths,
    config: Config,
    *,
    report: Callable[[str, float], None],
    found: Callable[[Finding], None],
) -> Record:
    """Carry out a drill; `found` receives each finding as it is made.

    What it could not measure is recorded so. Raises OSError and LedgerError; then, and when it is
    interrupted, nothing is recorded.
    """
    began = time.monotonic()
    address = address_of(paths, config)  # of now: another run may start meanwhile
    findings: dict[str, Finding] = {}
    problem = ""
    with scratch_folder(paths, kind.name) as scratch:
        steps = kind.conduct(DrillContext(paths, config, scratch, report))
        try:
            for finding in steps:
                findings[finding.key] = finding
                found(finding)
        except DrillError as error:
            problem = str(error)
        finally:
            # Its processes end before its folder is removed, also when we are interrupted.
            if isinstance(steps, Generator):
                steps.close()
        for key in kind.keys:
            if key not in findings:
                findings[key] = Finding(key, None, problem or "not measured")
                found(findings[key])
    results = [one.holds for one in findings.values()]
    entry = Entry(
        kind="drill",
        subject=kind.name,
        time_s=time.time(),
        address=address,
        holds=False if False in results else None if None in results else True,
        text=problem or _counted(results),
        took_s=time.monotonic() - began,
        findings=tuple(findings.values()),
    )
    return append(paths.ledger, entry)[0]


def _counted(results: list[bool | None]) -> str:
    text = f"{results.count(True)} of {len(results)} hold"
    if results.count(None):
        text += f", {results.count(None)} could not be measured"
    return text
