"""What is recorded when a verdict is given: in the ledger, and in the run's notes."""

from __future__ import annotations

from checks.checklist.facts import Facts
from checks.checklist.golive.deployment import (
    CONFIGURATION,
    GO,
    NO_GO,
    OVERRIDE,
    SUCCESS_RATE,
    Deployment,
)
from checks.checklist.golive.verdict import Verdict
from checks.checklist.ledger.record import Entry
from daemon.base.files import write_atomically
from daemon.base.paths import RunPaths
from daemon.base.text.counted import counted
from daemon.config import ConfigError, load_config
from daemon.config.differing import differing
from daemon.config.frozen import load_frozen
from daemon.protocol.finding import Figure
from daemon.runs import notes
from daemon.runs.evaluations import list_evaluations
from daemon.runs.statistics.intervals import Interval


def verdict_entry(
    verdict: Verdict, facts: Facts, run: RunPaths | None, *, by: str, why: str | None
) -> Entry:
    """The record of a verdict. `why`: a NO-GO is overridden, for this reason. Raises OSError."""
    subject = GO if verdict.go else NO_GO if why is None else OVERRIDE
    bad = [one.id for one in verdict.blocking]
    text = why if why is not None and subject == OVERRIDE else f"not {', '.join(bad)}" * bool(bad)
    figures: dict[str, Figure] = {
        "evidence": verdict.evidence,
        "not_holding": " ".join(bad),
        "open_incidents": len(verdict.incidents),
        "loosened": "; ".join(verdict.loosened),
        CONFIGURATION: _configuration(facts, run),
        SUCCESS_RATE: _success_rate(run),
    }
    return Entry(
        kind="golive",
        subject=subject,
        time_s=facts.now_s,
        address=facts.address,
        holds=verdict.go,
        text=text,
        by=by,
        figures=figures,
    )


def fill_notes(run: RunPaths, deployed: Deployment) -> None:
    """Write the deployment into the empty fields of the run's notes. Raises OSError."""
    content = read_notes(run)
    by = f"{deployed.by}, over a NO-GO: {deployed.why}" if deployed.overridden else deployed.by
    values = {
        notes.DATE: deployed.date,
        notes.BY: by,
        notes.CONFIGURATION: deployed.configuration,
        notes.SUCCESS_RATE: deployed.success_rate,
    }
    filled = notes.with_fields(content, values)
    if filled != content:
        write_atomically(run.notes, filled.encode())


def add_note(run: RunPaths, line: str) -> None:
    """Append a line to the run's notes. Raises OSError."""
    write_atomically(run.notes, notes.with_note(read_notes(run), line).encode())


def read_notes(run: RunPaths) -> str:
    """The run's notes; an empty form if there is no file. Raises OSError."""
    try:
        return run.notes.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return notes.BLANK


def _configuration(facts: Facts, run: RunPaths | None) -> str:
    """The fingerprint, and each setting of the run that is not the default."""
    if run is None:
        return ""
    try:
        different = differing(load_frozen(run.config), load_config(None).config)
    except ConfigError as error:
        return f"{facts.address.fingerprint}; {error}"
    listed = ", ".join(f"{name} = {value}" for name, value in different.items())
    return f"{facts.address.fingerprint}; {listed or 'all settings are the defaults'}"


def _success_rate(run: RunPaths | None) -> str:
    """Of the newest evaluation; empty if there is none."""
    evaluations = [] if run is None else list_evaluations(run.evaluations).whole
    if not evaluations:
        return ""
    result = evaluations[-1].result
    return (
        f"{_percent(result.success_rate)} of {counted(result.episodes, 'episode')} of "
        f"{result.pilot} in stage {result.stage}"
    )


def _percent(rate: Interval) -> str:
    text = f"{rate.mean:.0%}"
    if rate.low is None or rate.high is None:
        return text
    return f"{text} (95% interval {rate.low:.0%} to {rate.high:.0%})"
