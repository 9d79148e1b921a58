"""A comparison in words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checks.wording import number
from daemon.runs.statistics.intervals import Interval
from landerctl.operations.compare.comparison import Comparison
from landerctl.operations.compare.differences import FEWEST_PAIRS, Difference, Method, Quantity

LETTERS = "ABCDEF"  # of the runs, in their order
ABOUT = (
    "This is about the evaluated policies as they are. It does not show that a setting is better: "
    "each was trained once here, and trainings with equal settings but other seeds differ. "
    "Train each setting with several seeds (`landerctl start --fresh --seed N`) to see that."
)
BIASED = (
    "The best evaluation of a run is the best of several on the same seeds, so its rate is "
    "somewhat too good; `landerctl evaluate best --first-seed N` on other seeds is not."
)


@dataclass(frozen=True)
class Measure:
    """A quantity in words: `more` and `less` complete "B ... than A"."""

    title: str
    more: str
    less: str
    show: Callable[[float], str]
    unit: str  # of a difference


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


MEASURES: dict[Quantity, Measure] = {
    "success_rate": Measure("Landed", "lands more often", "lands less often", _percent, "points"),
    "touchdown_speed_m_s": Measure(
        "Touchdown speed", "touches down faster", "touches down more slowly",
        lambda value: number(value, 2), "m/s",
    ),
    "distance_m": Measure(
        "Distance from the pad", "lands farther from the pad", "lands nearer to the pad",
        lambda value: number(value, 2), "m",
    ),
    "fuel_left": Measure(
        "Propellant left", "has more propellant left", "has less propellant left", _percent,
        "points",
    ),
}  # fmt: skip
METHODS: dict[Method, str] = {
    "mcnemar": (
        "McNemar's exact test with Newcombe's paired interval: the same seeds on both sides, the "
        "episodes of different seeds independent"
    ),
    "paired-t": (
        "Student's paired t over the seeds on which both landed: their differences independent, "
        "and about normal or many; landings that only one made do not count"
    ),
    "fisher": (
        "Fisher's exact test with Newcombe's hybrid score interval: all episodes independent, "
        "because the seeds, or what a seed starts, differ"
    ),
    "welch": (
        "Welch's t over all landings of each side: independent, and about normal or many; the two "
        "sides may have landed from different starts"
    ),
}
EACH_QUANTITY = (
    "The success rate is the one to judge by: p-values are not adjusted for the number of "
    "quantities, of which one in twenty seems to differ where none does."
)
HOLM = "The p-values are adjusted by Holm's method for the number of runs compared with A."


def labels(comparison: Comparison) -> list[str]:
    """How each run is named: ``A base``."""
    return [f"{letter} {run.name}" for letter, run in zip(LETTERS, comparison.runs, strict=False)]


def statement(one: Difference) -> str:
    """Whether there is a difference, in one sentence."""
    measure, letter = MEASURES[one.quantity], LETTERS[one.run]
    found = f"{_signed(one, one.difference.mean)} {measure.unit}{_bounds(one)}, {_p_value(one)}"
    if one.differs:
        return f"{letter} {_way(one)} than A: {found}"
    return f"{measure.title}, {letter} against A: {found}"


def difference_row(one: Difference) -> tuple[str, str, str, str]:
    """The quantity, the difference with its interval, its p-value, and what follows."""
    measure, letter = MEASURES[one.quantity], LETTERS[one.run]
    change = f"{_signed(one, one.difference.mean)} {measure.unit}{_bounds(one)}"
    found = f"yes: {letter} {_way(one)}" if one.differs else "none is shown"
    return (
        f"{letter}: {measure.title.lower()}",
        change,
        _p_value(one).removeprefix("p ").removeprefix("= "),
        found,
    )


def verdict(comparison: Comparison) -> tuple[str, str]:
    """A word and a sentence on the success rate of the newest evaluations."""
    if not comparison.evaluations:
        return (
            "Not evaluated",
            "No run has an evaluation: `landerctl evaluate RUN/newest` makes one.",
        )
    judged = comparison.evaluations[0]
    success = [one for one in judged.differences if one.quantity == "success_rate"]
    if not success:
        return "Not comparable", "No other run has an evaluation to compare with A's."
    differ = any(one.differs for one in success)
    word = "They differ" if differ else "No difference in success shown"
    return word, "; ".join(map(statement, success)) + "."


def lacking(comparison: Comparison) -> list[str]:
    """Which runs have no evaluation of the compared stage, in a sentence, if any."""
    for judged in comparison.evaluations[:1]:
        named = labels(comparison)
        without = [
            label for label, result in zip(named, judged.results, strict=True) if result is None
        ]
        if without:
            return [
                f"No evaluation of stage {judged.stage}: {', '.join(without)}; "
                "`landerctl evaluate RUN/newest --stage N` makes one."
            ]
    return []


def remarks(comparison: Comparison) -> list[str]:
    """What to know of the differences: methods, adjustment, what they are about."""
    found = [one for judged in comparison.evaluations for one in judged.differences]
    if not found:
        return []
    lines = [f"{METHODS[method]}." for method in dict.fromkeys(one.method for one in found)]
    if len(comparison.runs) > 2:
        lines.append(HOLM)
    if len({one.quantity for one in found}) > 1:
        lines.append(EACH_QUANTITY)
    few = {one.quantity for one in found} != set(MEASURES)
    if few:
        lines.append(f"Means are compared with {FEWEST_PAIRS} landings or more on both sides.")
    if any(judged.which == "best" for judged in comparison.evaluations):
        lines.append(BIASED)
    return [*lines, ABOUT]


def interval_text(quantity: Quantity, interval: Interval | None) -> str:
    """An estimate with its interval: ``96.0% (90.2 to 98.4)``; "" for None."""
    if interval is None:
        return ""
    measure = MEASURES[quantity]
    unit = "%" if measure.unit == "points" else f" {measure.unit}"
    text = f"{measure.show(interval.mean)}{unit}"
    if interval.low is None or interval.high is None:
        return text
    return f"{text} ({measure.show(interval.low)} to {measure.show(interval.high)})"


def _way(one: Difference) -> str:
    measure = MEASURES[one.quantity]
    return measure.more if one.difference.mean > 0.0 else measure.less


def _signed(one: Difference, value: float) -> str:
    text = MEASURES[one.quantity].show(value)
    return text if value < 0.0 else f"+{text}"


def _bounds(one: Difference) -> str:
    low, high = one.difference.low, one.difference.high
    if low is None or high is None:
        return ""
    return f" (95%: {_signed(one, low)} to {_signed(one, high)})"


def _p_value(one: Difference) -> str:
    p_value = one.adjusted_p_value
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
