"""Declares a verb's options once, for both the fast parser and Typer."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import msgspec

_PLAIN_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class Declaration(msgspec.Struct, frozen=True):
    """One option or argument: the metadata of an Annotated field of an options class."""

    flags: tuple[str, ...]  # empty: a positional argument, any number of values
    help: str
    metavar: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    # Converts one argument to a value; on ValueError Typer handles the command line. None: a
    # switch.
    convert: Callable[[str], object] | None = None
    repeatable: bool = False  # an option whose values are collected
    complete: tuple[str, ...] = ()  # values for the shell's completion
    complete_kind: str = ""  # further ones: a kind of `landerctl.completion.candidates`

    def allows(self, value: float) -> bool:
        """Whether `value` is within `minimum` and `maximum`."""
        above = self.minimum is None or value >= self.minimum
        return above and (self.maximum is None or value <= self.maximum)


def plain_number(word: str) -> float:
    """A number of digits and a decimal point. Raises ValueError for signs, exponents etc."""
    if not _PLAIN_NUMBER.fullmatch(word):
        raise ValueError(word)
    return float(word)


def declarations(options: type[msgspec.Struct]) -> list[tuple[str, Declaration]]:
    """An options class's field names, inherited ones first, with their declarations."""
    return [
        (name, declared)
        for one in reversed(options.__mro__)
        for name, annotation in inspect.get_annotations(one).items()
        for declared in getattr(annotation, "__metadata__", ())
    ]
