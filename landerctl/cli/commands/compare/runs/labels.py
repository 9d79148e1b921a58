"""`landerctl runs rename`, `tag`, `archive` and `unarchive`."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from checks.wording import size
from daemon.base.text.counted import counted
from landerctl.cli.arguments.named_run import NamedRun, named_run
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.runs.edits import archive_run, rename_run, tag_run, unarchive_run
from landerctl.operations.runs.freeing import free_checkpoints

RENAME_EXAMPLES = examples("landerctl runs rename current slow-ramp")
TAG_EXAMPLES = examples(
    "landerctl runs tag slow-ramp                 its tags",
    "landerctl runs tag slow-ramp paper lr=3e-4   add two",
    "landerctl runs tag slow-ramp --remove paper",
)
ARCHIVE_EXAMPLES = examples(
    "landerctl runs archive slow-ramp             lists leave it out; nothing is removed",
    "landerctl runs archive slow-ramp --free      and its working checkpoints are removed",
)
UNARCHIVE_EXAMPLES = examples("landerctl runs unarchive slow-ramp")


class Tags(msgspec.Struct, frozen=True):
    """What `tag --json` prints."""

    run_id: str
    tags: tuple[str, ...]


def rename(
    context: typer.Context,
    run: NamedRun,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that no other run has.")],
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Give a run another name; its id stays."""
    session = open_session(context, home, config)
    found = named_run(session, run)
    old = rename_run(session.paths, found, name)
    print(f"{found.id} is now {name}, it was {old}")
    return Exit.OK


def tag(
    context: typer.Context,
    run: NamedRun,
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="[TAG]...", help="Tags to add.")
    ] = None,
    *,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="A tag to remove; repeatable.")
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Add and remove tags of a run, or print those that it has."""
    session = open_session(context, home, config)
    found = named_run(session, run)
    now = tag_run(session.paths, found, tags or (), remove or ())
    if as_json:
        print(msgspec.json.encode(Tags(found.id, now)).decode())
    else:
        print(f"{found.id}: {' '.join(now) or 'no tags'}")
    return Exit.OK


def archive(
    context: typer.Context,
    run: NamedRun,
    *,
    free: Annotated[
        bool,
        typer.Option(
            "--free",
            help="Also remove its checkpoints but the newest, the best, those of gates, and those "
            "that it was rolled back to or forked from.",
        ),
    ] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Leave a run out of lists.

    Nothing is removed, every verb still takes it by its name."""
    session = open_session(context, home, config)
    found = named_run(session, run)
    new = archive_run(session.paths, found, time.time())
    print(f"{found.id} is {'archived' if new else 'archived already'}")
    if free:
        freed = free_checkpoints(session.paths, found)
        freed_bytes = sum(one.size_bytes for one in freed)
        print(f"{counted(len(freed), 'checkpoint')} removed ({size(freed_bytes)})")
    return Exit.OK


def unarchive(
    context: typer.Context, run: NamedRun, home: Home = None, config: ConfigFile = None
) -> int:
    """Show an archived run in lists again."""
    session = open_session(context, home, config)
    found = named_run(session, run)
    was = unarchive_run(session.paths, found)
    print(f"{found.id} is {'listed again' if was else 'not archived'}")
    return Exit.OK
