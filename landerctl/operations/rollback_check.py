"""Checking states before a rollback: which of them can be used? Changes nothing."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.backup.restoring.restorable import Restorable
from daemon.backup.verification.verify import extract_checkpoint
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import MANIFEST, DamagedCheckpointError, encode_record
from daemon.rollback.errors import UnusableStateError
from daemon.rollback.load_test import LoadTest
from daemon.rollback.selection.choose import MOST_TRIED, Skipped
from daemon.rollback.selection.find_usable import find_usable
from landerctl.failure import Failure
from landerctl.operations.without_daemon import load_test


@dataclass(frozen=True)
class CheckedState:
    """The first state that can be used, or the last one that was checked."""

    state: Restorable
    result: LoadTest
    skipped: tuple[Skipped, ...]  # those checked before it


def check_states(
    run: RunPaths,
    backups: Path,
    algorithm: str,
    candidates: Sequence[Restorable],
    report: Callable[[str], None],
) -> CheckedState:
    """Verify and load the candidates in turn until one can be used; seconds for each.

    Raises Failure: a state cannot be read, or no space for its copy.
    """
    skipped: list[Skipped] = []
    for candidate in candidates[:MOST_TRIED]:
        report(f"verifying and loading {candidate.id}")
        try:
            result = _load(run, backups, algorithm, candidate.id)
        except (DamagedCheckpointError, UnusableStateError) as error:
            result = LoadTest(False, str(error))
        except OSError as error:
            raise Failure(f"{candidate.id}: {error.strerror or error}") from None
        checked = CheckedState(candidate, result, tuple(skipped))
        if result.ok:
            break
        skipped.append(Skipped(candidate.id, result.text))
    return checked


def _load(run: RunPaths, backups: Path, algorithm: str, id_: str) -> LoadTest:
    state = find_usable(run, backups, id_, algorithm)
    with tempfile.TemporaryDirectory(prefix="landerctl-") as name:
        folder = Path(name)
        extract_checkpoint(state.manifest, state.folder, folder)
        (folder / MANIFEST).write_bytes(encode_record(state.manifest))
        return asyncio.run(load_test(run, folder))
