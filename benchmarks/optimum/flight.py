"""Flies an optimum again, by an integrator that knows nothing of the cone program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.optimum.problem import Array, Descent, Problem

LARGEST_STEP_S = 0.05


@dataclass(frozen=True)
class Flown:
    """A descent's states, densely."""

    time_s: Array  # (K,)
    position_m: Array  # (K, 3)
    velocity_m_s: Array  # (K, 3)
    mass_kg: Array  # (K,)


def fly(problem: Problem, descent: Descent) -> Flown:
    """The states under the descent's thrust: Runge-Kutta of fourth order, the problem's gravity."""

    def rate(state: Array, thrust: Array, flow: float) -> Array:
        gravity = problem.gravity(state[None, :3])[0]
        burnt = -state[6] * flow / problem.thrust.exhaust_m_s
        return np.concatenate([state[3:6], thrust + gravity, [burnt]])

    start = problem.start
    state = np.concatenate([start.position_m, start.velocity_m_s, [start.mass_kg]])
    times, states = [0.0], [state]
    for k, width_s in enumerate(np.diff(descent.time_s)):
        thrust, flow = descent.acceleration_m_s2[k], float(descent.flow_m_s2[k])
        count = max(int(np.ceil(width_s / LARGEST_STEP_S)), 1)
        step = float(width_s) / count
        for _ in range(count):
            a = rate(state, thrust, flow)
            b = rate(state + step / 2 * a, thrust, flow)
            c = rate(state + step / 2 * b, thrust, flow)
            d = rate(state + step * c, thrust, flow)
            state = state + step / 6 * (a + 2 * b + 2 * c + d)
            times.append(times[-1] + step)
            states.append(state)
    table = np.array(states)
    return Flown(np.array(times), table[:, :3], table[:, 3:6], table[:, 6])


def arrival_error_m(flown: Flown, descent: Descent) -> float:
    """How far from the program's end the flight ends."""
    return float(np.linalg.norm(flown.position_m[-1] - descent.position_m[-1]))


def thrust_excess(problem: Problem, descent: Descent, flown: Flown) -> float:
    """By which share the thrust exceeds its upper limit, at most.

    At a step's begin it does by half of the mass that the step burns: acceleration is constant.
    """
    step = np.clip(
        np.searchsorted(descent.time_s, flown.time_s, "right") - 1, 0, len(descent.flow_m_s2) - 1
    )
    thrust_n = descent.flow_m_s2[step] * flown.mass_kg
    return float(thrust_n.max() / problem.thrust.largest_n - 1.0)
