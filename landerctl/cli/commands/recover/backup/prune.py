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
from landerctl.cli.arguments.backups import backup_errors_as_failures
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit

EXAMPLES = examples(
    "landerctl backup prune --dry-run             what would be removed or kept, and why",
    "landerctl backup prune",
)


class Judged(msgspec.Struct, frozen=True):
    """The decision on one backup, as `--json` prints it."""

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
    """Remove backups by age and size, and leftovers of killed processes.

    A daemon does so every hour. Pinned backups are kept, and of each run the newest, the best and
    the last verified one.
    """
    session = open_session(context, home, config)
    settings = session.load_config()
    directory = backup_directory(settings, session.paths)
    run = current_run(session.paths)
    with backup_errors_as_failures(directory):
        decisions = judge(directory, settings.backup, time.time())
        if dry_run:
            removed = [decision for decision in decisions if not decision.keep]
        elif run is not None and not lock_is_held(session.paths):
            # Imports asyncio and sqlite3, which only this case needs.
            from landerctl.operations.without_daemon import prune_backups  # noqa: PLC0415

            removed = prune_backups(session.paths, run, directory, settings.backup)
        else:
            removed = remove(directory, settings.backup, time.time())
    ids = {(one.backup.run_id, one.backup.id) for one in removed}
    kept = [one for one in decisions if (one.backup.run_id, one.backup.id) not in ids]
    if as_json:
        print(msgspec.json.encode([_judged(one) for one in removed + kept]).decode())
        return Exit.OK
    for decision in removed:
        print(f"{'would be removed' if dry_run else 'removed'}   {_line(decision)}")
    for decision in kept if dry_run else ():
        print(f"kept               {_line(decision)}")
    removed_bytes, kept_bytes = (
        sum(one.backup.size_bytes for one in group) for group in (removed, kept)
    )
    verb = "would be removed" if dry_run else "removed"
    print(f"{len(removed)} {verb} ({size(removed_bytes)}), {len(kept)} kept ({size(kept_bytes)})")
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
