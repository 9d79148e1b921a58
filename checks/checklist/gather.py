"""Collects the facts. Reads the state folder; the judges do not."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from checks.checklist.burn_in.collect import collect_burn_in
from checks.checklist.collected.backup_facts import backup_facts_of
from checks.checklist.collected.best_model import best_model
from checks.checklist.collected.logs import logs_of
from checks.checklist.collected.sources import source_digests
from checks.checklist.collected.symptoms import symptoms_of
from checks.checklist.facts import Facts
from checks.checklist.ledger.address import address_of
from checks.checklist.ledger.ledger import Ledger, read_ledger
from checks.checklist.performance.collect import performance_of
from checks.checklist.table.all import LINES
from checks.gather import gather, with_config
from checks.milestones.history import with_history
from checks.preflight.machine import collect_machine
from checks.preflight.software import collect_software
from daemon.base.paths import StatePaths
from daemon.config import Config, load_config
from daemon.config.differing import differing
from daemon.rollback.incident_log import LoggedIncident, read_incident_log


def gather_facts(
    paths: StatePaths, now_s: float, explicit: Sequence[Path], environ: Mapping[str, str]
) -> Facts:
    """The facts at `now_s` (Unix). What cannot be read is omitted."""
    evidence = with_config(gather(paths, now_s), paths, explicit, environ)
    evidence = with_history(evidence, paths)
    defaults = load_config(None).config
    config: Config = evidence.config or defaults
    address = address_of(paths, config)
    return Facts(
        now_s=now_s,
        address=address,
        limits=config.checklist,
        defaults=defaults.checklist,
        differing=None if evidence.config is None else differing(evidence.config, defaults),
        evidence=evidence,
        ledger=_ledger(paths),
        incident_log=incident_log_of(paths),
        sources=source_digests(LINES),
        symptoms=symptoms_of(paths, evidence),
        logs=logs_of(paths, evidence.run_id),
        burn_in=collect_burn_in(paths, evidence, config, address.fingerprint),
        best=best_model(paths),
        machine=collect_machine(evidence.disk),
        software=collect_software(),
        backups=backup_facts_of(paths, evidence),
        performance=performance_of(paths, evidence, len(config.checklist.stage_success_rates)),
    )


def _ledger(paths: StatePaths) -> Ledger:
    try:
        return read_ledger(paths.ledger)
    except OSError as error:
        return Ledger(problem=f"{paths.ledger}: {os.strerror(error.errno or 0)}")


def incident_log_of(paths: StatePaths) -> tuple[LoggedIncident, ...] | None:
    """The entries of incidents.md; None if it cannot be read."""
    try:
        return read_incident_log(paths.incidents)
    except OSError:
        return None
