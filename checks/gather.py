"""Collects the evidence. Never fails, and waits at most for the store's time-out."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from checks.evidence import (
    BackupEvidence,
    CheckpointEvidence,
    DiskEvidence,
    Evidence,
    Leftover,
    StoreEvidence,
    WatchedRollback,
)
from daemon.backup.catalog import backup_directory, list_folders
from daemon.backup.identity import is_of_another
from daemon.backup.record import is_checkpoint_id, read_backup
from daemon.backup.retention.prune_journal import read_pruned
from daemon.backup.verification.verified import read_verified
from daemon.base.clocks.record import read_clock_record
from daemon.base.clocks.trust import ClockRecord, look, observe
from daemon.base.identity import boot_id, flock_is_held, lock_is_held, read_identity
from daemon.base.leftovers import half_removed, unfinished
from daemon.base.paths import StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import DamagedCheckpointError, read_manifest
from daemon.config import Config, ConfigError, find_config, load_config
from daemon.config.frozen import load_frozen
from daemon.processes.frozen import why_frozen
from daemon.processes.ping import ANSWER_S, Ping, ping
from daemon.rollback.journal import CHANGED, ENDED, Journal, read_journal, undo_refusal
from daemon.runs.run_folder import current_run
from daemon.store.reader import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreReader,
)
from daemon.store.records import Event, Status

MOST_RESTORES = 100
COMPARED = 3  # newest checkpoints whose backups are compared with them


def gather(paths: StatePaths, now_s: float, answer_s: float = ANSWER_S) -> Evidence:
    """Evidence about a state folder at `now_s` (Unix, s), without the configuration.

    What cannot be read is omitted. A running daemon is asked, and has `answer_s` to answer.
    """
    if home_problem := _home_problem(paths):
        return _without_home(now_s, home_problem)
    held, store, status = _lock_and_store(paths)
    asked = ping(paths, answer_s) if held else Ping(None)
    silent = asked.answered is False
    restored = None if held else _restored(paths, status)
    run_id = _run_id(status) if restored is None else restored.run_id
    checkpoints, checkpoints_problem = _checkpoints(paths, run_id)
    problem, rollback = _rollback(paths)
    return Evidence(
        now_s=now_s,
        lock_held=held,
        silent=silent,
        frozen=_why_frozen(paths) if silent else None,
        rebooted=_rebooted(paths),
        store=store,
        status=status,
        run_id=run_id,
        orphaned=not held and run_id is not None and _orphaned(paths, run_id),
        checkpoints=checkpoints,
        checkpoints_problem=checkpoints_problem,
        disk=_disk(paths.home),
        backups=None,
        config=None,
        config_problem=None,
        rollback_problem=problem,
        rollback=rollback,
        unwritten=asked.store_problem or "",
        clock=_clock(paths),
        restored="" if restored is None else restored.text.removeprefix("Run "),
    )


def with_config(
    evidence: Evidence, paths: StatePaths, explicit: Path | None, environ: Mapping[str, str]
) -> Evidence:
    """The evidence with the configuration: of `explicit`, else of the daemon's file.

    If that is invalid: of the run's frozen copy.
    """
    if evidence.home_problem:
        return evidence
    daemon = evidence.status.daemon if evidence.status else None
    recorded = daemon.config_path if daemon else None
    try:
        path = find_config(explicit, paths.home, environ, recorded=recorded)
        config = load_config(path).config
        backups = _backups(paths, config, evidence)
        directory = backup_directory(config, paths)
        folders = [directory]
        if evidence.run_id is not None:
            folders += [directory / evidence.run_id, paths.run(evidence.run_id).checkpoints]
        return msgspec.structs.replace(
            evidence, config=config, backups=backups, leftovers=_leftovers(*folders)
        )
    except ConfigError as error:
        problem = str(error)
    frozen = None
    if evidence.run_id is not None:
        try:
            frozen = load_frozen(paths.run(evidence.run_id).config)
        except ConfigError as error:
            problem = f"{problem}; the run's frozen copy is unusable too: {error}"
    return msgspec.structs.replace(evidence, config=frozen, config_problem=problem)


def _home_problem(paths: StatePaths) -> str:
    """Why this user cannot know whether a daemon runs here; empty if they can, or without home."""
    owner_of = paths.home
    try:
        if not stat.S_ISDIR(os.stat(paths.home).st_mode):  # noqa: PTH116 - raises for a loop
            return f"{paths.home}: is not a folder; name the state folder with --home"
        for owner_of in (paths.home, paths.lock, paths.store):
            if not os.access(owner_of, os.R_OK) and owner_of.exists():
                break
        else:
            return ""
    except FileNotFoundError:
        return ""
    except PermissionError:
        pass
    except OSError as error:
        return f"{paths.home}: {os.strerror(error.errno or 0)}; name the state folder with --home"
    return f"{owner_of}: permission denied{_owned_by(owner_of)}; ask as its owner or as root"


def _owned_by(path: Path) -> str:
    import pwd  # noqa: PLC0415 - only for a message

    try:
        user_id = path.stat().st_uid
        return f", it belongs to {pwd.getpwuid(user_id).pw_name}"
    except KeyError:
        return f", it belongs to user {user_id}"
    except OSError:
        return ""


def _without_home(now_s: float, problem: str) -> Evidence:
    return Evidence(
        now_s=now_s,
        lock_held=False,
        rebooted=False,
        store=StoreEvidence("unusable", problem),
        status=None,
        run_id=None,
        orphaned=False,
        checkpoints=(),
        checkpoints_problem=None,
        disk=None,
        backups=None,
        config=None,
        config_problem=None,
        home_problem=problem,
    )


def _lock_and_store(paths: StatePaths) -> tuple[bool, StoreEvidence, Status | None]:
    # Read again if the lock changed: a daemon that starts or stops between the two reads would look
    # as if it had died.
    held = _held(paths)
    for _ in range(3):
        store, status = _read_store(paths)
        before, held = held, _held(paths)
        if held == before:
            break
    return held, store, status


def _held(paths: StatePaths) -> bool:
    try:
        return lock_is_held(paths)
    except OSError:
        return False


def _why_frozen(paths: StatePaths) -> str | None:
    try:
        identity = read_identity(paths)
    except OSError:
        return None
    return why_frozen(identity.pid) if identity else None


def _orphaned(paths: StatePaths, run_id: str) -> bool:
    try:
        return flock_is_held(paths.run(run_id).lease)
    except OSError:
        return False


def _read_store(paths: StatePaths) -> tuple[StoreEvidence, Status | None]:
    try:
        with StoreReader.open(paths.store) as reader:
            status = reader.status()
        return StoreEvidence("readable", size_bytes=paths.store.stat().st_size), status
    except StoreMissingError as error:
        return StoreEvidence("missing", str(error)), None
    except StoreDamagedError as error:
        return StoreEvidence("damaged", str(error)), None
    except StoreBusyError as error:
        return StoreEvidence("busy", str(error)), None
    except StoreError as error:
        return StoreEvidence("unusable", str(error)), None
    except OSError as error:
        return StoreEvidence("unusable", f"{paths.store}: {os.strerror(error.errno or 0)}"), None


def _restored(paths: StatePaths, status: Status | None) -> Event | None:
    """The event of the current run's restore, if no daemon has run since then."""
    run = current_run(paths)
    if run is None or status is None:
        return None
    try:
        with StoreReader.open(paths.store) as reader:
            found = reader.seldom_events(run.id, ["run.restored"], MOST_RESTORES)[-1:]
    except StoreError:
        return None
    started_s = status.daemon.started_s if status.daemon else 0.0
    is_newer = bool(found) and found[0].time_s > started_s
    return found[0] if is_newer else None


def _run_id(status: Status | None) -> str | None:
    if status is None:
        return None
    if status.run is not None:
        return status.run.id
    return status.trainer.run_id if status.trainer else None


def _checkpoints(
    paths: StatePaths, run_id: str | None
) -> tuple[tuple[CheckpointEvidence, ...], str | None]:
    if run_id is None:
        return (), None
    try:
        listing = list_checkpoints(paths.run(run_id).checkpoints)
    except OSError as error:
        return (), f"{error.filename}: {os.strerror(error.errno or 0)}"
    problem = listing.damaged[-1][1] if listing.damaged else None
    whole = [
        CheckpointEvidence(m.id, m.created_s, m.timesteps, m.stage, m.kind) for m in listing.whole
    ]
    return tuple(whole), problem


def _backups(paths: StatePaths, config: Config, evidence: Evidence) -> BackupEvidence:
    """Uses names only, except for the newest: reading thousands of records takes too long."""
    directory = backup_directory(config, paths)
    if evidence.run_id is None:
        return BackupEvidence(0, None, None, 0.0)
    folder = directory / evidence.run_id
    try:
        copied = {path.name for path in list_folders(folder) if is_checkpoint_id(path.name)}
        missing = [
            c
            for c in evidence.checkpoints
            if c.kind in config.backup.automatic and c.id not in copied
        ]
        if missing:
            removed = read_pruned(directory, evidence.run_id)
            missing = [c for c in missing if c.id not in removed]
        # By their digests, of the newest ones: a run restored by hand can reuse the ids of others.
        run = paths.run(evidence.run_id)
        for checkpoint in evidence.checkpoints[-COMPARED:]:
            if checkpoint.id in copied and _is_of_another(
                folder / checkpoint.id, run.checkpoints / checkpoint.id
            ):
                missing.append(checkpoint)
        damaged = read_verified(folder).damaged
        problem = next(iter(damaged.values()), "")
        newest_s = None
        if copied:
            # Ids sort by sequence, up to a million.
            newest_s = read_backup(folder / max(copied)).created_s
    except DamagedCheckpointError as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename}: {os.strerror(error.errno or 0)}"
        return BackupEvidence(0, None, None, 0.0, problem)
    return BackupEvidence(
        count=len(copied),
        newest_s=newest_s,
        missing_id=missing[0].id if missing else None,
        missing_s=missing[0].created_s if missing else 0.0,
        problem=problem,
    )


def _is_of_another(backup: Path, checkpoint: Path) -> bool:
    try:
        return is_of_another(backup, read_manifest(checkpoint))
    except DamagedCheckpointError:
        return False  # pruned since it was listed; else the check of checkpoints reports it


def _leftovers(*folders: Path) -> tuple[Leftover, ...]:
    found: list[Leftover] = []
    for folder in folders:
        # An unreadable folder is reported by the checks of checkpoints and backups.
        with suppress(OSError):
            paths = unfinished(folder) + half_removed(folder)
            found += [Leftover(str(path), path.stat().st_mtime) for path in paths]
    return tuple(found)


def _rollback(paths: StatePaths) -> tuple[str, WatchedRollback | None]:
    """The last rollback's problem, or the rollback that is being verified."""
    try:
        journal = read_journal(paths.rollback)
    except DamagedCheckpointError as error:
        return f"{error}: the last rollback cannot be undone with --undo", None
    except OSError as error:
        return f"{paths.rollback}: {os.strerror(error.errno or 0)}", None
    if journal is None:
        return "", None
    if journal.step in CHANGED | ENDED:
        return "", _watched(paths, journal)
    next_step = "`landerctl start` finishes or reverts it"
    return f"a rollback to {journal.to.id} was interrupted: {next_step}", None


def _watched(paths: StatePaths, journal: Journal) -> WatchedRollback | None:
    """The rollback, if it is of the current run and is being verified."""
    run = current_run(paths)
    if journal.running_s is None or journal.step in ENDED:
        return None
    if run is None or run.id != journal.run_id:
        return None
    undoable = undo_refusal(journal, run, paths.backups) is None
    return WatchedRollback(journal.to.id, journal.running_s, journal.success_rate, undoable)


def _clock(paths: StatePaths) -> ClockRecord | None:
    try:
        known = read_clock_record(paths.clock)
        return None if known is None else observe(known, look())
    except OSError:
        return None


def _rebooted(paths: StatePaths) -> bool:
    try:
        identity = read_identity(paths)
        return identity is not None and identity.boot_id != boot_id()
    except OSError:
        return False


def _disk(home: Path) -> DiskEvidence | None:
    for folder in (home, *home.parents):
        try:
            space = os.statvfs(folder)
        except OSError:
            continue
        if not space.f_blocks:
            return None  # such as /proc: it has no space to measure
        return DiskEvidence(space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize)
    return None
