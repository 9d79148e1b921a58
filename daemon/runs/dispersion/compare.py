"""Compares the flights of a dispersed evaluation: figures, paired differences, worst cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from daemon.runs.dispersion.parameters import NOMINAL
from daemon.runs.dispersion.record import Change, Figures, FlownCase
from daemon.runs.statistics.intervals import Interval, mean_interval, wilson_interval
from daemon.runs.statistics.paired import paired_interval, paired_rates

WORST = 10
WORST_OF_A_CASE = 3  # so that one hard case does not hide the others


class Landing(NamedTuple):
    """An episode as it ended."""

    seed: int
    outcome: str
    success: bool
    reward: float
    touchdown_speed_m_s: float
    distance_m: float
    fuel_left: float  # share of the propellant at the start


Flown = Mapping[str, Mapping[str, Sequence[Landing]]]  # by pilot and case, in the seeds' order


def figures(flown: Sequence[Landing]) -> Figures:
    """Rates with Wilson's interval, means over landings with Student's t interval."""
    landed = [one for one in flown if one.success]
    outcomes: dict[str, int] = {}
    for one in flown:
        outcomes[one.outcome] = outcomes.get(one.outcome, 0) + 1

    def mean(value: Callable[[Landing], float]) -> Interval | None:
        return mean_interval([value(one) for one in landed]) if landed else None

    return Figures(
        outcomes=outcomes,
        success_rate=wilson_interval(len(landed), len(flown)),
        touchdown_speed_m_s=mean(lambda one: one.touchdown_speed_m_s),
        distance_m=mean(lambda one: one.distance_m),
        fuel_left=mean(lambda one: one.fuel_left),
    )


def change(first: Sequence[Landing], second: Sequence[Landing]) -> Change:
    """The first minus the second, by the same seeds. Raises ValueError."""
    if [one.seed for one in first] != [one.seed for one in second]:
        raise ValueError("the two sides were not flown on the same seeds")
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a.success and b.success]

    def difference(value: Callable[[Landing], float]) -> Interval | None:
        if not pairs:
            return None
        return paired_interval([value(a) for a, _ in pairs], [value(b) for _, b in pairs])

    return Change(
        success=paired_rates([one.success for one in first], [one.success for one in second]),
        touchdown_speed_m_s=difference(lambda one: one.touchdown_speed_m_s),
        distance_m=difference(lambda one: one.distance_m),
        fuel_left=difference(lambda one: one.fuel_left),
    )


def compare_cases(flown: Flown, pilot: str, reference: str) -> list[FlownCase]:
    """Each case with its figures and differences."""
    return [
        FlownCase(
            case=case,
            figures={who: figures(cases[case]) for who, cases in flown.items()},
            to_nominal={
                who: change(cases[case], cases[NOMINAL])
                for who, cases in flown.items()
                if case != NOMINAL
            },
            to_reference=change(flown[pilot][case], flown[reference][case])
            if pilot != reference
            else None,
        )
        for case in flown[pilot]
    ]


def worst_flights(cases: Mapping[str, Sequence[Landing]]) -> list[tuple[str, Landing]]:
    """The WORST dispersed flights by reward, at most WORST_OF_A_CASE of each case; worst first."""
    found = [
        (case, one)
        for case, flown in cases.items()
        if case != NOMINAL
        for one in sorted(flown, key=lambda one: one.reward)[:WORST_OF_A_CASE]
    ]
    return sorted(found, key=lambda pair: pair[1].reward)[:WORST]
