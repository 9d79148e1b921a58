"""`landerctl estimate`."""

from __future__ import annotations

import os
import time
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.checklist.gather import gather_facts
from checks.checklist.performance.completion import (
    Estimate,
    Position,
    Span,
    estimate,
    speed_of_fleet,
)
from checks.checklist.performance.curves import FLEET, LearningCurves, load_curves
from checks.checklist.performance.facts import RunPerformance
from checks.checklist.performance.forecast import Forecast, forecasts
from checks.checklist.performance.run_estimate import estimate_completion
from checks.wording import duration
from daemon.config import Config
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.keep_measured import keep_measured

EXAMPLES = examples(
    "landerctl estimate",
    "landerctl estimate --n-envs 32               the same training with another fleet",
    "landerctl estimate --json | jq '.estimate.gates[-1].trained_s'",
)
HOUR_S = 3600.0


class Output(msgspec.Struct, frozen=True):
    """The output of `landerctl estimate --json`. Times are training time since the run began."""

    basis: str  # what it is estimated from, or why it cannot be
    estimate: Estimate | None
    forecasts: list[Forecast]  # earlier estimates, and what came


def estimate_command(
    context: typer.Context,
    n_envs: Annotated[
        int | None,
        typer.Option(
            min=1, max=512, help="Estimate a new training with this number of landers instead."
        ),
    ] = None,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Estimate when the gates are passed and the training ends, and show how earlier ones did."""
    session = open_session(context, home, config)
    settings = session.load_config()
    facts = gather_facts(session.paths, time.time(), session.config_files, os.environ)
    keep_measured(session.paths, facts)
    run = facts.performance
    curves = load_curves()
    found, basis = _estimate(run, n_envs, settings, curves)
    kept = []
    if run is not None and n_envs is None and facts.address.run is not None:
        kept = forecasts(run, facts.ledger, facts.address.run)
    output = Output(basis, found, kept)
    if as_json:
        print(msgspec.json.encode(output).decode())
    else:
        _show(output)
    return Exit.OK


def _estimate(
    run: RunPerformance | None, n_envs: int | None, settings: Config, curves: LearningCurves
) -> tuple[Estimate | None, str]:
    """The estimate by the run's own pace; without one by that of the recorded trainings."""
    if run is not None:
        if not run.default_stages:
            return None, "the run's stages are not the defaults, and only those were recorded"
        if not curves.of(run.algorithm):
            return None, f"no training by {run.algorithm.upper()} was recorded"
        if (found := estimate_completion(run, n_envs)) is not None:
            return found, f"this run's speed, {found.pace:.2f} times that of the recorded trainings"
    fleet = settings.run.n_envs if n_envs is None else n_envs
    pace = speed_of_fleet(curves, fleet)
    if pace is None:
        return None, f"the speed of a fleet of {fleet} was not recorded, only that of {FLEET}"
    found = estimate(
        curves,
        settings.run.algorithm,
        fleet,
        timesteps=settings.run.timesteps,
        pace=pace,
        position=Position(),
    )
    return found, f"the recorded trainings ({curves.machine}): nothing is measured here yet"


def _show(output: Output) -> None:
    console = Console(highlight=False)
    found = output.estimate
    if found is None:
        console.print(Text(f"No estimate: {output.basis}."))
        return
    console.print(Text(f"From {output.basis}."))
    table = Table("TRAINING TIME", "EXPECTED", "95% RANGE", "LEFT", box=None, pad_edge=False)
    for gate in found.gates:
        table.add_row(f"to gate {gate.gate}", *_cells(gate.trained_s, found.trained_s))
    table.add_row("to the end", *_cells(found.end_s, found.trained_s))
    console.print(table)
    for caveat in found.caveats:
        console.print(Text(f"- {caveat}"))
    for forecast in output.forecasts:
        console.print(Text(_came(forecast)))


def _cells(trained_s: Span, now_s: float) -> tuple[str, str, str]:
    return (
        duration(trained_s.expected),
        f"{duration(trained_s.low)} to {duration(trained_s.high)}",
        duration(trained_s.expected - now_s),
    )


def _came(forecast: Forecast) -> str:
    """``gate 3: estimated 3 h 06 min to 4 h 24 min (at 6 min), took 3 h 36 min, 4% later``."""
    low, high, made = (
        duration(hours * HOUR_S) for hours in (forecast.low_h, forecast.high_h, forecast.made_h)
    )
    text = f"gate {forecast.gate}: estimated {low} to {high} (at {made})"
    if forecast.took_h is None:
        return f"{text}, not passed yet"
    text = f"{text}, took {duration(forecast.took_h * HOUR_S)}"
    if (error := forecast.error) is None:
        return text
    return f"{text}, {abs(error):.0%} {'later' if error > 0 else 'sooner'}"
