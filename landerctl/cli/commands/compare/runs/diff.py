"""`landerctl runs diff`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from daemon.base.text.one_line import one_line
from daemon.runs.metadata import read_metadata
from landerctl.cli.arguments.completion import completer
from landerctl.cli.arguments.named_run import named_run
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.runs.differences import Differences, differences

EXAMPLES = examples(
    "landerctl runs diff baseline slow-ramp",
    "landerctl runs diff baseline current --json | jq .settings",
)


def diff(
    context: typer.Context,
    a: Annotated[
        str,
        typer.Argument(
            metavar="A", help="A run: its id or name.", autocompletion=completer("runs")
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(metavar="B", help="The run to compare.", autocompletion=completer("runs")),
    ],
    *,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print settings, versions and machine that differ in two runs.

    Exit code 0: none; 1: they differ.
    """
    session = open_session(context, home, config)
    first, second = named_run(session, a), named_run(session, b)
    found = differences(first, second)
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif found.none:
        print("no setting, version or machine differs")
    else:
        _show(found, read_metadata(first).name, read_metadata(second).name)
    return Exit.OK if found.none else Exit.FAILED


def _show(found: Differences, a: str, b: str) -> None:
    rows = [(name, _text(x), _text(y)) for name, (x, y) in found.settings.items()]
    rows += [(f"{name} (version)", x or "-", y or "-") for name, (x, y) in found.versions.items()]
    rows += [("machine", *found.machine)] if found.machine else []
    rows = [("", a, b), *rows]
    widths = [max(len(one_line(row[at])) for row in rows) for at in range(3)]
    for row in rows:
        cells = (one_line(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
