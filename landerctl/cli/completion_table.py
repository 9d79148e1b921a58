"""Prints the table of verbs and options by which `landerctl.completion` completes, from Typer's
declarations: ``python -m landerctl.cli.completion_table > landerctl/completion/table.json``.
"""

from __future__ import annotations

import json
from typing import Any

import typer

from landerctl.cli.app import app
from landerctl.cli.arguments.completion import DECLARATION, KIND
from landerctl.completion.resolve import Option, Value, Verb


def text() -> str:
    """The table as JSON."""
    return json.dumps(_verb(typer.main.get_command(app)), indent=1, ensure_ascii=False)


# Any: the classes of commands are inside of Typer, and not part of its interface.
def _verb(command: Any, parent: typer.Context | None = None) -> Verb:
    context = typer.Context(command, parent=parent, **command.context_settings)
    parameters = command.get_params(context)
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    return Verb(
        help=command.get_short_help_str(),
        options=[
            _option(p, context)
            for p in parameters
            if p.param_type_name == "option" and not p.hidden
        ],
        arguments=[_value(p, context) for p in arguments],
        open_end=bool(arguments) and arguments[-1].nargs == -1,
        verbs={
            name: _verb(below, context)
            for name, below in getattr(command, "commands", {}).items()
            if not below.hidden
        },
    )


def _option(option: Any, context: typer.Context) -> Option:
    return Option(
        # The flags of a help come from a set, in another order each time.
        flags=sorted(option.opts)
        if option.name == "help"
        else [*option.opts, *option.secondary_opts],
        help=" ".join((option.help or "").split()),
        repeatable=option.multiple,
        value=None if option.is_flag or option.count else _value(option, context),
    )


def _value(parameter: Any, context: typer.Context) -> Value:
    declared = [
        (item.value.removeprefix(DECLARATION), item.help or "")
        for item in parameter.shell_complete(context, DECLARATION)
        if item.value not in ("", DECLARATION)
    ]
    *words, (kind, _) = declared or [*_of_its_type(parameter, context), (KIND, "")]
    return Value(words=words, kind=kind.removeprefix(KIND))


def _of_its_type(parameter: Any, context: typer.Context) -> list[tuple[str, str]]:
    items = parameter.shell_complete(context, "")
    return [(item.value, item.help or "") for item in items if item.type == "plain"]


if __name__ == "__main__":
    print(text())
