"""`landerctl sweep show`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import typer

from checks.wording import date_and_clock, duration, number
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import Decision, Leg, Trial
from daemon.sweeps.scheduling.lineage import Branch, ancestry, lineage, tree_lines
from daemon.sweeps.spec.schema import Objective
from landerctl.cli.commands.sweep.arguments import SweepName, TrialNumber
from landerctl.cli.commands.sweep.look.status_lines import objective_text
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.operations.sweeps.find import find_sweep, find_trial, opened
from landerctl.operations.sweeps.read import spec_of
from landerctl.operations.sweeps.status import short_value

EXAMPLES = examples(
    "landerctl sweep show 3",
    "landerctl sweep show 3 rates --json | jq .legs",
)
_LABEL_CELLS = 13


class TrialDetails(msgspec.Struct, frozen=True, kw_only=True):
    """All of a trial: the JSON of `landerctl sweep show --json`."""

    sweep: str
    trial: Trial
    home: str | None  # its state folder, where that is on this machine
    legs: list[Leg]
    decisions: list[Decision]  # about it, in order
    lineage: list[int]  # of a population: from the trial at its root to this one


def show(
    context: typer.Context,
    trial: TrialNumber,
    sweep: SweepName = None,
    *,
    as_json: Json = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show all of a trial: values, results, each decision and why."""
    found = find_sweep(open_session(context, home, config).paths, sweep)
    objectives = spec_of(found).objectives
    with opened(found) as store:
        one = find_trial(store, found, trial)
        trials = store.trials()
        ancestors = ancestry(trials, one.number)
        details = TrialDetails(
            sweep=found.id,
            trial=one,
            home=_home(found, one),
            legs=store.legs(trial),
            decisions=[made for made in store.decisions() if made.trial == trial],
            lineage=[forked.number for forked in ancestors],
        )
    if as_json:
        print(msgspec.json.encode(details).decode())
        return Exit.OK
    (tree,) = (root for root in lineage(trials) if root.trial.number == ancestors[0].number)
    for label, lines in _parts(details, objectives, tree):
        for row, line in enumerate(lines):
            print(f"{'' if row else label:<{_LABEL_CELLS}}{one_line(line)}".rstrip())
    return Exit.OK


def _home(sweep: SweepPaths, trial: Trial) -> str | None:
    folder = sweep.trial(trial.number).home
    return str(folder) if folder.is_dir() else None


def _parts(
    details: TrialDetails, objectives: list[Objective], tree: Branch
) -> Iterator[tuple[str, list[str]]]:
    """A label and the lines beside it."""
    trial = details.trial
    why = f": {trial.reason}" if trial.reason else ""
    yield "trial", [f"{trial.number} of sweep {details.sweep}, {trial.state}{why}"]
    values = [f"{name} = {short_value(value)}" for name, value in trial.values.items()]
    yield "values", values or ["none of its own"]
    yield "seed", [f"{trial.seed}, group {trial.group}"]
    if tree.forks:
        yield "lineage", [_forked(lead, one, trial) for lead, one in tree_lines(tree)]
    speed = f", {number(trial.own_steps / trial.running_s)} steps/s" if trial.running_s > 0 else ""
    yield (
        "trained",
        [
            f"{number(trial.steps)} steps in "
            f"{duration(trial.running_s)}{speed}; its leg ends at {number(trial.target_steps)}"
        ],
    )
    if trial.latest:
        yield "now", [_values(trial.latest, objectives)]
    if details.legs:
        yield "legs", [_leg(leg, objectives) for leg in details.legs]
    if details.decisions:
        yield "decisions", [_decision(one) for one in details.decisions]
    tries = counted(trial.attempts, "failure")
    yield (
        "placed",
        [f"{counted(trial.epoch, 'time')}, {tries}", *([trial.place] * bool(trial.place))],
    )
    if details.home:
        yield "open it", [f"landerctl --home {details.home} tui"]


def _forked(lead: str, one: Trial, shown: Trial) -> str:
    values = ", ".join(f"{name} = {short_value(value)}" for name, value in one.values.items())
    this = ", this one" if one.number == shown.number else ""
    return f"{lead}{one.number}{this}, {one.state} at {number(one.steps)} steps: {values}"


def _leg(leg: Leg, objectives: list[Objective]) -> str:
    return (
        f"{date_and_clock(leg.time_s)}  {number(leg.steps)} steps: "
        f"{_values(leg.values, objectives)}, in {duration(leg.running_s)}"
    )


def _values(values: dict[str, float], objectives: list[Objective]) -> str:
    known = {one.metric: one for one in objectives}
    return (
        ", ".join(
            f"{name} {objective_text(known[name], value) if name in known else f'{value:.3g}'}"
            for name, value in values.items()
        )
        or "nothing measured"
    )


def _decision(one: Decision) -> str:
    at = f" at {number(one.steps)} steps" if one.steps else ""
    return f"{date_and_clock(one.time_s)}  {one.kind}{at}: {one.reason}"
