"""A comparison of sets of values in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import stdev

from daemon.base.text.counted import counted
from daemon.runs.statistics.intervals import student_t
from daemon.sweeps.records import ENDED
from daemon.sweeps.spec.schema import Objective
from landerctl.operations.sweeps.results.best import RankedSet
from landerctl.operations.sweeps.results.differences import Method, SetDifference
from landerctl.operations.sweeps.results.measure import Measure, measure_of, settings_text
from landerctl.operations.sweeps.results.standings import badness

MOST_STATED = 5  # differences in sentences of their own; the others are counted
FEW_SEEDS = 10
METHODS: dict[Method, str] = {
    "paired-t": (
        "Student's paired t over the seeds that both sets have: their differences independent, "
        "and about normal or many."
    ),
    "welch": ("Welch's t over the seeds of each set: independent, and about normal or many."),
    "permutation": (
        "Fisher's exact permutation test where no value differs from seed to seed: each could as "
        "well be the other set's."
    ),
}
HOLM = "The p-values are adjusted by Holm's method for the number of sets tested against the best."
BOOTSTRAP = (
    "The interquartile mean leaves out the best and the worst quarter of four or more seeds; its "
    "interval is a percentile bootstrap over the seeds"
)
_MANY = 3  # sets of which the best is best partly by luck


def verdict(
    objectives: Sequence[Objective],
    sets: Sequence[RankedSet],
    differences: Sequence[SetDifference],
) -> tuple[str, str]:
    """A few words and one or more sentences, about the first objective."""
    if not sets:
        return "Nothing to compare", "No set of values has ended a leg with all its seeds yet."
    measure = measure_of(objectives[0])
    if len(sets) == 1:
        return _one_set(measure, sets[0])
    first = [one for one in differences if one.objective == measure.name]
    named = _Names(sets)
    stated = [statement(measure, one, named) for one in first[:MOST_STATED]]
    if rest := first[MOST_STATED:]:
        worse = sum(one.differs for one in rest)
        stated.append(
            f"Of the other {len(rest):,} sets {worse:,} differ from set {first[0].best} by test."
        )
    if all(one.method in {"one-seed", "not-measured"} for one in first):
        return _not_tested(measure, sets, first)
    word = (
        "A difference is shown" if any(one.differs for one in first) else "No difference is shown"
    )
    return word, " ".join(stated)


class _Names:
    """How sets are called: at first with their settings."""

    def __init__(self, sets: Sequence[RankedSet]) -> None:
        self._settings = {one.standing.group: one.standing.settings for one in sets}
        self._named: set[int] = set()

    def of(self, group: int) -> str:
        """``set 3 (desired_kl=0.004)``, and then ``set 3``."""
        text = settings_text(self._settings[group])
        if group in self._named or not text:
            return f"set {group}"
        self._named.add(group)
        return f"set {group} ({text})"


def statement(measure: Measure, one: SetDifference, named: _Names) -> str:
    """Whether the best set is better than another one, in a sentence that begins with it."""
    best, other = named.of(one.best), named.of(one.group)
    at = f"at {one.steps:,} steps"
    if one.difference is None or one.best_mean is None or one.mean is None:
        return f"{_upper(other)} has no value of {measure.title} {at}, or the best set has none."
    means = f"{measure.text(one.best_mean)} against {measure.text(one.mean)}"
    change = measure.difference(one.difference)
    seeds = counted(one.seeds, "seed")
    if one.method == "one-seed":
        return f"{_upper(best)} and {other} {at}: {means}, {change}, of one seed; it may be chance."
    found = f"{means}, {change}, {seeds}, {_p_value(one)}"
    if one.differs:
        better = (one.difference.mean > 0.0) == measure.more_is_better
        return f"{_upper(best)} is {'better' if better else 'worse'} than {other} {at}: {found}."
    if one.difference.low is None or one.difference.high is None:
        power = "so few seeds cannot show one, even if all agree"
    else:
        half = (one.difference.high - one.difference.low) / 2
        power = f"these seeds cannot show one below about {measure.amount(half)}"
    if one.difference.mean == 0.0:
        power = "both are equal"
    return f"{_upper(best)} and {other} {at}: {found}; no difference is shown: {power}."


def methods(sets: Sequence[RankedSet], differences: Sequence[SetDifference]) -> list[str]:
    """The tests and intervals, and what they assume."""
    found = [METHODS[one] for one in METHODS if any(d.method == one for d in differences)]
    tested = [one for one in differences if one.p_value is not None]
    if any(
        one.objective == other.objective and one is not other
        for one in tested[:2]
        for other in tested[:2]
    ):
        found.append(HOLM)
    seeds = [len(one.standing.results) for one in sets]
    if any(count > 1 for count in seeds):
        few = min(count for count in seeds if count > 1)
        text = (
            f"{BOOTSTRAP}, too narrow for as few as {few}." if few < FEW_SEEDS else f"{BOOTSTRAP}."
        )
        found.append(text)
    return found


def cautions(
    objectives: Sequence[Objective],
    sets: Sequence[RankedSet],
    *,
    states: Mapping[str, int],
    unjudged: int,
    forked: int,
    machines: Sequence[str],
) -> list[str]:
    """What else keeps the figures from saying what they seem to say."""
    found = []
    if equal := _equal_to_the_first(objectives[0], sets):
        found.append(
            f"Set {sets[0].standing.group} and {counted(equal, 'other set')} are equal: it is "
            "first by its number alone."
        )
    elif len(sets) >= _MANY:
        found.append(
            f"Set {sets[0].standing.group} is the best of {len(sets):,}, partly by luck: its own "
            "mean is somewhat too good. Seeds that had no part in the choice show how good it is."
        )
    if len({one.standing.steps for one in sets}) > 1:
        found.append(
            "Sets of different steps are compared at those that both reached; that the one with "
            "fewer would not have caught up is assumed."
        )
    if under_way := sum(count for state, count in states.items() if state not in ENDED):
        found.append(
            f"{counted(under_way, 'trial')} {'has' if under_way == 1 else 'have'} not ended yet: "
            "these are the results so far."
        )
    if failed := sum(one.standing.failed for one in sets):
        found.append(
            f"{counted(failed, 'trial')} failed and {'is' if failed == 1 else 'are'} in no mean."
        )
    name = objectives[0].metric
    if lacking := sum(name not in result.values for one in sets for result in one.standing.results):
        found.append(
            f"{counted(lacking, 'trial')} without a value, as of a gate that was not passed: "
            "ranked as worst, in no mean and no test."
        )
    if unjudged:
        found.append(
            f"{counted(unjudged, 'set')} {'is' if unjudged == 1 else 'are'} not judged yet: a "
            "trial there has not ended its first leg."
        )
    if forked:
        found.append(
            f"{counted(forked, 'trial')} forked from {'another' if forked == 1 else 'others'}: the "
            "values shown are the last of a schedule, which `landerctl sweep show` traces for each."
        )
    if len(machines) > 1:
        found.append(
            f"Trained on {len(machines)} kinds of machine ({'; '.join(machines)}): trainings are "
            "equal to the bit only on equal ones, so a seed is not quite the same seed on both."
        )
    return found


def _equal_to_the_first(objective: Objective, sets: Sequence[RankedSet]) -> int:
    """How many other sets are as good at as many steps, by the first objective."""
    standings = [one.standing for one in sets]
    return sum(
        one.steps == standings[0].steps
        and badness(objective, one) == badness(objective, standings[0])
        for one in standings[1:]
    )


def _one_set(measure: Measure, one: RankedSet) -> tuple[str, str]:
    values = list(one.standing.values(measure.name).values())
    if len(values) < 2:
        return "One seed", "How much seeds differ needs two or more."
    word = f"{counted(len(values), 'seed')} of the same settings"
    if len({*values}) == 1:
        text = f"{_upper(measure.title)}: {measure.text(values[0])} with every seed"
        return word, f"{text}, which does not tell how much they can differ."
    apart = student_t(len(values) - 1) * 2**0.5 * stdev(values)
    mean = measure.interval(one.standing.means[measure.name])
    return (
        word,
        f"{_upper(measure.title)}: {mean}. Two trainings that differ by their seed only are up to "
        f"{measure.amount(apart)} apart in 19 of 20 cases: a single training with another setting "
        "must differ by more before it says anything.",
    )


def _not_tested(
    measure: Measure, sets: Sequence[RankedSet], first: Sequence[SetDifference]
) -> tuple[str, str]:
    best, second = _Names(sets), first[0]
    text = ""
    if second.best_mean is not None and second.mean is not None:
        text = (
            f"{_upper(best.of(second.best))} has {measure.text(second.best_mean)}, the next, "
            f"{best.of(second.group)}, {measure.text(second.mean)}, at {second.steps:,} steps. "
        )
    return (
        "Not tested",
        f"{text}One seed of a set says nothing about chance: trainings with equal settings but "
        "other seeds differ. Train the best ones with several seeds (`count` in `[seeds]`).",
    )


def _p_value(one: SetDifference) -> str:
    p_value = one.adjusted_p_value
    assert p_value is not None
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
