"""Restores a run from a target: choose what to fetch, fetch it, rebuild the run's folder."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import Timeout, UnixFileLock

from daemon.backup.catalog import write_tag
from daemon.backup.record import Backup, Tag
from daemon.backup.restoring.find_state import State, verify_state
from daemon.backup.restoring.rebuild_run import (
    clear_unfinished,
    rebuild,
    unfinished_run,
    unpack_logs,
)
from daemon.backup.verification.verify import verify_backup
from daemon.base.failpoint import failpoint
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.config import ConfigError
from daemon.offsite.holdings import Holdings, sequence
from daemon.offsite.source import Source
from daemon.offsite.target import OffsiteTargetError
from daemon.processes.state_folder import ClaimError, check_home
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreError
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

LOCK_TIMEOUT_S = 1.0
OnBytes = Callable[[int], None]


@dataclass(frozen=True)
class RestorePlan:
    """What a restore would fetch. Only records are read; no digest is verified yet."""

    run_id: str
    backup: Backup
    logs: Backup | None
    passed_over: list[str] = field(default_factory=list)  # newer backups that were skipped, and why

    @property
    def manifest(self) -> Manifest:
        """The checkpoint's manifest."""
        assert self.backup.checkpoint is not None
        return self.backup.checkpoint

    @property
    def size_bytes(self) -> int:
        """Total size of checkpoint and logs; local copies of them are not fetched."""
        return self.backup.size_bytes + (self.logs.size_bytes if self.logs else 0)


@contextmanager
def target_errors_as_failures(target: str) -> Iterator[None]:
    """Convert TargetError to Failure."""
    try:
        yield
    except OffsiteTargetError as error:
        raise Failure(f"target {target}: {error}; nothing was changed, try again later") from None


def open_source(target: str, url: str, options_file: Path | None) -> Source:
    """Open a target for reading. Raises Failure."""
    with target_errors_as_failures(target):
        return Source.open(url, options_file)


def plan_restore(
    paths: StatePaths, source: Source, target: str, run_id: str | None, id_: str | None
) -> RestorePlan:
    """Choose run and state: by default the run with the newest backup. Raises Failure."""
    with target_errors_as_failures(target):
        run_id = _choose_run(source, target, run_id)
        if paths.run(run_id).folder.exists() and unfinished_run(paths) != run_id:
            raise Failure(
                f"{paths.run(run_id).folder}: the run exists already; "
                "return to one of its backups with `landerctl rollback --to ID`"
            )
        passed_over: list[str] = []
        if (backup := _choose_state(source, run_id, id_, passed_over)) is None:
            faults = f": {'; '.join(passed_over)}" if passed_over else ""
            asked = f"backup {id_}" if id_ else "whole backup"
            raise Failure(f"target {target}: no {asked} of run {run_id}{faults}", Exit.NOT_FOUND)
        return RestorePlan(run_id, backup, _choose_logs(source, run_id, passed_over), passed_over)


def restore(
    paths: StatePaths,
    source: Source,
    target: str,
    plan: RestorePlan,
    directory: Path,
    *,
    chosen: bool,
    on_bytes: OnBytes,
) -> tuple[RestorePlan, Manifest]:
    """Fetch, verify and rebuild; returns the plan as executed and the run's newest checkpoint.

    `chosen`: the user named the state: fail if it is damaged, take no other. Raises Failure.
    """
    with _claim_state_folder(paths), target_errors_as_failures(target):
        try:
            clear_unfinished(paths)
            plan, state = _fetch_whole_state(
                source, plan, directory, chosen=chosen, on_bytes=on_bytes
            )
            plan = _unpack_logs(paths, source, plan, directory, on_bytes)
            failpoint("restore.kept")
            placed = rebuild(
                paths,
                state,
                plan.run_id,
                created_s=time.time(),
                after_sequence=_highest_sequence(source.holdings, directory, plan.run_id),
            )
        except DamagedCheckpointError as error:
            _clear(paths)
            raise Failure(f"target {target}: {error}; nothing was restored") from None
        except OSError as error:
            _clear(paths)
            raise Failure(
                f"{error.filename or paths.home}: {error.strerror or error}; "
                "free space or check the disk, then restore again",
                Exit.CANNOT_WRITE,
            ) from None
        except BaseException:
            _clear(paths)
            raise
        _record(paths, target, plan, placed)
        return plan, placed


def finish_interrupted(paths: StatePaths) -> str | None:
    """Clean up after an interrupted restore; the run if it was already rebuilt. Raises Failure."""
    if unfinished_run(paths) is None:
        return None
    with _claim_state_folder(paths):
        try:
            return clear_unfinished(paths)
        except OSError as error:
            raise Failure(
                f"{error.filename or paths.runs}: {error.strerror}", Exit.CANNOT_WRITE
            ) from None


def _choose_run(source: Source, target: str, run_id: str | None) -> str:
    runs = [run for run in source.holdings.runs() if source.holdings.states(run)]
    if run_id is not None:
        if run_id not in runs:
            known = f"; its runs are {', '.join(runs)}" if runs else ""
            raise Failure(f"target {target}: no backup of run {run_id}{known}", Exit.NOT_FOUND)
        return run_id
    made_s: dict[str, float] = {}
    for run in runs:
        # A run's newest backup has the highest sequence; its record has the time.
        if (backup := _choose_state(source, run, None, [])) is not None:
            made_s[run] = backup.created_s
    if not made_s:
        what = "no whole backup of a checkpoint" if runs else "no backup of a checkpoint"
        raise Failure(f"target {target}: {what}", Exit.NOT_FOUND)
    return max(made_s, key=lambda run: (made_s[run], run))


def _choose_state(
    source: Source, run_id: str, id_: str | None, passed_over: list[str], after: str | None = None
) -> Backup | None:
    """The newest state with a readable record, or `id_`; only those older than `after`."""
    for candidate in source.holdings.states(run_id):
        if id_ not in (None, candidate):
            continue
        if after is not None and sequence(candidate) >= sequence(after):
            continue
        try:
            return source.record(run_id, candidate)
        except DamagedCheckpointError as error:
            passed_over.append(str(error))
    return None


def _choose_logs(
    source: Source, run_id: str, passed_over: list[str], before: str | None = None
) -> Backup | None:
    for candidate in source.holdings.logs(run_id):
        if before is not None and candidate >= before:
            continue
        try:
            return source.record(run_id, candidate)
        except DamagedCheckpointError as error:
            passed_over.append(str(error))
    return None


def _fetch_whole_state(
    source: Source, plan: RestorePlan, directory: Path, *, chosen: bool, on_bytes: OnBytes
) -> tuple[RestorePlan, State]:
    """The newest state that is verified whole, copied to the local backups."""
    while True:
        try:
            folder = _fetch_backup(source, plan.backup, directory, on_bytes)
            return plan, verify_state(folder)
        except DamagedCheckpointError as error:
            passed_over = [*plan.passed_over, str(error)]
            older = (
                None
                if chosen
                else _choose_state(source, plan.run_id, None, passed_over, after=plan.backup.id)
            )
            if older is None:
                raise DamagedCheckpointError("; ".join(passed_over)) from None
            plan = RestorePlan(plan.run_id, older, plan.logs, passed_over)


def _unpack_logs(
    paths: StatePaths, source: Source, plan: RestorePlan, directory: Path, on_bytes: OnBytes
) -> RestorePlan:
    """Unpack the newest logs that are verified whole; logs are optional."""
    while plan.logs is not None:
        try:
            unpack_logs(paths, _fetch_backup(source, plan.logs, directory, on_bytes), plan.logs)
            return plan
        except DamagedCheckpointError as error:
            passed_over = [*plan.passed_over, str(error)]
            older = _choose_logs(source, plan.run_id, passed_over, before=plan.logs.id)
            plan = RestorePlan(plan.run_id, plan.backup, older, passed_over)
    return plan


def _fetch_backup(source: Source, backup: Backup, directory: Path, on_bytes: OnBytes) -> Path:
    """The backup's folder in the local backups; fetched if missing or damaged."""
    folder = directory / backup.run_id / backup.id
    try:
        if folder.is_dir():
            local = verify_backup(folder)
            if local.checkpoint != backup.checkpoint:
                raise Failure(
                    f"{folder}: is a backup of another checkpoint with the id of the target's; "
                    "move the folder away, then restore again"
                )
            if local == backup:
                on_bytes(backup.size_bytes)
                return folder
    except DamagedCheckpointError:
        pass  # replaced by the fetched one
    source.fetch(backup, directory, on_bytes)
    if (tag := source.tag(backup)) != Tag():
        write_tag(directory, backup, tag)
    return folder


def _highest_sequence(holdings: Holdings, directory: Path, run_id: str) -> int:
    """The run's highest sequence, local and on the target: new checkpoints must be newer."""
    local = (sequence(path.name) for path in (directory / run_id).iterdir())
    return max([holdings.highest_sequence(run_id), *local])


def _clear(paths: StatePaths) -> None:
    # The next restore removes what cannot be removed now, or completes an almost finished restore.
    with suppress(OSError):
        current = current_run(paths)
        if current is not None and current.id == unfinished_run(paths):
            return
        clear_unfinished(paths)


@contextmanager
def _claim_state_folder(paths: StatePaths) -> Iterator[None]:
    """Lock the state folder, so that no daemon starts in it during the restore. Raises Failure."""
    try:
        check_home(paths)
        with UnixFileLock(paths.lock, timeout=LOCK_TIMEOUT_S, mode=0o600):
            yield
    except ClaimError as error:
        raise Failure(str(error), Exit.CANNOT_WRITE) from None
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except Timeout:
        raise Failure(
            f"{paths.home}: a daemon has just started; stop it with `landerctl stop`", Exit.BUSY
        ) from None


def _record(paths: StatePaths, target: str, plan: RestorePlan, placed: Manifest) -> None:
    # The restore is complete even if the store cannot be written.
    with suppress(StoreError, sqlite3.Error):
        writer = StoreWriter.open(paths.store)
        try:
            writer.add_event(
                "run.restored",
                f"Run {plan.run_id} restored from {target} at {plan.backup.id}",
                time_s=time.time(),
                run_id=plan.run_id,
                severity="warning",
                body={
                    "id": plan.backup.id,
                    "target": target,
                    "timesteps": placed.timesteps,
                },
            )
        finally:
            writer.close()
