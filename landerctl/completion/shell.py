"""Answers the scripts that `landerctl --install-completion` installs for bash, zsh and fish.

The variables and the answers are those of Typer, which answers other shells.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from landerctl.completion.resolve import Verb, Word, resolve

TABLE = Path(__file__).with_name("table.json")
SHELLS = ("complete_bash", "complete_zsh", "complete_fish")


def run(instruction: str, environ: Mapping[str, str]) -> int:
    """Print the words for `instruction`, one of SHELLS; returns the exit code."""
    if instruction == "complete_bash":
        words = _split(environ.get("COMP_WORDS", ""))
        index = int(environ.get("COMP_CWORD", "0"))
        arguments, typed = words[1:index], "".join(words[index : index + 1])
    else:
        line = environ.get("_TYPER_COMPLETE_ARGS", "")
        arguments, typed = _split(line)[1:], ""
        if arguments and not line.endswith(" "):
            typed = arguments.pop()
    found = complete(arguments, typed, environ)
    if instruction == "complete_bash":
        print("\n".join(word for word, _ in found))
    elif instruction == "complete_zsh":
        print(_zsh(found))
    elif environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return 0 if found else 1  # fish asks whether to offer files instead
    elif found:
        print("\n".join(f"{word}\t{meaning}" if meaning else word for word, meaning in found))
    return 0


def complete(arguments: list[str], typed: str, environ: Mapping[str, str]) -> list[Word]:
    """The words that may stand for `typed`, with their meaning in one line."""
    program: Verb = json.loads(TABLE.read_text("utf-8"))
    found = resolve(program, arguments, typed)
    words = list(found.words)
    if found.kind:
        from landerctl.completion.candidates import candidates  # noqa: PLC0415

        words += candidates(found.kind, found.home, found.config, environ, found.typed)
    return [
        (word, " ".join(meaning.split()))
        for word, meaning in words
        if word.startswith(found.typed) and word.isprintable()
    ]


def _split(line: str) -> list[str]:
    """As the shell splits it, also with a quote that is still open."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = []
    try:
        for word in lexer:
            words.append(word)  # noqa: PERF402 - keeps the words before the open quote
    except ValueError:
        words.append(lexer.token)
    return words


def _zsh(words: list[Word]) -> str:
    if not words:
        return "_files"
    shown = (
        f'"{_escaped(word)}":"{_escaped(meaning)}"' if meaning else f'"{_escaped(word)}"'
        for word, meaning in words
    )
    return "_arguments '*: :((" + "\n".join(shown) + "))'"


def _escaped(text: str) -> str:
    for char, escaped in (('"', '""'), ("'", "''"), ("$", "\\$"), ("`", "\\`"), (":", r"\\:")):
        text = text.replace(char, escaped)
    return text
