"""`landerctl sweep run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.config.read import UnreadableError, read_text
from landerctl.cli.commands.sweep.arguments import Address, Engine, Foreground
from landerctl.cli.commands.sweep.begin.planning import Wanted, carry_out
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
from landerctl.operations.sweeps.running import Placement

EXAMPLES = examples(
    "landerctl sweep run rates.toml --dry-run     its trials, and how long they take",
    "landerctl sweep run rates.toml",
    "landerctl sweep run rates.toml --name rates-2",
    "landerctl sweep run rates.toml --engine ray --address 192.0.2.7:6379",
)
Name = Annotated[
    str | None,
    typer.Option(help="The sweep's name (default: the file's).", show_default=False),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="List the trials and estimate the time; create and start nothing."
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="With --dry-run: list every trial.")]


def run(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A sweep.toml: see docs/sweeps.md.", parser=named_path),
    ],
    *,
    name: Name = None,
    engine: Engine = None,
    address: Address = None,
    dry_run: DryRun = False,
    everything: Everything = False,
    foreground: Foreground = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Begin a sweep: train trials that differ by settings or seeds.

    It runs in the background until all of them have ended.
    """
    session = open_session(context, home, config)
    try:
        text = read_text(file)
    except UnreadableError as error:
        missing = not file.exists()
        code = Exit.NOT_FOUND if missing else Exit.CONFIG
        raise Failure(f"{file}: {error}", code) from None
    wanted = Wanted(
        file=file.absolute(),
        text=text,
        name=name,
        proposed_name=file.stem,
        placement=Placement(engine or "local", address),
        dry_run=dry_run,
        everything=everything,
        foreground=foreground,
        as_json=as_json,
    )
    return carry_out(session, wanted)
