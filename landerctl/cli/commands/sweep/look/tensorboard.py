"""`landerctl sweep tensorboard`."""

from __future__ import annotations

from typing import Annotated

import typer

from landerctl.cli.commands.sweep.arguments import SweepName
from landerctl.cli.commands.watch.tensorboard import serve
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.find import find_sweep

EXAMPLES = examples(
    "landerctl sweep tensorboard",
    "landerctl sweep tensorboard rates --port 0 --open",
)


def tensorboard(
    context: typer.Context,
    sweep: SweepName = None,
    *,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="On loopback; 0 takes any free one."),
    ] = 0,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Show it in the browser as well.")
    ] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Serve one TensorBoard over all trials until Ctrl-C."""
    found = find_sweep(open_session(context, home, config).paths, sweep)
    if not any(found.trials.glob("*/runs")):
        raise Failure(f"{found.trials}: no trial has trained on this machine yet", Exit.NOT_FOUND)
    serve(found.trials, found.tensorboard_log, f"all trials of {found.id}", port, open_browser)
    return Exit.OK
