"""Every command that a document, a help or a message names exists, with the options it names."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from landerctl.cli.app import app
from landerctl.cli.arguments.dispersions import with_default
from tests.daemon.harness import ROOT
from tests.docs.pages import PAGES, Shown, commands

# What stands for a value in a document, where the parser wants a number.
VALUES = {"N": "7", "PID": "7"}
CALL = re.compile(r"(?:\S*/)?landerctl(?= |$)")


def calls(text: str) -> Iterator[list[str]]:
    """The words after each `landerctl` of a shell line, up to a pipe, redirection or `&&`."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] | None = None
    for word in lexer:
        if CALL.fullmatch(word):
            words = []
        elif words is not None and re.fullmatch(r"[|&;<>]+", word):
            yield words
            words = None
        elif words is not None:
            words.append(VALUES.get(word, word))
    if words is not None:
        yield words


@cache
def program() -> Any:
    """The program, whose commands do nothing."""
    waiting: list[Any] = [typer.main.get_command(app)]
    for command in waiting:
        command.callback = lambda **_: None
        for parameter in command.params:
            parameter.callback = None  # of --install-completion, which writes files
        waiting += getattr(command, "commands", {}).values()
    return waiting[0]


def fault(words: list[str]) -> str | None:
    """What the program's own parser finds wrong with a command line."""
    try:
        program().main(with_default(words), prog_name="landerctl", standalone_mode=False)
    except typer.TyperException as error:
        text = error.format_message()
        # A mention may leave values out.
        left_out = text.startswith("Missing ") or text.endswith("requires an argument.")
        return None if left_out else text
    return None


def messages() -> Iterator[Shown]:
    """Commands that stand in backquotes in the strings of the sources, and in config.toml."""
    for folder in ("landerctl", "daemon", "checks", "env"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                for text in _mentions(_text(node)):
                    yield Shown(str(path.relative_to(ROOT)), getattr(node, "lineno", 0), text)
    for text in _mentions((ROOT / "config.toml").read_text(encoding="utf-8")):
        yield Shown("config.toml", 0, text)


def _text(node: ast.AST) -> str:
    """A string's text; X for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "X" for part in node.values]
        return "".join(map(str, parts))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _mentions(text: str) -> list[str]:
    return [" ".join(found.split()) for found in re.findall(r"`(landerctl [^`]+)`", text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documented_commands_exist(page: Path) -> None:
    faults = [
        f"{shown}: {found}"
        for shown in commands(page)
        for words in calls(shown.text)
        if words != ["--install-completion"] and (found := fault(words)) is not None
    ]
    assert not faults, "\n".join(faults)


def test_commands_in_messages_exist() -> None:
    shown = list(messages())
    assert len(shown) > 50
    faults = [
        f"{one}: {found}"
        for one in shown
        for words in calls(one.text)
        if (found := fault(words)) is not None
    ]
    assert not faults, "\n".join(faults)


def test_a_mistyped_option_is_found() -> None:
    assert fault(["stop", "--forse"]) is not None
    assert fault(["evaluate", "best", "--episodes", "many"]) is not None
    assert fault(["evaluate", "best", "--episodes", "5"]) is None
