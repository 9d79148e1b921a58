"""`incidents.md`: what was rolled back, when and why, for people to read. Append-only.

Read by :mod:`daemon.rollback.incident_log`.
"""

from __future__ import annotations

import os
from pathlib import Path

from daemon.base.files import fsync_path
from daemon.base.secrets.redaction import redact
from daemon.base.text.one_line import one_line
from daemon.checkpoint.best import MIN_EPISODES
from daemon.checkpoint.manifest import Manifest
from daemon.rollback.incident_log import heading, incident_id, local_time
from daemon.rollback.journal import Journal

_HEAD = "# Incidents\n\nEach rollback: what was observed, what was done, the outcome.\n"


def entry(journal: Journal, outcome: str, ended_s: float) -> str:
    """The entry of a finished or failed rollback. `ended_s`: Unix time."""
    by = f"alert {journal.by}" if journal.automatic else journal.by or "unknown"
    lines = [
        _heading(journal),
        "",
        f"- Incident: {incident_id(journal.began_s)}",
        f"- Run: {journal.run_id}",
        f"- Requested by: {by}",
        f"- Observed: {journal.why}",
        f"- From: {_origin(journal)}",
        f"- To: {_state(journal.to)}",
        f"- Discarded: {_discarded(journal)}",
        f"- Outcome: {outcome}",
        f"- Took: {max(0.0, ended_s - journal.began_s):.1f} s",
    ]
    return "\n" + "\n".join(map(one_line, lines)) + "\n"


def follow_up(journal: Journal, outcome: str, time_s: float) -> str:
    """A follow-up line about an earlier rollback. `time_s`: Unix time."""
    line = one_line(f"after the rollback to {journal.to.id}: {outcome}")
    return f"\n- {local_time(time_s)}, {line}\n"


def is_entered(path: Path, journal: Journal) -> bool:
    """Whether the file has the rollback's entry. Raises OSError."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return _heading(journal) in lines


def opened(time_s: float, title: str, by: str, run_id: str | None) -> str:
    """The entry of an incident that a person opened. `time_s`: Unix time."""
    lines = [heading(time_s, title), "", f"- Incident: {incident_id(time_s)}"]
    lines += [f"- Run: {run_id}"] if run_id else []
    return "\n" + "\n".join([*lines, one_line(f"- Opened by: {by}")]) + "\n"


def closed(time_s: float, incident: str, by: str, cause: str) -> str:
    """The line about an incident's end. `time_s`: Unix time."""
    line = one_line(f"incident {incident} closed by {by}. Cause: {cause}")
    return f"\n- {local_time(time_s)}, {line}\n"


def append(path: Path, text: str) -> None:
    """Append to the file, on the disk when this returns. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        if os.fstat(descriptor).st_size == 0:
            stream.write(_HEAD)
        stream.write(redact(text))
        stream.flush()
        os.fsync(descriptor)
    fsync_path(path.parent)


def _heading(journal: Journal) -> str:
    what = "Rollback"
    if journal.verb == "undo" and journal.previous is not None:
        what = f"Undo of the rollback to {journal.previous.to.id}: back"
    return heading(journal.began_s, f"{what} to {journal.to.id}")


def _origin(journal: Journal) -> str:
    if journal.live is not None:
        return _state(journal.live)
    return "not reached" if journal.step == "staging" else "a run without a checkpoint"


def _state(manifest: Manifest) -> str:
    known = manifest.success_rate is not None and manifest.episodes >= MIN_EPISODES
    success = f", success {manifest.success_rate:.0%}" if known else ""
    return f"{manifest.id}: {manifest.timesteps:,} steps, stage {manifest.stage}{success}"


def _discarded(journal: Journal) -> str:
    if journal.live is None or journal.live.timesteps <= journal.to.timesteps:
        return "nothing"
    return f"{journal.live.timesteps - journal.to.timesteps:,} steps; their checkpoints are kept"
