"""Generates Typer commands from the option declarations of the fast path."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer

from landerctl.cli.arguments.completion import completer
from landerctl.cli.shared.session import named_path
from landerctl.fast_path.declare import Declaration, declarations
from landerctl.fast_path.options import GlobalOptions

_Options = TypeVar("_Options", bound=GlobalOptions)


def command(options: type[_Options], run: Callable[[_Options], int]) -> Callable[..., int]:
    """A function that calls `run`, with a signature from which Typer reads `options`."""

    def execute(context: typer.Context, **values: Any) -> int:
        before = context.parent
        while before is not None:
            for name in ("home", "config"):
                values[name] = values[name] or before.params.get(name)
            before = before.parent
        chosen = {name: _plain(value) for name, value in values.items() if value is not None}
        return run(options(**chosen))

    defaults = options()
    types = inspect.get_annotations(options) | inspect.get_annotations(GlobalOptions)
    parameters = [inspect.Parameter("context", _KIND, annotation=typer.Context)]
    for name, declared in declarations(options):
        default = getattr(defaults, name)
        parameters.append(
            inspect.Parameter(
                name,
                _KIND,
                default=None if default == () else default,
                annotation=_typer_type(get_args(types[name])[0], declared),
            )
        )
    execute.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return execute


_KIND = inspect.Parameter.POSITIONAL_OR_KEYWORD


def _typer_type(kind: Any, declared: Declaration) -> Any:
    if declared.flags:
        option = typer.Option(
            *declared.flags,
            help=declared.help,
            metavar=declared.metavar,
            min=declared.minimum,
            max=declared.maximum,
            parser=named_path if declared.convert is Path else None,
        )
        return Annotated[list[Path] | None if declared.repeatable else kind, option]

    argument = typer.Argument(
        help=declared.help,
        metavar=declared.metavar,
        autocompletion=completer(declared.complete_kind, dict.fromkeys(declared.complete, "")),
        show_default=False,
    )
    return Annotated[list[str] | None, argument]


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
