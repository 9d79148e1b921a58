"""`landerctl sweep stop` and `landerctl sweep resume`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from daemon.sweeps.records import TrialState
from landerctl.cli.commands.sweep.arguments import Address, Engine, Foreground, SweepName
from landerctl.cli.commands.sweep.begin.starting import begin
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.sweeps.find import find_sweep, opened
from landerctl.operations.sweeps.read import spec_of, status_of
from landerctl.operations.sweeps.running import (
    Placement,
    read_placement,
    refuse_running,
    require_engine,
    stop_coordinator,
)

STOP_EXAMPLES = examples("landerctl sweep stop", "landerctl sweep stop rates --patience 600")
RESUME_EXAMPLES = examples("landerctl sweep resume", "landerctl sweep resume rates --foreground")


def stop(
    context: typer.Context,
    sweep: SweepName = None,
    *,
    patience_s: Annotated[
        float,
        typer.Option("--patience", min=1.0, metavar="SECONDS", help="How long to wait for it."),
    ] = 300.0,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Save every trial that runs, then stop the sweep.

    `landerctl sweep resume` goes on with it.
    """
    found = find_sweep(open_session(context, home, config).paths, sweep)

    def running() -> int:
        with opened(found) as store:
            return store.counts().get(TrialState.RUNNING, 0)

    with interruption(f"the sweep stops anyway; `landerctl sweep status {found.id}` says when"):
        stop_coordinator(found, patience_s, running, lambda text: print(text, file=sys.stderr))
    status = status_of(found, most=0)
    print(f"Sweep {found.id} is {status.state}; `landerctl sweep resume {found.id}` goes on")
    return Exit.OK


def resume(
    context: typer.Context,
    sweep: SweepName = None,
    *,
    engine: Engine = None,
    address: Address = None,
    foreground: Foreground = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Go on with a sweep that was stopped or killed.

    Every trial continues from where it was. It runs where it ran before, unless --engine or
    --address name another place.
    """
    found = find_sweep(open_session(context, home, config).paths, sweep)
    refuse_running(found, f"see `landerctl sweep status {found.id}`")
    if status_of(found, most=0).state == "ended":
        raise Failure(
            f"{found.id}: has ended; `landerctl sweep compare {found.id}` shows what it found"
        )
    kept = read_placement(found) if engine is None else Placement()
    placement = Placement(engine or kept.engine, address or kept.address)
    require_engine(placement, spec_of(found))
    begin(found, placement, foreground=foreground)
    return Exit.OK
