"""Everything about one trial, in lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from checks.wording import clock, duration, number, short_number
from daemon.sweeps.records import ENDED, Leg
from landerctl.operations.sweeps.status import short_value
from landerctl.tui.format import shorten, wrap
from landerctl.tui.sweeps.figures import objective_text, objective_title, speed_text
from landerctl.tui.sweeps.records import Sweep

Line = tuple[str, str]  # a muted beginning, and the text
_MOST_LABEL_CELLS = 20


def detail_lines(sweep: Sweep, number_: int, width: int) -> list[Line]:
    """The lines about a trial, for `width` cells."""
    facts = list(_facts(sweep, number_))
    cells = min(_MOST_LABEL_CELLS, max(len(label) for label, _ in facts)) + 2
    trial = sweep.trials[number_]
    why = f": {trial.reason}" if trial.reason else ""
    lines = [("", text) for text in wrap(f"Trial {number_} {trial.state}{why}", width)]
    for label, text in facts:
        first, *rest = wrap(text, max(8, width - cells)) or [""]
        lines.append((f"{shorten(label, cells - 2):<{cells}}", first))
        lines += [(" " * cells, more) for more in rest]
    return lines


def _facts(sweep: Sweep, number_: int) -> Iterator[tuple[str, str]]:
    trial, row, spec = sweep.trials[number_], sweep.rows[number_], sweep.spec
    for name, value in trial.values.items():
        yield name, short_value(value)
    yield "seed", str(trial.seed)
    for objective in spec.objectives:
        yield (
            objective_title(objective),
            objective_text(objective, row.objectives.get(objective.metric)),
        )
    more = trial.state not in ENDED and trial.target_steps > trial.steps
    target = f", next rung {number(trial.target_steps)}" if more else ""
    yield "steps", f"{number(trial.steps)} of {number(spec.limits.steps)}{target}"
    left = f", {duration(row.left_s)} left" if row.left_s else ""
    yield "trained", f"{duration(trial.running_s)}, {speed_text(row.steps_per_s)}{left}"
    for leg in sweep.legs.get(number_, ()):
        yield f"at {short_number(leg.steps)}", _leg(sweep, leg)
    for decision in sweep.decisions.get(number_, ()):
        at = f" at {short_number(decision.steps)}" if decision.steps else ""
        yield clock(decision.time_s), f"{decision.kind}{at}: {decision.reason}"
    if trial.parent is not None:
        yield "forked from", f"trial {trial.parent}"
    if trial.attempts:
        yield "failures", f"{trial.attempts} of {spec.limits.attempts}"
    if trial.run_id:
        yield "run", trial.run_id
    if trial.place:
        own = f"trials/{number_:05d}"  # of the sweep's folder
        place = own if trial.place.endswith(f"/{own}") else trial.place
        yield "place", f"{place}, placement {trial.epoch}"


def _leg(sweep: Sweep, leg: Leg) -> str:
    """What a trial reached at a rung."""
    reached = ", ".join(
        f"{objective_title(one)} {objective_text(one, leg.values.get(one.metric))}"
        for one in sweep.spec.objectives
    )
    return f"{reached}, in {duration(leg.running_s)}"
