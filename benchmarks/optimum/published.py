"""Published problems with their published optima: the solver is trusted as far as it meets them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.optimum.problem import (
    Descent,
    Problem,
    Start,
    Thrust,
    Touchdown,
    uniform_gravity,
)
from benchmarks.optimum.search import least_fuel_in, optimal_descent

_STANDARD_GRAVITY_M_S2 = 9.80665
_MARS_M_S2 = 3.7114
_STEPS = 160


@dataclass(frozen=True)
class Published:
    """A problem, its published optimum, and where that is published."""

    name: str
    source: str
    problem: Problem
    duration_s: float | None  # published too; None: free
    propellant_kg: float

    def solve(self) -> Descent:
        """Our optimum."""
        if self.duration_s is None:
            return optimal_descent(self.problem)
        return least_fuel_in(self.problem, self.duration_s, _STEPS)


def _mars_thrust() -> Thrust:
    """Six engines of 3.1 kN, canted by 27 degrees, throttled to 30 to 80%, Isp 225 s."""
    along = math.cos(math.radians(27.0))
    full_n = 6 * 3_100.0 * along
    return Thrust(0.3 * full_n, 0.8 * full_n, 225.0 * _STANDARD_GRAVITY_M_S2 * along)


def _mars(y_m: float, glide_slope_deg: float | None) -> Problem:
    start = Start(
        position_m=np.array([2_000.0, y_m, 1_500.0]),
        velocity_m_s=np.array([100.0, 0.0, -75.0]),
        mass_kg=1_905.0,
        dry_mass_kg=1_505.0,
    )
    return Problem(
        start=start,
        touchdown=Touchdown(),
        thrust=_mars_thrust(),
        gravity=uniform_gravity(_MARS_M_S2),
        longest_s=150.0,
        glide_slope_rad=None if glide_slope_deg is None else math.radians(glide_slope_deg),
    )


def _moon() -> Problem:
    """Normalised: lunar gravity, the height and the mass at the start are 1."""
    return Problem(
        start=Start(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, -0.783]), 1.0, 1e-3),
        touchdown=Touchdown(),
        thrust=Thrust(0.0, 1.227, 2.349),
        gravity=uniform_gravity(1.0),
        longest_s=10.0,
    )


def published_problems() -> tuple[Published, ...]:
    """All of them."""
    acikmese = "Acikmese and Ploen, JGCD 30(5), 2007"
    return (
        Published("Mars, no glide slope", acikmese, _mars(0.0, None), 72.0, 387.9),
        Published("Mars, glide slope of 4 degrees", acikmese, _mars(0.0, 4.0), 81.0, 399.5),
        Published(
            "Mars, three-dimensional",
            "Blackmore, Acikmese and Scharf, JGCD 33(4), 2010",
            _mars(500.0, 4.0),
            78.4,
            399.4,
        ),
        Published(
            "Moon, vertical",
            "Meditch, IEEE Trans. Automatic Control 9(4), 1964, as solved in Dymos' documentation",
            _moon(),
            None,
            1.0 - 0.3953,
        ),
    )
