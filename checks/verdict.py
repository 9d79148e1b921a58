"""A check's verdict, how verdicts combine, and their output line for monitoring systems.

By the monitoring plugins' guidelines: exit codes 0 to 3, one line of text, then ``|`` and
performance data ``'label'=value[UOM];[warn];[crit];[min];[max]``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from enum import IntEnum

import msgspec

from daemon.base.text.one_line import one_line
from daemon.config.schema import Severity

_NOT_IN_LABELS = re.compile(r"['=|\s]+")


class Level(IntEnum):
    """Severity of a verdict; the values are the exit codes."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


LEVEL_OF: dict[Severity, Level] = {
    "info": Level.OK,
    "warning": Level.WARNING,
    "critical": Level.CRITICAL,
}
# UNKNOWN is worse than OK, but must not hide a WARNING or CRITICAL.
_BADNESS = {Level.OK: 0, Level.UNKNOWN: 1, Level.WARNING: 2, Level.CRITICAL: 3}


class Perf(msgspec.Struct, frozen=True, kw_only=True):
    """One value of perfdata. `warn` and `crit`: ranges in the guidelines' notation, e.g.
    ``10:``.
    """

    label: str
    value: float | None  # None and NaN: could not be determined
    unit: str = ""  # s, %, B, c or nothing
    warn: str = ""
    crit: str = ""
    minimum: float | None = None
    maximum: float | None = None


class Finding(msgspec.Struct, frozen=True):
    """One line of a check that has several."""

    name: str
    holds: bool | None  # None: unknown, or not due yet
    text: str


class Verdict(msgspec.Struct, frozen=True):
    """One check's result. `text` says what was found and, if needed, what to do."""

    check: str
    level: Level
    text: str
    perf: tuple[Perf, ...] = ()
    findings: tuple[Finding, ...] = ()


def worst(levels: Sequence[Level]) -> Level:
    """The worst level; UNKNOWN if there are none."""
    return max(levels, key=_BADNESS.__getitem__, default=Level.UNKNOWN)


def render(verdicts: Sequence[Verdict]) -> str:
    """The output line: level, problems (worst first), unknown and OK checks, perfdata."""
    level = worst([verdict.level for verdict in verdicts])
    of: dict[Level, list[Verdict]] = {
        one: [verdict for verdict in verdicts if verdict.level is one] for one in Level
    }
    shown = of[Level.CRITICAL] + of[Level.WARNING]
    # Usually one cause makes many checks UNKNOWN: show only the first.
    shown += of[Level.UNKNOWN][:1] if level is Level.UNKNOWN else []
    shown += of[Level.OK] if len(verdicts) == 1 else []
    parts = [f"{verdict.check}: {verdict.text}" for verdict in shown]
    for one, label in ((Level.UNKNOWN, "unknown"), (Level.OK, "OK")):
        rest = [verdict.check for verdict in of[one] if verdict not in shown]
        if rest:
            parts.append(f"{label}: {', '.join(rest)}")
    line = f"LANDERCTL {level.name} - {clean('; '.join(parts)) or 'nothing was checked'}"
    figures = " ".join(render_perf(perf) for verdict in verdicts for perf in verdict.perf)
    return f"{line} | {figures}" if figures else line


def render_perf(perf: Perf) -> str:
    """One value as perfdata, without trailing empty fields."""
    label = _NOT_IN_LABELS.sub("_", perf.label)
    known = perf.value is not None and math.isfinite(perf.value)
    value = f"{_figure(perf.value)}{perf.unit}" if known else "U"
    fields = [value, perf.warn, perf.crit, _figure(perf.minimum), _figure(perf.maximum)]
    return f"'{label}'=" + ";".join(fields).rstrip(";")


def clean(text: str) -> str:
    """The text without line breaks, control characters and ``|``, which starts the perfdata."""
    return one_line(" ".join(text.replace("|", "/").split()))


def _figure(value: float | None) -> str:
    """A number without exponent, as the guidelines require."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".")
