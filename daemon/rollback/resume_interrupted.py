"""A rollback that a kill or a power loss interrupted: finish it, or revert it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from daemon.backup.staging import remove_staged
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, read_manifest
from daemon.rollback.journal import (
    ENDED,
    Journal,
    Step,
    advance,
    read_journal,
    reverted,
    write_journal,
)

Verdict = Literal["nothing", "revert", "finish"]


@dataclass(frozen=True)
class Recovered:
    """What was found and done about it."""

    verdict: Verdict
    journal: Journal


def judge(step: Step, *, has_its_name: bool) -> Verdict:
    """What follows an interruption at this step. Pure; the table stands in the journal's module.

    `has_its_name`: the restored state is among the run's checkpoints.
    """
    if step in ENDED:
        return "nothing"
    if step in ("staging", "stopped"):
        return "revert"
    return "finish" if has_its_name else "revert"


def recover(paths: StatePaths) -> Recovered | None:
    """Finish or revert what is open; None where no rollback is.

    No trainer and no other rollback of the run may live. Raises OSError, and
    DamagedCheckpointError for a journal that cannot be read.
    """
    journal = read_journal(paths.rollback)
    if journal is None:
        return None
    run = paths.run(journal.run_id)
    verdict = judge(journal.step, has_its_name=_has_its_name(journal, run))
    if verdict == "nothing":
        return None
    remove_staged(run)
    if verdict == "revert":
        write_journal(paths.rollback, reverted(journal))
    elif journal.step == "swapping":
        journal = advance(journal, "swapped")
        write_journal(paths.rollback, journal)
    return Recovered(verdict, journal)


def _has_its_name(journal: Journal, run: RunPaths) -> bool:
    if journal.restored_id is None:
        return False
    try:
        found = read_manifest(run.checkpoints / journal.restored_id)
    except (DamagedCheckpointError, FileNotFoundError):
        return False
    return found.restored_from == journal.to.id
