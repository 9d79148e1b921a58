"""Collects the evidence. Never fails, and waits at most for the store's time-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from checks.evidence import Evidence
from checks.sources.home import disk_space, home_problem, without_home
from checks.sources.rollback import last_rollback
from checks.sources.states import backups_of, checkpoints_of, leftovers_in
from checks.sources.store import lock_and_store, run_of, unstarted_change
from daemon.backup.catalog import backup_directory
from daemon.base.clocks.record import read_clock_record
from daemon.base.clocks.trust import ClockRecord, look, observe
from daemon.base.identity import boot_id, flock_is_held, read_identity
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, find_sources
from daemon.config.frozen import load_frozen
from daemon.plugins.loading import load_with_plugins
from daemon.processes.frozen import why_frozen
from daemon.processes.ping import ANSWER_S, Ping, ping
from daemon.runs.metadata import shown_name


def gather(paths: StatePaths, now_s: float, answer_s: float = ANSWER_S) -> Evidence:
    """Evidence about a state folder at `now_s` (Unix, s), without the configuration.

    What cannot be read is omitted. A running daemon is asked, and has `answer_s` to answer.
    """
    if problem := home_problem(paths):
        return without_home(now_s, problem)
    held, store, status = lock_and_store(paths)
    asked = ping(paths, answer_s) if held else Ping(None)
    silent = asked.answered is False
    restored = None if held else unstarted_change(paths, status)
    run_id = run_of(status) if restored is None else restored.run_id
    checkpoints, checkpoints_problem = checkpoints_of(paths, run_id)
    rollback_problem, rollback = last_rollback(paths)
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
        disk=disk_space(paths.home),
        backups=None,
        config=None,
        config_problem=None,
        rollback_problem=rollback_problem,
        rollback=rollback,
        unwritten=asked.store_problem or "",
        clock=_clock(paths),
        restored="" if restored is None else restored.text.removeprefix("Run "),
        run_name="" if run_id is None else shown_name(paths.run(run_id)),
    )


def with_config(
    evidence: Evidence, paths: StatePaths, explicit: Sequence[Path], environ: Mapping[str, str]
) -> Evidence:
    """The evidence with the configuration: of `explicit` files, else the daemon's.

    If that is invalid: of the run's frozen copy.
    """
    if evidence.home_problem:
        return evidence
    daemon = evidence.status.daemon if evidence.status else None
    recorded = daemon.sources if daemon else None
    try:
        sources = find_sources(explicit, paths.home, environ, recorded=recorded)
        config = load_with_plugins(sources).config
        backups = backups_of(paths, config, evidence)
        directory = backup_directory(config, paths)
        folders = [directory, paths.runs]
        if evidence.run_id is not None:
            folders += [directory / evidence.run_id, paths.run(evidence.run_id).checkpoints]
        return msgspec.structs.replace(
            evidence, config=config, backups=backups, leftovers=leftovers_in(*folders)
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
