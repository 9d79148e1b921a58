"""`landerctl sweep best`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import typer

from daemon.config import ConfigError, load_sources
from daemon.processes.state_folder import ClaimError, check_home, refuse_foreign
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Leg, Trial
from daemon.sweeps.spec.schema import SweepSpec
from landerctl.cli.commands.run.forking import carry_out_fork
from landerctl.cli.commands.run.launching import refuse_second_daemon, start_daemon
from landerctl.cli.commands.sweep.arguments import SweepName
from landerctl.cli.commands.sweep.look.status_lines import objective_text
from landerctl.cli.shared.session import (
    ConfigFile,
    Home,
    Json,
    Session,
    examples,
    open_session,
)
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.runs.labels import check_name
from landerctl.operations.starting.forking import describe
from landerctl.operations.sweeps.continued import begin_anew, continued
from landerctl.operations.sweeps.find import find_sweep, opened
from landerctl.operations.sweeps.read import spec_of
from landerctl.operations.sweeps.results.best import best_trials
from landerctl.operations.sweeps.results.standings import Standing, standings
from landerctl.operations.sweeps.status import short_value

EXAMPLES = examples(
    "landerctl sweep best",
    "landerctl sweep best rates --json | jq '.[0].trial.values'",
    "landerctl sweep best --start                 go on from it, as a run of this state folder",
    "landerctl sweep best --start --timesteps 24000000 --name tuned",
)


class BestSet(msgspec.Struct, frozen=True, kw_only=True):
    """A best set of values: the JSON of `landerctl sweep best --json` is a list of these."""

    trial: Trial  # its best one
    standing: Standing
    home: str  # the trial's state folder, if that is on this machine


def best(
    context: typer.Context,
    sweep: SweepName = None,
    *,
    start: Annotated[
        bool,
        typer.Option(
            "--start", help="Start a run of this state folder that goes on from the best trial."
        ),
    ] = False,
    timesteps: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With --start: steps after which it ends (default: run.timesteps).",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="With --start: its name (default: a made-up one).", show_default=False),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="With --start: wait until it trains.")
    ] = True,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the best settings; go on from them as a run.

    With several objectives: each set of values of the Pareto front.
    """
    session = open_session(context, home, config)
    found = find_sweep(session.paths, sweep)
    spec = spec_of(found)
    with opened(found) as store:
        trials, legs = store.trials(), store.legs()
    sets = _best_sets(found, spec, trials, legs)
    if not sets:
        raise Failure(
            f"{found.id}: no trial has ended a leg yet; `landerctl sweep status {found.id}` shows "
            "how far they are",
            Exit.NOT_FOUND,
        )
    if not start:
        if as_json:
            print(msgspec.json.encode(sets).decode())
        else:
            print("\n".join(_lines(found, spec, sets)))
        return Exit.OK
    if len(sets) > 1:
        print(
            f"The front has {len(sets)} sets of values; this one has the best "
            f"{spec.objectives[0].metric}",
            file=sys.stderr,
        )
    _start(session, found, spec, sets[0].trial, timesteps=timesteps, name=name, wait=wait)
    return Exit.OK


def _best_sets(
    sweep: SweepPaths, spec: SweepSpec, trials: Sequence[Trial], legs: Sequence[Leg]
) -> list[BestSet]:
    by_group = {one.group: one for one in standings(spec, trials, legs)}
    return [
        BestSet(
            trial=trial,
            standing=by_group[trial.group],
            home=str(folder) if (folder := sweep.trial(trial.number).home).is_dir() else "",
        )
        for trial in best_trials(spec, trials, legs)
    ]


def _lines(sweep: SweepPaths, spec: SweepSpec, sets: Sequence[BestSet]) -> Iterator[str]:
    for one in sets:
        trial, standing = one.trial, one.standing
        yield (
            f"Trial {trial.number} of sweep {sweep.id}, seed {trial.seed}, {standing.steps:,} steps"
        )
        for setting, value in trial.values.items():
            yield f"  {setting} = {short_value(value)}"
        result = next(result for result in standing.results if result.trial == trial.number)
        for objective in spec.objectives:
            value = result.values.get(objective.metric)
            text = objective_text(objective, value) or "not measured"
            mean = standing.means.get(objective.metric)
            seeds = len(standing.results)
            if seeds > 1 and mean is not None:
                text += f"; mean of {seeds} seeds {objective_text(objective, mean.mean)}"
                if mean.low is not None and mean.high is not None:
                    low, high = (objective_text(objective, end) for end in (mean.low, mean.high))
                    text += f" ({low} to {high})"
            yield f"  {objective.metric}: {text}"
        if one.home:
            yield f"  look at it: landerctl --home {one.home} tui"
    yield "Go on from it: `landerctl sweep best --start`; is it better? `landerctl sweep compare`"


def _start(
    session: Session,
    sweep: SweepPaths,
    spec: SweepSpec,
    trial: Trial,
    *,
    timesteps: int | None,
    name: str | None,
    wait: bool,
) -> None:
    paths = session.paths
    if name is not None:
        check_name(paths, name)
    try:
        sources = session.find_sources()
        load_sources(sources)  # what the daemon could not read, is refused before anything happens
        refuse_foreign(paths)
        refuse_second_daemon(paths)
        plan = continued(sweep, spec, trial, timesteps)
        if plan.fork is not None:
            print("\n".join(describe(plan.fork)), file=sys.stderr)
            if refused := plan.fork.plan.refused:
                raise Failure(f"the fork is refused: {'; '.join(refused)}", Exit.USAGE)
        check_home(paths)
        if plan.fork is not None:
            run, message = carry_out_fork(paths, plan.fork, name, plan.tags)
        else:
            run, message = begin_anew(paths, plan, name)
    except ConfigError as error:
        raise Failure(str(error), Exit.CONFIG) from None
    except ClaimError as error:
        raise Failure(str(error), Exit.CANNOT_WRITE) from None
    except OSError as error:
        raise Failure(
            f"{error.filename or paths.home}: {error.strerror}; free space or check the disk",
            Exit.CANNOT_WRITE,
        ) from None
    start_daemon(paths, sources.of_daemon(), run, message, wait=wait, new=True)
