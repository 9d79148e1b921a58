"""Finish or revert a rollback that a kill or a power loss interrupted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from daemon.backup.restoring.staging import remove_staged
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, read_manifest
from daemon.rollback import incidents
from daemon.rollback.journal import (
    ENDED,
    Journal,
    Step,
    advance,
    read_journal,
    reverted,
    set_journal_aside,
    write_journal,
)
from daemon.store.records import Body

Verdict = Literal["nothing", "revert", "finish"]
Record = Callable[[str, str, Body], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SetAside:
    """A damaged journal that was renamed."""

    path: Path  # its new name
    fault: str

    def record(self, record: Record) -> None:
        """Record it as an event."""
        record(
            "rollback.journal_damaged",
            f"{self.fault}: renamed to {self.path}; the last rollback cannot be undone by --undo, "
            "name a state with --to ID",
            {"path": str(self.path)},
        )


def read_or_set_aside(path: Path, now_s: float) -> Journal | SetAside | None:
    """The journal of the last rollback; None if there is none.

    One that cannot be read is renamed. `now_s`: Unix time. Raises OSError.
    """
    try:
        return read_journal(path)
    except DamagedCheckpointError as error:
        return SetAside(set_journal_aside(path, now_s), str(error))


def judge(step: Step, *, is_renamed: bool) -> Verdict:
    """What to do after an interruption at this step. Pure; journal.py has the table.

    `is_renamed`: the restored state is among the run's checkpoints.
    """
    if step in ENDED:
        return "nothing"
    if step in ("staging", "stopped"):
        return "revert"
    return "finish" if is_renamed else "revert"


def preview_recovery(paths: StatePaths) -> Journal | None:
    """The journal as `recover` would leave it; reads only.

    Raises DamagedCheckpointError and OSError.
    """
    journal = read_journal(paths.rollback)
    if journal is None:
        return None
    return _settled(journal, _verdict(journal, paths.run(journal.run_id)))


def recover(paths: StatePaths, record: Record, now_s: float) -> Journal | None:
    """Finish or revert an interrupted rollback; record it, and its incident.

    Returns the journal if its rollback's state is in place and must still be confirmed or verified,
    else None. No trainer and no other rollback of the run may be running. `now_s`:
    Unix time. Raises OSError.
    """
    journal = read_or_set_aside(paths.rollback, now_s)
    if isinstance(journal, SetAside):
        journal.record(record)
        return None
    if journal is None:
        return None
    run = paths.run(journal.run_id)
    verdict = _verdict(journal, run)
    _enter(paths, journal, verdict, now_s)
    if verdict == "nothing":
        return None
    # Without a daemon, training only resumes at the next start: that is no interruption.
    as_planned = journal.step == "swapped" and not journal.was_training
    interrupted = journal.step != "running" and not (as_planned and verdict == "finish")
    remove_staged(run)
    settled = _settled(journal, verdict)
    if settled is not journal:
        write_journal(paths.rollback, settled)
    if interrupted:
        then = (
            "everything is as it was before" if verdict == "revert" else "training resumes from it"
        )
        record(
            "rollback.recovered",
            f"The rollback to {journal.to.id} was interrupted; it is {verdict}ed: {then}",
            {"id": journal.to.id, "verdict": verdict},
        )
    return settled if settled.step not in ENDED else None


def _enter(paths: StatePaths, journal: Journal, verdict: Verdict, now_s: float) -> None:
    """Write the rollback's incident if its process was killed before it could."""
    match verdict:
        case "revert":
            outcome = f"interrupted at {journal.step!r}, then reverted: everything is as before"
        case "finish":
            outcome = f"interrupted at {journal.step!r}; it is in place, training resumes from it"
        case "nothing" if journal.step == "reverted":
            outcome = "it failed and was reverted; why, was not written"
        case _:
            return
    try:
        if not incidents.is_entered(paths.incidents, journal):
            incidents.append(paths.incidents, incidents.entry(journal, outcome, now_s))
    except OSError as error:
        _log.error("%s could not be written: %s", paths.incidents, error)


def _settled(journal: Journal, verdict: Verdict) -> Journal:
    if verdict == "revert":
        return reverted(journal)
    return advance(journal, "swapped") if journal.step == "swapping" else journal


def _verdict(journal: Journal, run: RunPaths) -> Verdict:
    is_renamed = False
    if journal.restored_id is not None:
        try:
            found = read_manifest(run.checkpoints / journal.restored_id)
        except (DamagedCheckpointError, FileNotFoundError):
            pass
        else:
            is_renamed = found.restored_from == journal.to.id
    return judge(journal.step, is_renamed=is_renamed)
