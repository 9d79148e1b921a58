"""`landerctl backup prune`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from checks.wording import size
from daemon.backup.catalog import backup_directory
from daemon.backup.retention.prune import judge
from daemon.backup.retention.prune import prune as remove
from daemon.backup.retention.rules import Decision
from daemon.base.clocks.record import confirm_clock, judge_clock, read_clock_record
from daemon.base.clocks.trust import look
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.runs.run_folder import current_run
from landerctl.cli.arguments.backups import backup_errors_as_failures
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit

EXAMPLES = examples(
    "landerctl backup prune --dry-run             what would be removed or kept, and why",
    "landerctl backup prune",
    "landerctl backup prune --trust-clock         the clock jumped, and its time is right now",
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
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing.")] = False,
    trust_clock: Annotated[
        bool,
        typer.Option("--trust-clock", help="Confirm the clock after a jump: its time is right."),
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Remove backups by age and size, and leftovers of killed processes.

    A daemon does so every hour. Pinned backups are kept, and of each run the newest, the best and
    the last verified one. After a jump of the clock nothing is removed by age or size until it has
    been steady for a day or is confirmed.
    """
    session = open_session(context, home, config)
    settings = session.load_config()
    directory = backup_directory(settings, session.paths)
    run = current_run(session.paths)
    with backup_errors_as_failures(directory):
        decisions = judge(directory, settings.backup, time.time())
        doubt = _clock_doubt(session.paths, decisions, confirm=trust_clock and not dry_run)
        trusted = doubt is None
        if dry_run:
            removed = [decision for decision in decisions if not decision.keep]
        elif run is not None and not lock_is_held(session.paths):
            # Imports asyncio and sqlite3, which only this case needs.
            from landerctl.operations.without_daemon import prune_backups  # noqa: PLC0415

            removed = prune_backups(
                session.paths, run, directory, settings.backup, clock_trusted=trusted
            )
        else:
            removed = remove(directory, settings.backup, time.time(), clock_trusted=trusted)
    overdue = not dry_run and doubt is not None and any(not one.keep for one in decisions)
    code = Exit.FAILED if overdue else Exit.OK
    if doubt is not None:
        print(f"note: {doubt}", file=sys.stderr)
    ids = {(one.backup.run_id, one.backup.id) for one in removed}
    kept = [one for one in decisions if (one.backup.run_id, one.backup.id) not in ids]
    if as_json:
        print(msgspec.json.encode([_judged(one) for one in removed + kept]).decode())
        return code
    for decision in removed:
        print(f"{'would be removed' if dry_run else 'removed'}   {_line(decision)}")
    for decision in kept if dry_run else ():
        print(f"kept               {_line(decision)}")
    removed_bytes, kept_bytes = (
        sum(one.backup.size_bytes for one in group) for group in (removed, kept)
    )
    verb = "would be removed" if dry_run else "removed"
    print(f"{len(removed)} {verb} ({size(removed_bytes)}), {len(kept)} kept ({size(kept_bytes)})")
    return code


def _clock_doubt(paths: StatePaths, decisions: Sequence[Decision], *, confirm: bool) -> str | None:
    """Why the clock is not trusted; None if it is, or is confirmed now. Raises OSError."""
    if confirm:
        return confirm_clock(paths.clock, look()).doubt
    known = read_clock_record(paths.clock)
    newest_s = max((one.backup.created_s for one in decisions), default=None)
    return judge_clock(known, look(), lambda: newest_s).doubt


def _line(decision: Decision) -> str:
    backup = decision.backup
    return one_line(f"{backup.run_id}/{backup.id}  {size(backup.size_bytes)}  {decision.reason}")


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
