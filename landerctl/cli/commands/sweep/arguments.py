"""The arguments SWEEP and TRIAL."""

from __future__ import annotations

from typing import Annotated

import typer

from landerctl.cli.arguments.completion import completer
from landerctl.operations.sweeps.running import EngineName

SweepName = Annotated[
    str | None,
    typer.Argument(
        metavar="[SWEEP]",
        help="A sweep's name (default: the newest).",
        autocompletion=completer("sweeps"),
        show_default=False,
    ),
]
TrialNumber = Annotated[
    int,
    typer.Argument(
        min=0,
        metavar="TRIAL",
        help="A trial's number.",
        autocompletion=completer("trials"),
        show_default=False,
    ),
]
Engine = Annotated[
    EngineName | None,
    typer.Option(
        help="Where trials run: on this machine, or on a Ray cluster (default: local).",
        show_default=False,
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Of a Ray cluster (default: RAY_ADDRESS, else one on this machine).",
        show_default=False,
    ),
]
Foreground = Annotated[
    bool, typer.Option("--foreground", help="Stay in the foreground: for systemd and containers.")
]
