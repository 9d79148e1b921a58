"""`landerctl config edit`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.identity import lock_is_held
from daemon.base.leftovers import temporary_beside
from daemon.base.text.counted import counted
from daemon.config.read import UnreadableError, is_there, read_text
from landerctl.cli.commands.configure.file import (
    File,
    cannot_write,
    files_in_use,
    real_path,
    text_of,
)
from landerctl.cli.shared.prompt import ask_word
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.configuring.effects import changed_sections, effects
from landerctl.operations.configuring.faults import faults_of
from landerctl.operations.configuring.first_text import FIRST_TEXT, place_schema
from landerctl.operations.configuring.replace import replace_text

EXAMPLES = examples(
    "landerctl config edit",
    "EDITOR='code --wait' landerctl config edit",
)
EDITORS = ("sensible-editor", "nano", "vim", "vi")


def edit(
    context: typer.Context, file: File = None, home: Home = None, config: ConfigFile = None
) -> int:
    """Edit a configuration file, and check it before it counts.

    Opens VISUAL or EDITOR on a copy, shows all faults of the result, and says when a change takes
    effect. Without a file it begins one in the state folder.
    """
    session = open_session(context, home, config)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            "config edit needs a terminal; edit the file, then see `landerctl config validate`",
            Exit.USAGE,
        )
    editor = editor_of(os.environ)
    in_use = files_in_use(session) or (session.paths.home / "config.toml",)
    path = real_path(file or in_use[-1])
    before = text_of(path) if is_there(path) else ""
    try:
        if path.parent == session.paths.home:
            make_private_folder(path.parent, parents=True)
        place_schema(path, before)
        with _copy(path, before or FIRST_TEXT) as copy:
            text, is_valid = _checked(path, copy, editor)
            if text is None or text == (before or FIRST_TEXT):
                print(f"{path}: not changed")
                return Exit.OK
            _require_unchanged(path, before)
            replace_text(path, text)
            place_schema(path, text)
    except OSError as error:
        raise cannot_write(path, error) from None
    print(f"{path}: {'changed' if before else 'created'}")
    running = lock_is_held(session.paths)
    if not is_valid:
        keeps = "the daemon keeps the settings it has; " if running else ""
        print(f"  it is invalid: {keeps}`landerctl start` refuses it")
    elif path not in map(real_path, in_use):
        print(f"  it is not in use: {in_use[-1]} is")
    else:
        for line in effects(changed_sections(before, text), running=running):
            print(f"  {line}")
    return Exit.OK


def editor_of(environ: Mapping[str, str]) -> list[str]:
    """The command of the user's editor. Raises Failure."""
    named = environ.get("VISUAL") or environ.get("EDITOR")
    try:
        words = shlex.split(named or next(filter(shutil.which, EDITORS), ""))
    except ValueError:
        words = []
    if not words or not shutil.which(words[0]):
        what = f"{named}: no such program" if named else "no editor was found"
        raise Failure(f"{what}; name yours: EDITOR=nano landerctl config edit", Exit.NOT_FOUND)
    return words


@contextmanager
def _copy(path: Path, text: str) -> Iterator[Path]:
    """A file to edit beside `path`. A failure keeps it if it was changed, and names it."""
    copy = temporary_beside(path)
    write_atomically(copy, text.encode())
    try:
        yield copy
    except (Failure, OSError) as error:
        if copy.exists() and copy.read_bytes() != text.encode():
            failure = cannot_write(path, error) if isinstance(error, OSError) else error
            raise Failure(f"{failure.text}; your text is in {copy}", failure.code) from None
        copy.unlink(missing_ok=True)
        raise
    copy.unlink(missing_ok=True)


def _checked(path: Path, copy: Path, editor: Sequence[str]) -> tuple[str | None, bool]:
    """The text as the user leaves it, or None if discarded, and whether it is valid. Raises
    Failure.
    """
    while True:
        with interruption("nothing was changed"):
            code = subprocess.run([*editor, str(copy)], check=False).returncode
        if code != 0:
            raise Failure(f"{editor[0]}: exit code {code}; nothing was changed")
        try:
            text = read_text(copy)
            faults = faults_of(path, text)
        except UnreadableError as error:
            text, faults = None, [str(error)]
        if not faults:
            return text, True
        for fault in faults:
            print(f"  {fault}", file=sys.stderr)
        question = f"{path.name} has {counted(len(faults), 'fault')}:"
        answer = ask_word(question, ("edit again", "discard", *(["keep"] if text else [])))
        if answer != "edit again":
            return (text if answer == "keep" else None), False


def _require_unchanged(path: Path, before: str) -> None:
    """Raises Failure if the file is another than it was at the beginning."""
    if (text_of(path) if is_there(path) else "") != before:
        raise Failure(f"{path}: changed while you edited, nothing was written")
