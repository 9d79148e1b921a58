"""Declares the words that complete an argument, for Typer and for the generated table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from landerctl.completion.candidates import candidates

# Completed to the declared words and kind, each with this before it: Typer drops others.
DECLARATION = "\0"
KIND = "kind:"
Completer = Callable[[typer.Context, str], list[tuple[str, str]]]


def completer(kind: str = "", words: Mapping[str, str] | None = None) -> Completer:
    """Completes `words`, with their meaning, and the candidates of `kind`, if any."""
    fixed = list((words or {}).items())

    def complete(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        if incomplete == DECLARATION:
            declared = [*fixed, (KIND + kind, "")]
            return [(DECLARATION + word, meaning) for word, meaning in declared]
        found = fixed
        if kind:
            home, config = _given(context, "home"), _given(context, "config")
            found = [*fixed, *candidates(kind, home, config, os.environ, incomplete)]
        return [(word, meaning) for word, meaning in found if word.startswith(incomplete)]

    return complete


def _given(context: typer.Context, name: str) -> str | None:
    """The path of --home or --config, after the verb or before it."""
    at: typer.Context | None = context
    while at is not None:
        value = at.params.get(name)
        if isinstance(value, Path):
            return str(value)
        at = at.parent  # type: ignore[assignment]
    return None
