"""Declaring a verb's options once, for the light parser and for Typer alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import Field, dataclass, fields
from typing import Any

_PLAIN_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Declaration:
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


def declarations(options: type[Any]) -> list[tuple[Field[Any], Declaration]]:
    """The fields of an options class with what was declared for each."""
    return [(one, one.type.__metadata__[0]) for one in fields(options)]  # type: ignore[union-attr]
