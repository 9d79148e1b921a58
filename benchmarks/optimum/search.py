"""The best duration, on a mesh that follows the burns: passes of the cone program until they agree.

The least fuel of a duration has one minimum over it (Blackmore, Acikmese and Scharf, JGCD 33(4),
2010): a golden-section search on an even mesh comes near to it, and passes that may change the
duration, less and less, find it.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.optimum.problem import Array, Descent, Problem
from benchmarks.optimum.program import first_guess, guess_of, least_fuel

COARSE_STEPS, STEPS = 24, 60
COARSE_SHARE = 0.03  # of the duration, to which the even mesh finds it
CHANGE, SHRUNK = 0.05, 0.75  # how far the first pass may change the duration; the next of the last
MESHES = 4  # passes that refine the mesh
MOST_PASSES = 40
SAME = 1e-6  # of propellant and duration: passes agree
BURNING = 0.01  # of the largest thrust
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


class NoDescentError(ValueError):
    """No duration within the limit lands."""


def optimal_descent(problem: Problem, steps: int = STEPS) -> Descent:
    """The descent of least fuel. Raises NoDescentError."""
    best, change = _coarse(problem), CHANGE
    for _ in range(MESHES):
        best = _passed(problem, best, _refined(problem, best, steps), change)
        change *= SHRUNK
    return _settled(problem, best, change)


def least_fuel_in(problem: Problem, duration_s: float, steps: int) -> Descent:
    """The descent of least fuel that takes this long, on an even mesh. Raises NoDescentError."""
    mesh = np.linspace(0.0, 1.0, steps + 1)
    found = least_fuel(problem, mesh, first_guess(problem, duration_s))
    if found is None:
        raise NoDescentError(f"no descent takes {duration_s} s")
    return _settled(problem, found, 0.0)


def _passed(problem: Problem, guess: Descent, mesh: Array, change: float) -> Descent:
    found = least_fuel(problem, mesh, guess_of(guess), change)
    if found is None:
        raise NoDescentError(f"no descent near one of {guess.duration_s:.4g} s")
    return found


def _settled(problem: Problem, descent: Descent, change: float) -> Descent:
    """Passes on a descent's own mesh, until they agree."""
    mesh = descent.time_s / descent.duration_s
    for _ in range(MOST_PASSES):
        before, descent = descent, _passed(problem, descent, mesh, change)
        change *= SHRUNK
        used = descent.propellant_kg / before.propellant_kg - 1.0
        if max(abs(used), abs(descent.duration_s / before.duration_s - 1.0)) < SAME:
            break
    return descent


def _coarse(problem: Problem) -> Descent:
    """The best duration on an even mesh, by golden section."""
    low, high = _durations(problem)
    mesh = np.linspace(0.0, 1.0, COARSE_STEPS + 1)

    def fly(duration_s: float) -> tuple[float, Descent | None]:
        found = least_fuel(problem, mesh, first_guess(problem, duration_s))
        # If neither of two lands, both are too short: the search moves on to longer ones.
        return (found.propellant_kg, found) if found else (math.inf, None)

    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = fly(left), fly(right)
    best = min(at_left, at_right, key=lambda one: one[0])
    while high - low > COARSE_SHARE * high:
        if at_left[0] < at_right[0]:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = fly(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = fly(right)
        best = min(best, at_left, at_right, key=lambda one: one[0])
    if best[1] is None:
        raise NoDescentError(f"no descent of up to {high:.4g} s lands")
    return best[1]


def _durations(problem: Problem) -> tuple[float, float]:
    """Between half a free fall and four, and within the limit."""
    start = problem.start
    surface = problem.gravity(np.zeros((1, 3)))[0]
    drop = max(float(start.position_m[2]) - problem.touchdown.height_m, 0.0)
    sink, gravity = -float(start.velocity_m_s[2]), -float(surface[2])
    fall_s = (-sink + math.sqrt(sink**2 + 2.0 * gravity * drop)) / gravity
    return 0.5 * fall_s, min(4.0 * fall_s, problem.longest_s)


def _refined(problem: Problem, descent: Descent, steps: int) -> Array:
    """A mesh with half of its steps spread evenly, and half over the burns and their ends."""
    share = descent.time_s / descent.duration_s
    masses = (descent.mass_kg[:-1] + descent.mass_kg[1:]) / 2.0
    throttle = descent.flow_m_s2 * masses / problem.thrust.largest_n
    on = throttle > BURNING
    near = on | np.roll(on, 1) | np.roll(on, -1)
    near[0], near[-1] = on[0] or on[1], on[-1] or on[-2]
    width = np.diff(share)
    density = 1.0 + near / max(float(width[near].sum()), 1e-9)
    filled = np.concatenate([[0.0], np.cumsum(density * width)])
    mesh = np.interp(np.linspace(0.0, filled[-1], steps + 1), filled, share)
    mesh[0], mesh[-1] = 0.0, 1.0
    return mesh
