"""A sweep's sets of values as tables of texts, for a terminal and for a page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import stdev

from daemon.base.text.counted import counted
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.compare.tables import ComparedTable
from landerctl.operations.sweeps.results.best import RankedSet
from landerctl.operations.sweeps.results.measure import Measure, measure_of, settings_text

_NONE = "-"


def tables(objectives: Sequence[Objective], sets: Sequence[RankedSet]) -> list[ComparedTable]:
    """The sets in their order; of a single one its seeds. None without a set."""
    measures = [measure_of(objective) for objective in objectives]
    if not sets:
        return []
    if len(sets) == 1:
        return [_seeds(measures, sets[0]), _spread(measures, sets[0])]
    return [_sets(measures, sets)]


def _sets(measures: Sequence[Measure], sets: Sequence[RankedSet]) -> ComparedTable:
    """Steps have a column of their own where they differ, as do interquartile means of seeds."""
    steps = {one.standing.steps for one in sets}
    seeded = any(len(one.standing.results) > 1 for one in sets)
    titles = [
        f"{one.title}, {'more' if one.more_is_better else 'less'} is better" for one in measures
    ]
    title = "; ".join(titles)
    if len(steps) == 1:
        title += f"; at {steps.pop():,} steps"
    if seeded:
        title += "; with 95% intervals over the seeds"
    columns = [("Set", [str(one.standing.group) for one in sets])]
    if steps:
        columns.append(("Steps", [f"{one.standing.steps:,}" for one in sets]))
    columns.append(("Seeds", [_counted(measures[0], one) for one in sets]))
    if len(measures) > 1:
        columns += [(of.title, [_mean(of, one) for one in sets]) for of in measures]
        columns.append(("Dominated by", [_dominated(one) for one in sets]))
    elif seeded:
        columns.append(("Mean", [_mean(measures[0], one) for one in sets]))
        columns.append(("Interquartile mean", [_interquartile(measures[0], one) for one in sets]))
    else:
        columns.append(("Value", [_mean(measures[0], one) for one in sets]))
    settings = [settings_text(one.standing.settings) for one in sets]
    columns.append(("Settings", [text or "the base configuration" for text in settings]))
    rows = zip(*(cells for _, cells in columns), strict=True)
    return ComparedTable(title, tuple(name for name, _ in columns), tuple(rows))


def _counted(measure: Measure, one: RankedSet) -> str:
    """The seeds that have a value, of how many."""
    standing = one.standing
    having, of_all = len(standing.values(measure.name)), len(standing.results) + standing.failed
    return str(having) if having == of_all else f"{having} of {of_all}"


def _dominated(one: RankedSet) -> str:
    if one.best:
        return "none"
    return "fewer steps" if one.dominated_by is None else f"set {one.dominated_by}"


def _seeds(measures: Sequence[Measure], one: RankedSet) -> ComparedTable:
    return ComparedTable(
        f"Each seed at {one.standing.steps:,} steps",
        ("Seed", "Trial", "State", *(measure.title for measure in measures)),
        tuple(
            (
                str(result.seed),
                str(result.trial),
                str(result.state),
                *(
                    measure.text(result.values[measure.name])
                    if measure.name in result.values
                    else _NONE
                    for measure in measures
                ),
            )
            for result in one.standing.results
        ),
    )


def _spread(measures: Sequence[Measure], one: RankedSet) -> ComparedTable:
    """How the seeds differ: centre, range, standard deviation."""

    def row(name: str, show: Callable[[Measure], str]) -> tuple[str, ...]:
        return (name, *map(show, measures))

    return ComparedTable(
        f"All {counted(len(one.standing.results), 'seed')}, with 95% intervals",
        ("", *(measure.title for measure in measures)),
        (
            row("Mean", lambda measure: _mean(measure, one)),
            row("Interquartile mean", lambda measure: _interquartile(measure, one)),
            row("Lowest to highest", lambda measure: _range(measure, one)),
            row("Standard deviation", lambda measure: _deviation(measure, one)),
        ),
    )


def _range(measure: Measure, one: RankedSet) -> str:
    values = one.standing.values(measure.name).values()
    return f"{measure.text(min(values))} to {measure.text(max(values))}" if values else _NONE


def _deviation(measure: Measure, one: RankedSet) -> str:
    values = one.standing.values(measure.name).values()
    return measure.amount(stdev(values)) if len(values) > 1 else _NONE


def _mean(measure: Measure, one: RankedSet) -> str:
    mean = one.standing.means.get(measure.name)
    return _NONE if mean is None else measure.interval(mean)


def _interquartile(measure: Measure, one: RankedSet) -> str:
    found = one.interquartile.get(measure.name)
    return _NONE if found is None else measure.interval(found)
