"""Parses plain command lines. All others are handled by Typer, which reports mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from landerctl.fast_path.declare import Declaration, declarations
from landerctl.fast_path.options import HOME, GlobalOptions

_Options = TypeVar("_Options", bound=GlobalOptions)


class NotPlainError(Exception):
    """This parser does not support the command line."""


def split_verb(arguments: list[str]) -> tuple[list[str], str, list[str]] | None:
    """Global options, verb, and the arguments after it; None if no verb is recognised."""
    takes_value = {flag for _, declared in declarations(GlobalOptions) for flag in declared.flags}
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if not word.startswith("-"):
            return arguments[:index], word, arguments[index + 1 :]
        flag, has_value, _ = word.partition("=")
        if flag not in takes_value:
            return None
        index += 1 if has_value else 2
    return None


def named_home(arguments: list[str]) -> Path | None:
    """The state folder that any command line names, also an invalid one; the last one counts."""
    found = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            break
        flag, equals, value = word.partition("=")
        if flag in HOME.flags:
            found = (value if equals else next(words, "")) or found
    return Path(found) if found else None


def parse(options: type[_Options], before: list[str], after: list[str]) -> _Options:
    """A verb's options, from the arguments before and after it. Raises NotPlainError."""
    return options(**(_collect(GlobalOptions, before) | _collect(options, after)))


def _collect(options: type[GlobalOptions], arguments: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    by_flag: dict[str, tuple[str, Declaration]] = {}
    positional = ""
    for name, declared in declarations(options):
        by_flag |= dict.fromkeys(declared.flags, (name, declared))
        if not declared.flags:
            positional = name
    remaining = iter(arguments)
    for word in remaining:
        if word and positional and not word.startswith("-"):
            values[positional] = (*values.get(positional, ()), word)
            continue
        flag, equals, value = word.partition("=")
        if flag not in by_flag or (equals and not flag.startswith("--")):
            raise NotPlainError(word)
        name, declared = by_flag[flag]
        found = _value(declared, value if equals else None, remaining)
        values[name] = (*values.get(name, ()), found) if declared.repeatable else found
    return values


def _value(declared: Declaration, given: str | None, remaining: Iterator[str]) -> object:
    if declared.convert is None:
        if given is not None:
            raise NotPlainError(given)
        return True
    word = next(remaining, "") if given is None else given
    # An argument that looks like an option may follow a forgotten value.
    if not word or word.startswith("-"):
        raise NotPlainError(word)
    try:
        value = declared.convert(word)
    except ValueError:
        raise NotPlainError(word) from None
    if isinstance(value, float) and not declared.allows(value):
        raise NotPlainError(word)
    return value
