"""`landerctl config migrate`."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer

from daemon.base.text.counted import counted
from daemon.config.migration.migrate import CannotMigrateError, migrate
from landerctl.cli.commands.configure.file import (
    File,
    cannot_write,
    files_in_use,
    real_path,
    text_of,
)
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.configuring.faults import faults_of
from landerctl.operations.configuring.replace import difference, keep_copy, replace_text

EXAMPLES = examples(
    "landerctl config migrate                     show what would be changed",
    "landerctl config migrate old.toml --write",
)


class Report(msgspec.Struct, frozen=True):
    """What `--json` prints. Each line has its number in the file before."""

    file: str
    changes: list[str]
    undecided: list[str]  # left for the user
    faults: list[str]  # of the file after
    difference: str
    written: bool
    copy: str | None  # of the file before


def migrate_command(
    context: typer.Context,
    file: File = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Change the file; it is first copied to FILE.bak.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Change a file of an earlier version to today's.

    Settings that were moved, renamed or removed; comments and order stay. Without --write it only
    shows what would be changed. What only you can decide is left and named.
    """
    in_use = files_in_use(open_session(context, home, config))
    if not (file or in_use):
        raise Failure(
            "no configuration file is in use; `landerctl config edit` creates one", Exit.NOT_FOUND
        )
    found = file or in_use[-1]
    path = real_path(found)
    before = text_of(path)
    try:
        done = migrate(before)
    except CannotMigrateError as error:
        raise Failure(f"{found}: {error}", Exit.CONFIG) from None
    copy = None
    if write and done.changes:
        try:
            copy = keep_copy(path)
            replace_text(path, done.text)
        except OSError as error:
            raise cannot_write(path, error) from None
    report = Report(
        str(found),
        done.changes,
        done.undecided,
        faults_of(path, done.text),
        difference(path, before, done.text),
        copy is not None,
        str(copy) if copy else None,
    )
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _show(report)
    if report.faults:
        left = counted(len(report.faults), "fault")
        raise Failure(
            f"{found}: still invalid: {left} left, see `landerctl config validate`", Exit.CONFIG
        )
    return Exit.OK


def _show(report: Report) -> None:
    """The difference and the result on standard output, what it means on standard error."""
    print(report.difference, end="", flush=True)
    for line in report.changes:
        print(f"  {line}", file=sys.stderr)
    for line in report.undecided:
        print(f"  left: {line}", file=sys.stderr)
    if not report.changes:
        print(f"{report.file}: nothing to change")
    elif report.written:
        print(f"{report.file}: changed; the old one is {report.copy}")
    else:
        print(f"{report.file}: not changed; --write does it")
