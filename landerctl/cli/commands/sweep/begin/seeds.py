"""`landerctl seeds`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.config import ConfigError, load_sources
from daemon.config.layering.assign import Assignment, parse_assignment
from landerctl.cli.commands.sweep.arguments import Address, Engine, Foreground
from landerctl.cli.commands.sweep.begin.planning import Wanted, carry_out
from landerctl.cli.commands.sweep.begin.run import DryRun, Name
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.sweeps.running import Placement
from landerctl.operations.sweeps.seeds import seeds_text

EXAMPLES = examples(
    "landerctl seeds 5",
    "landerctl seeds 8 --stage 1 --steps 1000000 --dry-run",
    "landerctl seeds 5 --set ppo.desired_kl=0.004 --name kl-low",
    "landerctl sweep compare                      their results, once they have ended",
)


def seeds(
    context: typer.Context,
    count: Annotated[int, typer.Argument(metavar="N", min=1, help="How many seeds.")],
    *,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="Environment steps of each (default: run.timesteps).", show_default=False
        ),
    ] = None,
    stage: Annotated[
        int | None,
        typer.Option(
            min=1, help="Train this stage alone, as `start --mode standard`.", show_default=False
        ),
    ] = None,
    first: Annotated[int, typer.Option(min=0, help="The first seed; the others follow it.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="SECTION.KEY=VALUE", help="A setting of all of them; repeatable."
        ),
    ] = None,
    name: Name = None,
    engine: Engine = None,
    address: Address = None,
    dry_run: DryRun = False,
    foreground: Foreground = False,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Train one configuration with N seeds: is a result real, or luck?

    A sweep without parameters: `landerctl sweep status` shows it, and `landerctl sweep compare` its
    interquartile mean with an interval.
    """
    session = open_session(context, home, config)
    try:
        chosen = [parse_assignment(text) for text in settings or ()]
    except ConfigError as error:
        raise Failure(f"command line: {error}", Exit.USAGE) from None
    if stage is not None:
        chosen += [Assignment("run.mode", "standard"), Assignment("run.stage", stage)]
    try:
        base = load_sources(session.find_sources()).config
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    wanted = Wanted(
        file=Path("the sweep of these options"),
        text=seeds_text(count, first, chosen, base, steps),
        name=name,
        proposed_name=f"seeds-{count}",
        placement=Placement(engine or "local", address),
        dry_run=dry_run,
        everything=False,
        foreground=foreground,
        as_json=as_json,
    )
    return carry_out(session, wanted)
