"""Declaring a verb's options once, for the light parser and for Typer alike."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import msgspec

_PLAIN_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class Declaration(msgspec.Struct, frozen=True):
    """One option or argument: the metadata of an Annotated field of an options class."""

    flags: tuple[str, ...]  # none: an argument, any number of words
    help: str
    metavar: str | None = None
    minimum: float | None = None
    # From one plain word to a value; ValueError sends the command line to Typer. None: a switch.
    convert: Callable[[str], object] | None = None
    complete: tuple[str, ...] = ()  # words that the shell offers


def plain_number(word: str) -> float:
    """A number as people write it. Raises ValueError for signs, exponents and the like."""
    if not _PLAIN_NUMBER.fullmatch(word):
        raise ValueError(word)
    return float(word)


def declarations(options: type[msgspec.Struct]) -> list[tuple[str, Declaration]]:
    """An options class's fields, inherited ones first, with what was declared for each."""
    return [
        (name, declared)
        for one in reversed(options.__mro__)
        for name, annotation in inspect.get_annotations(one).items()
        for declared in getattr(annotation, "__metadata__", ())
    ]
