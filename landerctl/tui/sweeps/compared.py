"""Trials side by side: what differs between them, what each reached at each rung. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from checks.wording import duration, short_number
from daemon.sweeps.records import Trial
from landerctl.operations.compare.tables import ComparedTable
from landerctl.operations.sweeps.status import short_value
from landerctl.tui.sweeps.figures import NONE, objective_text, objective_title, speed_text
from landerctl.tui.sweeps.records import Sweep


def compared_tables(sweep: Sweep, numbers: Sequence[int]) -> Iterator[ComparedTable]:
    """A column for each trial."""
    trials = [sweep.trials[number] for number in numbers]
    head = tuple(f"trial {number}" for number in numbers)

    def row(name: str, text: Callable[[Trial], str]) -> tuple[str, ...]:
        return (name, *map(text, trials))

    yield ComparedTable(
        "Trials",
        ("", *head),
        (
            row("seed", lambda trial: str(trial.seed)),
            row("state", lambda trial: trial.state.value),
            row("steps", lambda trial: short_number(trial.steps)),
            row("trained", lambda trial: duration(trial.running_s)),
            row("speed", lambda trial: speed_text(sweep.rows[trial.number].steps_per_s)),
            row("why", lambda trial: trial.reason or NONE),
        ),
    )
    names = dict.fromkeys(name for trial in trials for name in trial.values)
    settings = [
        row(name, lambda trial: short_value(trial.values[name]) if name in trial.values else NONE)  # noqa: B023
        for name in names
    ]
    differing = tuple(one for one in settings if len(set(one[1:])) > 1)
    if differing:
        yield ComparedTable("Settings that differ", ("Setting", *head), differing)
    reached = {
        (leg.trial, leg.steps): leg for number in numbers for leg in sweep.legs.get(number, ())
    }
    rungs = sorted({steps for _, steps in reached})
    for objective in sweep.spec.objectives:

        def at(number: int, steps: int) -> str:
            leg = reached.get((number, steps))
            value = None if leg is None else leg.values.get(objective.metric)  # noqa: B023
            return objective_text(objective, value)  # noqa: B023

        rows = tuple(
            (short_number(steps), *(at(number, steps) for number in numbers)) for steps in rungs
        )
        if rows:
            title = objective_title(objective)
            yield ComparedTable(f"{title.capitalize()} at each rung", ("Steps", *head), rows)
