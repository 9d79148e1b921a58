"""The reference pilot's propellant beside the optima of the same starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.optimum.craft import any_landing, landing_at_rest
from benchmarks.optimum.flight import arrival_error_m, fly
from benchmarks.optimum.search import optimal_descent
from benchmarks.optimum.starts import Flights, clearance_m, highest_on_pad_m
from env.physics.vehicle import Vehicle


@dataclass(frozen=True)
class Compared:
    """One start: what its landing needs, and what the pilot used."""

    seed: int
    landed: bool  # by the pilot
    pilot_kg: float
    at_rest_kg: float  # the optimum: upright and at rest on the pad's centre
    any_kg: float  # the least of anything that counts as landed
    clearance_m: float  # of that optimum's path
    arrival_error_m: float  # of the same, flown by another integrator


def compare(flights: Flights, vehicle: Vehicle, k: int, longest_s: float) -> Compared:
    """Both optima of start `k`. Raises NoDescentError if the craft cannot land from there."""
    named = flights.starts[k]
    problem = landing_at_rest(vehicle, named.start, named.axis, longest_s)
    at_rest = optimal_descent(problem)
    highest_m = highest_on_pad_m(named.ground)
    least = optimal_descent(any_landing(vehicle, named.start, named.axis, longest_s, highest_m))
    flown = fly(problem, at_rest)
    return Compared(
        seed=named.seed,
        landed=flights.episodes[k].success,
        pilot_kg=flights.used_kg(k),
        at_rest_kg=at_rest.propellant_kg,
        any_kg=least.propellant_kg,
        clearance_m=clearance_m(named.ground, vehicle, flown.position_m),
        arrival_error_m=arrival_error_m(flown, at_rest),
    )


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """The lower quartile, the median, the upper quartile."""
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float(low), float(middle), float(high)
