"""The whole table, in the document's order."""

from __future__ import annotations

from checks.checklist.model import Line, Phase
from checks.checklist.table import algorithms, burn_in, environment
from checks.checklist.table.benchmarks import ESTIMATES, EXPECTED, QUALITY
from checks.checklist.table.configuration import BACKUP, HARDWARE, SOFTWARE
from checks.checklist.table.deployment import BEFORE, DAY, HOUR, START
from checks.checklist.table.golive import CRITERIA, NOTES, SIGNATURES, SUPPORT
from checks.checklist.table.monitoring import ALERTS, DAILY, WEEKLY
from checks.checklist.table.rollback import STEPS, WHEN

PHASES: tuple[Phase, ...] = (
    environment.PHASE,
    burn_in.PHASE,
    algorithms.PHASE,
    HARDWARE,
    SOFTWARE,
    BACKUP,
    BEFORE,
    START,
    HOUR,
    DAY,
    DAILY,
    WEEKLY,
    ALERTS,
    WHEN,
    STEPS,
    EXPECTED,
    ESTIMATES,
    QUALITY,
    CRITERIA,
    SIGNATURES,
    SUPPORT,
    NOTES,
)
LINES: tuple[Line, ...] = tuple(line for phase in PHASES for line in phase.lines)
