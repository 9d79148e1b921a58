"""One second-order cone program: a descent of least fuel, near a guessed one.

Acikmese and Ploen, Convex Programming Approach to Powered Descent Guidance for Mars Landing, JGCD
30(5), 2007: with u the thrust and s a bound of its norm, both per mass, and z = ln m, the relaxed
problem |u| <= s has the same optimum as |u| = s. What is not convex is linearised at a guess: the
limits of s, T exp(-z), at its masses; gravity, which is that at its positions; and the duration
(as Szmuk and Acikmese, AIAA 2018-0617). Once the optimum is the guess, all of it is exact.

Times are shares of the guessed duration; q is the duration over that. Variables, with lengths
scaled: positions (N + 1, 3), q times velocities (N + 1, 3), z (N + 1), q^2 u (N, 3), q^2 s (N), q.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
import numpy.typing as npt
from scipy import sparse

from benchmarks.optimum.problem import Array, Descent, Problem

_SOLVED = (clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved)


@dataclass(frozen=True)
class Guess:
    """What a program is linearised at, over time as shares of the duration."""

    duration_s: float
    share: Array  # (M + 1,), 0 to 1, ascending
    position_m: Array  # (M + 1, 3)
    log_mass: Array  # (M + 1,)
    flow_m_s2: Array  # (M,), constant between two shares

    def at(self, share: Array) -> tuple[Array, Array, Array]:
        """Positions (K, 3), logarithms of the mass (K,) and flows (K,) at these shares (K,)."""
        position = [np.interp(share, self.share, axis) for axis in self.position_m.T]
        step = np.searchsorted(self.share, share, "right") - 1
        flow = self.flow_m_s2[np.clip(step, 0, len(self.flow_m_s2) - 1)]
        return np.column_stack(position), np.interp(share, self.share, self.log_mass), flow


def first_guess(problem: Problem, duration_s: float) -> Guess:
    """A straight line to the target, without thrust."""
    start = problem.start
    end = np.array([0.0, 0.0, problem.touchdown.height_m])
    line, log_mass = np.array([start.position_m, end]), np.full(2, np.log(start.mass_kg))
    return Guess(duration_s, np.array([0.0, 1.0]), line, log_mass, np.zeros(1))


def guess_of(descent: Descent) -> Guess:
    """Another program's linearisation at this descent."""
    return Guess(
        duration_s=descent.duration_s,
        share=descent.time_s / descent.duration_s,
        position_m=descent.position_m,
        log_mass=np.log(descent.mass_kg),
        flow_m_s2=descent.flow_m_s2,
    )


def least_fuel(problem: Problem, mesh: Array, guess: Guess, change: float = 0.0) -> Descent | None:
    """The descent of least fuel near a guess; None if there is none.

    `mesh` (N + 1,) has the nodes' times as shares of the duration, 0 to 1. The duration may differ
    from the guess's by the share `change`.
    """
    program = _Program(problem, mesh, guess, change)
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((program.size, program.size)),
        program.cost(),
        program.matrix(),
        np.concatenate(program.right),
        program.cones,
        _settings(),
    )
    solution = solver.solve()
    if solution.status not in _SOLVED:
        return None
    return program.descent(np.array(solution.x))


def _settings() -> Any:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    return settings


class _Program:
    """Collects the rows of A x + s = b, s in a cone, as Clarabel takes them."""

    def __init__(self, problem: Problem, mesh: Array, guess: Guess, change: float) -> None:
        duration_s = guess.duration_s
        self.problem, self.mesh, self.duration_s = problem, mesh, duration_s
        self.n = len(mesh) - 1
        start = problem.start
        # Lengths are scaled by the way, times by the duration: all numbers are about one.
        self.length_m = float(np.linalg.norm(start.position_m)) + duration_s * float(
            np.linalg.norm(start.velocity_m_s)
        )
        self.speed_m_s = self.length_m / duration_s
        self.acceleration_m_s2 = self.speed_m_s / duration_s
        self.step = np.diff(mesh)
        position_m, self.log_mass, flow_m_s2 = guess.at((mesh[:-1] + mesh[1:]) / 2.0)
        self.flow = flow_m_s2 / self.acceleration_m_s2
        self.gravity = problem.gravity(position_m) / self.acceleration_m_s2
        # Columns of the variables: by node or step, and axis.
        nodes, steps = 3 * (self.n + 1), 3 * self.n
        self.r = np.arange(nodes).reshape(-1, 3)
        self.v = self.r + nodes
        self.z = 2 * nodes + np.arange(self.n + 1)
        self.u = 2 * nodes + self.n + 1 + np.arange(steps).reshape(-1, 3)
        self.s = 2 * nodes + self.n + 1 + steps + np.arange(self.n)
        self.q = self.s[-1:] + 1
        self.size = int(self.q[0]) + 1
        self.height = 0
        self.entries: list[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]] = []
        self.right: list[Array] = []
        self.cones: list[Any] = []
        self._duration(change)
        self._dynamics()
        self._ends()
        self._thrust_limits()
        self._directions()
        self._glide_slope()

    def cost(self) -> Array:
        """The delta-v."""
        cost = np.zeros(self.size)
        cost[self.s] = self.step
        cost[self.q] = -float(self.step @ self.flow)
        return cost

    def matrix(self) -> Any:
        """A, compressed by columns."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        return sparse.csc_matrix((values, (rows, columns)), (self.height, self.size))

    def _add(self, cones: list[Any], terms: list[tuple[Any, Any]], right: Array) -> None:
        """Rows of A x + s = right: each term has columns and their factors, shaped like `right`."""
        rows = self.height + np.arange(right.size).reshape(right.shape)
        for columns, factors in terms:
            used = np.broadcast_to(columns, right.shape) >= 0  # -1: no variable
            self.entries.append(
                (
                    rows[used],
                    np.broadcast_to(columns, right.shape)[used],
                    np.broadcast_to(np.asarray(factors, float), right.shape)[used],
                )
            )
        self.height += right.size
        self.right.append(right.ravel())
        self.cones += cones

    def _duration(self, change: float) -> None:
        if change == 0.0:
            self._add([clarabel.ZeroConeT(1)], [(self.q, 1.0)], np.ones(1))
            return
        longest = min(1.0 + change, self.problem.longest_s / self.duration_s)
        limits = np.array([longest, change - 1.0])
        self._add([clarabel.NonnegativeConeT(2)], [(self.q, np.array([1.0, -1.0]))], limits)

    def _dynamics(self) -> None:
        """Exact for constant u and gravity between nodes; q^2 is 2 q - 1, s / q is linear too."""
        r, v, z, u, step = self.r, self.v, self.z, self.u, self.step[:, None]
        zero = [clarabel.ZeroConeT(3 * self.n)]
        fallen = self.gravity * step**2 / 2.0
        moved = [(r[1:], 1.0), (r[:-1], -1.0), (v[:-1], -step), (u, -(step**2) / 2.0)]
        self._add(zero, [*moved, (self.q, -2.0 * fallen)], -fallen)
        pulled = self.gravity * step
        sped = [(v[1:], 1.0), (v[:-1], -1.0), (u, -step)]
        self._add(zero, [*sped, (self.q, -2.0 * pulled)], -pulled)
        share = self.speed_m_s / self.problem.thrust.exhaust_m_s * self.step
        burnt = [(z[1:], 1.0), (z[:-1], -1.0), (self.s, share), (self.q, -share * self.flow)]
        self._add([clarabel.ZeroConeT(self.n)], burnt, -share * self.flow)

    def _ends(self) -> None:
        start, end = self.problem.start, self.problem.touchdown
        zero = [clarabel.ZeroConeT(3)]
        self._add(zero, [(self.r[0], 1.0)], start.position_m / self.length_m)
        velocity = start.velocity_m_s / self.speed_m_s
        self._add(zero, [(self.v[0], 1.0), (self.q, -velocity)], np.zeros(3))
        one = [clarabel.ZeroConeT(1)]
        self._add(one, [(self.z[:1], 1.0)], np.array([np.log(start.mass_kg)]))
        dry = np.array([-np.log(start.dry_mass_kg)])
        self._add([clarabel.NonnegativeConeT(1)], [(self.z[-1:], -1.0)], dry)
        self._add(one, [(self.r[-1, 2:], 1.0)], np.array([end.height_m / self.length_m]))
        radius = np.array([end.radius_m / self.length_m, 0.0, 0.0])
        near = np.concatenate([[-1], self.r[-1, :2]])
        self._add([clarabel.SecondOrderConeT(3)], [(near, -1.0)], radius)
        slow = np.concatenate([self.q, self.v[-1]])
        factors = np.array([-end.speed_m_s / self.speed_m_s, -1.0, -1.0, -1.0])
        self._add([clarabel.SecondOrderConeT(4)], [(slow, factors)], np.zeros(4))

    def _thrust_limits(self) -> None:
        """|u| <= s, and s between the limits at the mass in the middle of each step."""
        n, thrust = self.n, self.problem.thrust
        norm = np.column_stack([self.s, self.u])
        self._add([clarabel.SecondOrderConeT(4)] * n, [(norm, -1.0)], np.zeros((n, 4)))
        for sign, limit_n in ((1.0, thrust.largest_n), (-1.0, thrust.least_n)):
            # sign * s <= sign * limit * (1 - (z - log_mass) + 2 (q - 1))
            limit = sign * limit_n * np.exp(-self.log_mass) / self.acceleration_m_s2
            terms = [(self.s, sign), (self.z[1:], limit / 2.0), (self.z[:-1], limit / 2.0)]
            terms.append((self.q, -2.0 * limit))
            self._add([clarabel.NonnegativeConeT(n)], terms, limit * (self.log_mass - 1.0))

    def _directions(self) -> None:
        """axis . u >= cos(angle) s, by a step's largest angle, where that is below half a turn."""
        turning = self.problem.turning
        if turning is None:
            return
        since_s = self.mesh[1:] * self.duration_s
        until_s = (1.0 - self.mesh[:-1]) * self.duration_s
        for axis, elapsed_s in ((turning.first_axis, since_s), (turning.last_axis, until_s)):
            if axis is None:
                continue
            angle = turning.slack_rad + turning.acceleration_rad_s2 * elapsed_s**2 / 2.0
            near = angle < np.pi
            terms = [(self.u[near, k], -axis[k]) for k in range(3)]
            terms.append((self.s[near], np.cos(angle[near])))
            count = int(near.sum())
            if count:
                self._add([clarabel.NonnegativeConeT(count)], terms, np.zeros(count))

    def _glide_slope(self) -> None:
        """The craft is seen from the target above this elevation, at every node."""
        elevation = self.problem.glide_slope_rad
        if elevation is None:
            return
        count, factors = self.n + 1, np.array([-1.0 / np.tan(elevation), -1.0, -1.0])
        cones = [clarabel.SecondOrderConeT(3)] * count
        self._add(cones, [(self.r[:, [2, 0, 1]], factors)], np.zeros((count, 3)))

    def descent(self, x: Array) -> Descent:
        """The solution in SI units."""
        q = float(x[self.q[0]])
        return Descent(
            time_s=self.mesh * self.duration_s * q,
            position_m=x[self.r] * self.length_m,
            velocity_m_s=x[self.v] * self.speed_m_s / q,
            mass_kg=np.exp(x[self.z]),
            acceleration_m_s2=x[self.u] * self.acceleration_m_s2 / q**2,
            flow_m_s2=x[self.s] * self.acceleration_m_s2 / q**2,
        )
