"""Both optima of a start, and how what was used compares with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.optimum.craft import any_landing, landing_at_rest
from benchmarks.optimum.flight import arrival_error_m, fly
from benchmarks.optimum.search import optimal_descent
from benchmarks.optimum.starts import NamedStart, clearance_m, highest_on_pad_m
from benchmarks.report import report
from env.physics.vehicle import Vehicle


@dataclass(frozen=True)
class Optima:
    """What a landing from one start needs."""

    at_rest_kg: float  # upright and at rest on the pad's centre
    any_kg: float  # the least of anything that counts as landed
    clearance_m: float  # of the path at rest
    arrival_error_m: float  # of the same, flown by another integrator


def optima_of(named: NamedStart, vehicle: Vehicle, longest_s: float) -> Optima:
    """Raises NoDescentError if the craft cannot land from there in time."""
    problem = landing_at_rest(vehicle, named.start, named.axis, longest_s)
    at_rest = optimal_descent(problem)
    highest_m = highest_on_pad_m(named.ground)
    least = optimal_descent(any_landing(vehicle, named.start, named.axis, longest_s, highest_m))
    flown = fly(problem, at_rest)
    return Optima(
        at_rest_kg=at_rest.propellant_kg,
        any_kg=least.propellant_kg,
        clearance_m=clearance_m(named.ground, vehicle, flown.position_m),
        arrival_error_m=arrival_error_m(flown, at_rest),
    )


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median, the upper quartile."""
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float(low), float(middle), float(high)


def report_ratios(name: str, used_kg: Sequence[float | None], optima: Sequence[Optima]) -> None:
    """Print the ratios of what was used, start by start, to the optima; None: it did not land."""
    flown = [(used, one) for used, one in zip(used_kg, optima, strict=True) if used is not None]
    for what, ratios in (
        ("the optimum at rest", [used / one.at_rest_kg for used, one in flown]),
        ("the least of any landing", [used / one.any_kg for used, one in flown]),
    ):
        for label, value in zip(("25%", "median", "75%"), quartiles(ratios), strict=True):
            report(f"{name} of {what}, {label}", value, "1")
        report(f"{name} of {what}, smallest", min(ratios), "1")
