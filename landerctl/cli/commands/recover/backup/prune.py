"""`landerctl backup prune`."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from checks.wording import size
from daemon.backup.catalog import backup_directory
from daemon.backup.retention.prune import judge
from daemon.backup.retention.prune import prune as remove
from daemon.backup.retention.rules import Decision
from daemon.base.identity import lock_is_held
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.backups import told
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit

EXAMPLES = examples(
    "landerctl backup prune --dry-run             what would go, what stays, and why",
    "landerctl backup prune",
)


class Judged(msgspec.Struct, frozen=True):
    """What becomes, or became, of one backup."""

    run_id: str
    id: str
    created_s: float  # Unix time
    size_bytes: int
    keep: bool
    reason: str


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Remove backups by age and size, and what killed processes left behind.

    A daemon does so every hour. What is pinned stays, and of each run the newest, the best and the
    last verified.
    """
    session = open_session(context, home, config)
    settings = session.load_config()
    directory = backup_directory(settings, session.paths)
    run = current_run(session.paths)
    with told(directory):
        decisions = judge(directory, settings.backup, time.time())
        if dry_run:
            gone = [decision for decision in decisions if not decision.keep]
        elif run is not None and not lock_is_held(session.paths):
            # asyncio and sqlite3: only for the offline case.
            from landerctl.operations.without_daemon import prune_backups  # noqa: PLC0415

            gone = prune_backups(session.paths, run, directory, settings.backup)
        else:
            gone = remove(directory, settings.backup, time.time())
    ids = {(one.backup.run_id, one.backup.id) for one in gone}
    stays = [one for one in decisions if (one.backup.run_id, one.backup.id) not in ids]
    if as_json:
        print(msgspec.json.encode([_judged(one) for one in gone + stays]).decode())
        return Exit.OK
    for decision in gone:
        print(f"{'would go' if dry_run else 'gone'}   {_line(decision)}")
    for decision in stays if dry_run else ():
        print(f"stays      {_line(decision)}")
    gone_bytes, bytes_ = (sum(one.backup.size_bytes for one in group) for group in (gone, stays))
    verb = "would go" if dry_run else "removed"
    print(f"{len(gone)} {verb} ({size(gone_bytes)}), {len(stays)} stay ({size(bytes_)})")
    return Exit.OK


def _line(decision: Decision) -> str:
    backup = decision.backup
    return f"{backup.run_id}/{backup.id}  {size(backup.size_bytes)}  {decision.reason}"


def _judged(decision: Decision) -> Judged:
    backup = decision.backup
    return Judged(
        run_id=backup.run_id,
        id=backup.id,
        created_s=backup.created_s,
        size_bytes=backup.size_bytes,
        keep=decision.keep,
        reason=decision.reason,
    )
