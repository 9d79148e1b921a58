"""The options of a dispersed flight: --disperse [FILE], and --only of a case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from daemon.config.judging.explain import suggestion
from daemon.runs.dispersion.draw import cases_of
from daemon.runs.dispersion.file import DEFAULT, DispersionError, load_dispersions, named_file
from daemon.runs.dispersion.parameters import PARAMETERS, Dispersions
from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import named_path
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

FLAG = "--disperse"

Disperse = Annotated[
    Path | None,
    typer.Option(
        FLAG,
        metavar="[FILE]",
        help="Disperse what the pilot does not know (mass, engines, sensors, ground, start): "
        f"'{DEFAULT}', which is meant without a FILE, or a TOML file; see docs/dispersions.md.",
        parser=named_path,
        autocompletion=completer(words={DEFAULT: "the set in the package"}),
        show_default=False,
    ),
]
Only = Annotated[
    str | None,
    typer.Option(
        metavar="PARAMETER",
        help=f"With {FLAG}: disperse this parameter alone (default: all of them).",
        autocompletion=completer(words={name: one.meaning for name, one in PARAMETERS.items()}),
        show_default=False,
    ),
]


def with_default(arguments: Sequence[str]) -> list[str]:
    """The command line with DEFAULT behind a --disperse without a value.

    Typer has no option whose value may be left out.
    """
    given = list(arguments)
    for k, argument in enumerate(given):
        if argument == "--":
            break
        following = given[k + 1] if k + 1 < len(given) else "-"
        if argument == FLAG and following.startswith("-"):
            given[k] = f"{FLAG}={DEFAULT}"
    return given


def dispersed(disperse: Path | None, only: str | None = None) -> list[str]:
    """The trainer's arguments. Raises Failure for an invalid file or an unknown case."""
    if disperse is None:
        if only is not None:
            raise Failure(f"--only {only}: works with {FLAG} only", Exit.USAGE)
        return []
    file = named_file(str(disperse))
    try:
        dispersions = load_dispersions(file)
    except DispersionError as error:
        hint = "" if file is None or file.exists() else f"; without a FILE, {FLAG} comes last"
        raise Failure(f"{error}{hint}", Exit.CONFIG) from None
    named = [FLAG, DEFAULT if file is None else str(file.absolute())]
    if only is None:
        return named
    _check_case(only, dispersions)
    return [*named, "--only", only]


def _check_case(case: str, dispersions: Dispersions) -> None:
    known = cases_of(dispersions)
    if case not in known:
        close = suggestion(case, known) or f"; choose of {', '.join(known)}"
        raise Failure(f"--only {case}: not dispersed here{close}", Exit.USAGE)
