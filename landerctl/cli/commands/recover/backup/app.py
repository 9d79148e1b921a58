"""`landerctl backup` and its verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from daemon.backup.catalog import backup_directory
from daemon.backup.record import Tag
from daemon.base.identity import lock_is_held
from daemon.protocol.control import BackupRequest
from daemon.runs.run_folder import current_run
from landerctl.cli.commands.recover.backup import archive, prune, tags, verify
from landerctl.cli.shared.daemon_request import ask, done
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption

EXAMPLES = examples(
    "landerctl backup                             save a checkpoint now and copy it",
    "landerctl backup --pin --note 'before the new reward weights'",
    "landerctl backup verify --sample 5           verify some of them, e.g. from cron",
    "landerctl backup prune --dry-run             what would be removed or kept, and why",
    "landerctl backup export 000012-600000-gate gate.tar",
)

app = typer.Typer(
    help="Save a checkpoint now and copy it to the backups; verify, prune, export and pin them.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)


@app.callback(invoke_without_command=True)
def backup(
    context: typer.Context,
    note: Annotated[str, typer.Option(help="A note to find it by.", metavar="TEXT")] = "",
    pin: Annotated[bool, typer.Option("--pin", help="Never prune it.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Save a checkpoint now and copy it to the backups; without a daemon, copy the newest."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    if lock_is_held(session.paths):
        print(ask(session, BackupRequest(note=note, pinned=pin)).text)
        return Exit.OK
    run = current_run(session.paths)
    if run is None:
        raise Failure(
            f"{session.paths.home}: no run to back up; `landerctl start` creates one",
            Exit.NOT_FOUND,
        )
    # Imports filelock and asyncio, which only this case needs.
    from landerctl.operations.without_daemon import back_up_newest  # noqa: PLC0415

    directory = backup_directory(session.load_config(), session.paths)
    tag = Tag(note=note, pinned=pin)
    with interruption("no daemon continues it; what `landerctl backups` lists is whole"):
        print(done(back_up_newest(session.paths, run, directory, tag)).text)
    return Exit.OK


app.command("verify", epilog=verify.EXAMPLES)(verify.verify)
app.command("prune", epilog=prune.EXAMPLES)(prune.prune)
app.command("export", epilog=archive.EXPORT_EXAMPLES)(archive.export)
app.command("import", epilog=archive.IMPORT_EXAMPLES)(archive.import_)
app.command("pin", epilog=tags.EXAMPLES)(tags.pin)
app.command("unpin", epilog=tags.EXAMPLES)(tags.unpin)
