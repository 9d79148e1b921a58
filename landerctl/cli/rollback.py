"""`landerctl rollback`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from checks.wording import number, percent
from daemon.backup.catalog import backup_directory
from daemon.config import Config
from daemon.identity import lock_is_held
from daemon.protocol.control import Rollback
from daemon.runs import current_run
from landerctl.cli.backups import Entry, collect
from landerctl.cli.complete import complete_ids
from landerctl.cli.conversation import ask
from landerctl.cli.session import ConfigFile, Home, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl rollback 000012-600000-gate",
    "landerctl rollback 000012-600000-gate --yes",
)


def rollback(
    context: typer.Context,
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A checkpoint or backup, as `landerctl backups` lists them.",
            autocompletion=complete_ids,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Go back to a checkpoint or backup: stop, verify, restore, restart.

    Nothing is deleted, so a rollback can itself be rolled back.
    """
    session = open_session(context, home, config)
    settings = session.load_config()
    target = _find(session, settings, id_)
    running = lock_is_held(session.paths)
    if not yes:
        _confirm(target, running)
    if running:
        print(ask(session, Rollback(target.id)).text)
        return Exit.OK
    run = current_run(session.paths)
    if run is None:
        raise Failure(f"{session.paths.home}: there is no run to roll back", Exit.NOT_FOUND)
    # filelock, psutil and asyncio: only for the offline case.
    from landerctl.offline import roll_back  # noqa: PLC0415

    directory = backup_directory(settings, session.paths)
    print(f"  verifying {target.id}, then restoring it", file=sys.stderr)
    restored = roll_back(session.paths, run, directory, target.id)
    print(
        f"Run {run.id} is back at {target.id} ({number(restored.timesteps)} steps, "
        f"now {restored.id}); no daemon runs, `landerctl start` trains on from there"
    )
    return Exit.OK


def _find(session: Session, settings: Config, id_: str) -> Entry:
    try:
        entries = collect(session.paths, settings)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None
    for entry in entries:
        if entry.id == id_:
            if entry.state == "damaged":
                raise Failure(f"{entry.note}; choose another, `landerctl backups` lists them")
            return entry
    raise Failure(
        f"{id_}: no checkpoint of the run and no backup has this id; "
        "`landerctl backups` lists them",
        Exit.NOT_FOUND,
    )


def _confirm(target: Entry, running: bool) -> None:
    if not sys.stdin.isatty():
        raise Failure(f"{target.id}: a rollback needs --yes where nobody can be asked", Exit.USAGE)
    print(
        f"{target.id}: stage {target.stage}, "
        f"{number(target.timesteps)} steps, success {percent(target.success_rate)}, "
        f"reward {number(target.reward_mean)}"
    )
    what = "Stop the training, go back to it, and train on from there?"
    if not running:
        what = "Go back to it? No daemon runs; the next start trains on from there."
    typer.confirm(what, default=False, abort=True)
