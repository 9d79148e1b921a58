"""`landerctl config validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from daemon.base.text.counted import counted
from daemon.config.judging.error import LocatedFault, Origin
from daemon.config.layering.layers import GivenLayer
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Json,
    examples,
    named_path,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.configuring.validation import all_faults
from landerctl.operations.starting.flyable import refuse_unflyable

EXAMPLES = examples(
    "landerctl config validate                what `landerctl start` would read",
    "landerctl config validate lab.toml --json",
)


class FoundFault(msgspec.Struct, frozen=True):
    """One element of the JSON."""

    origin: str  # a file's path, a variable
    line: int | None
    text: str


def validate(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Files, each judged alone (default: all that a start would read, layered).",
            parser=named_path,
            show_default=False,
        ),
    ] = None,
    *,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Print every fault of configuration files, with its line.

    Exit code 78 if there is one.
    """
    session = open_session(context, home, config)
    if files:
        judged = [file.absolute() for file in files]
        faults = [fault for file in judged for fault in _faults([file], ())]
        what = "; ".join(map(str, judged))
    else:
        sources = session.find_sources()
        given, faults = sources.given()
        faults = [*_faults([Path(file) for file in sources.files], given), *faults]
        what = " and ".join(sources.files) or "The defaults"
    if as_json:
        found = [FoundFault(one.origin.name, one.origin.line, _text(one)) for one in faults]
        print(msgspec.json.encode(found).decode())
    else:
        print("".join(f"{one.one_line}\n" for one in faults), end="")
    if faults:
        raise Failure(f"{what}: {counted(len(faults), 'fault')}", Exit.CONFIG)
    if not as_json:
        print(f"{what}: valid")
    return Exit.OK


def _faults(files: Sequence[Path], given: Sequence[GivenLayer]) -> list[LocatedFault]:
    """What a start would refuse, that no vehicle or device of a valid one exists included."""
    faults, config = all_faults(files, given)
    if config is not None:
        try:
            refuse_unflyable(config, "")
        except Failure as error:
            name = " and ".join(map(str, files)) or "configuration"
            return [LocatedFault(Origin("file", name), str(error).removeprefix(": "))]
    return faults


def _text(fault: LocatedFault) -> str:
    return fault.one_line.removeprefix(f"{fault.origin}: ")
