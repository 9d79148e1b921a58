"""Which backups are kept, and why. Pure; `prune` does the removal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daemon.backup.record import Backup, BackupKey, Tag
from daemon.checkpoint.best import best_first
from daemon.checkpoint.manifest import Manifest
from daemon.config.schema import BackupSettings

DAY_S = 86_400.0
BYTES_PER_GB = 1e9


@dataclass(frozen=True)
class Decision:
    """Whether one backup is kept, and why."""

    backup: Backup
    keep: bool
    reason: str


def decide(
    backups: Sequence[Backup],
    tags: Mapping[BackupKey, Tag | None],
    verified: Mapping[BackupKey, float],
    *,
    now_s: float,
    settings: BackupSettings,
) -> list[Decision]:
    """Decide on all backups of a folder, oldest first, as of `now_s` (Unix).

    `tags`: None is one that cannot be read. `verified`: when a backup was last found whole (Unix).
    Backups with a timestamp in the future are kept, and protect no other from removal. None counts
    as older than one of an earlier checkpoint: its clock was wrong.
    """
    dates = _dates(backups, now_s)
    ordered = sorted(backups, key=lambda backup: (dates[_key(backup)], *_key(backup)))
    protected = _protections(ordered, tags, verified, now_s)
    decisions = {}
    for backup in ordered:
        reason = protected.get(_key(backup))
        decisions[_key(backup)] = (
            Decision(backup, True, reason)
            if reason
            else _by_age(backup, now_s - dates[_key(backup)], settings)
        )
    excess_bytes = sum(d.backup.size_bytes for d in decisions.values() if d.keep)
    excess_bytes -= round(settings.max_gb * BYTES_PER_GB)
    for backup in ordered:
        if excess_bytes <= 0:
            break
        if decisions[_key(backup)].keep and _key(backup) not in protected:
            text = f"all backups together exceed backup.max_gb, {settings.max_gb:g}"
            decisions[_key(backup)] = Decision(backup, False, text)
            excess_bytes -= backup.size_bytes
    return list(decisions.values())


def _dates(backups: Sequence[Backup], now_s: float) -> dict[BackupKey, float]:
    """When each backup was made (Unix): not before one of an earlier checkpoint."""
    dates = {_key(backup): backup.created_s for backup in backups}
    latest_s: dict[str, float] = {}
    for backup in sorted((b for b in backups if b.checkpoint is not None), key=_sequence):
        if backup.created_s <= now_s:
            latest_s[backup.run_id] = max(backup.created_s, latest_s.get(backup.run_id, -math.inf))
            dates[_key(backup)] = latest_s[backup.run_id]
    return dates


def _protections(
    ordered: Sequence[Backup],
    tags: Mapping[BackupKey, Tag | None],
    verified: Mapping[BackupKey, float],
    now_s: float,
) -> dict[BackupKey, str]:
    """The backups that neither age nor size removes, and why."""
    found: dict[BackupKey, str] = {}

    def protect(backup: Backup, reason: str) -> None:
        found.setdefault(_key(backup), reason)

    for backup in ordered:
        tag = tags.get(_key(backup), Tag())
        if tag is None:
            protect(backup, "its tag cannot be read, so it may be pinned")
        elif tag.pinned:
            protect(backup, "pinned")
        if backup.created_s > now_s:
            protect(backup, "its timestamp is in the future")
        if verified.get(_key(backup), -math.inf) > now_s:
            protect(backup, "its verification time is in the future")
    past = [backup for backup in ordered if backup.created_s <= now_s]
    for run_id in {backup.run_id for backup in past}:
        states = [b for b in past if b.run_id == run_id and b.checkpoint is not None]
        logs = [b for b in past if b.run_id == run_id and b.checkpoint is None]
        known = [b for b in states if verified.get(_key(b), math.inf) <= now_s]
        if states:
            protect(max(states, key=_sequence), "the run's newest")
            best = best_first(_manifest(b) for b in states)[0].id
            protect(next(b for b in states if b.id == best), "the run's best")
        # Of a line that a rollback discarded, it is not the best, until an undo.
        if of_kind := [b for b in states if _manifest(b).kind == "best"]:
            protect(max(of_kind, key=_sequence), "the run's newest of kind best")
        if known:
            last = max(known, key=lambda b: (verified[_key(b)], _sequence(b)))
            protect(last, "the run's last verified")
        if logs:
            protect(max(logs, key=_age_order), "the run's newest logs")
    return found


def _by_age(backup: Backup, age_s: float, settings: BackupSettings) -> Decision:
    final = backup.checkpoint is not None and backup.checkpoint.kind == "final"
    name = "backup.keep_final_days" if final else "backup.keep_days"
    days = settings.keep_final_days if final else settings.keep_days
    keep = age_s <= days * DAY_S
    text = f"{age_s / DAY_S:.1f} days old, {name} is {days:g}"
    return Decision(backup, keep, text)


def _key(backup: Backup) -> BackupKey:
    return backup.run_id, backup.id


def _age_order(backup: Backup) -> tuple[float, str, str]:
    return backup.created_s, backup.run_id, backup.id


def _manifest(backup: Backup) -> Manifest:
    assert backup.checkpoint is not None
    return backup.checkpoint


def _sequence(backup: Backup) -> tuple[int, float, str]:
    return _manifest(backup).sequence, backup.created_s, backup.id
