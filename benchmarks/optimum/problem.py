"""A minimum-fuel descent as data: a point mass, its start, its end, and what limits the thrust.

Axes: origin at the target, z up. SI units, unless a problem is normalised as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Gravity = Callable[[Array], Array]  # positions (N, 3), m: accelerations (N, 3), m/s2


@dataclass(frozen=True)
class Thrust:
    """The limits of a point mass's thrust, and what it costs: mass flow is thrust / exhaust."""

    least_n: float  # 0 if it can be shut off
    largest_n: float
    exhaust_m_s: float


@dataclass(frozen=True)
class Start:
    """The state from which a descent begins."""

    position_m: Array  # (3,)
    velocity_m_s: Array  # (3,)
    mass_kg: float
    dry_mass_kg: float


@dataclass(frozen=True)
class Touchdown:
    """The end of a descent: on this height, this near to the target, at most this fast."""

    height_m: float = 0.0
    radius_m: float = 0.0
    speed_m_s: float = 0.0


@dataclass(frozen=True)
class Turning:
    """How fast the thrust can turn: by `slack_rad` at once, then as a body turned from rest.

    Its direction lies within slack + a t^2 / 2 of the first axis, t seconds after the start, and,
    if there is a last axis, likewise of that one before the end.
    """

    acceleration_rad_s2: float
    slack_rad: float
    first_axis: Array  # (3,), unit
    last_axis: Array | None  # (3,), unit; None: any attitude at the end


@dataclass(frozen=True)
class Problem:
    """A descent whose propellant is to be least."""

    start: Start
    touchdown: Touchdown
    thrust: Thrust
    gravity: Gravity
    longest_s: float
    turning: Turning | None = None
    glide_slope_rad: float | None = None  # the least elevation of the craft, seen from the target


@dataclass(frozen=True)
class Descent:
    """An optimal descent. Thrust acceleration is constant between two nodes."""

    time_s: Array  # (N + 1,)
    position_m: Array  # (N + 1, 3)
    velocity_m_s: Array  # (N + 1, 3)
    mass_kg: Array  # (N + 1,)
    acceleration_m_s2: Array  # (N, 3), by thrust
    flow_m_s2: Array  # (N,), of which the mass flow is made: the acceleration's norm, or more

    @property
    def duration_s(self) -> float:
        """From the start to touchdown."""
        return float(self.time_s[-1])

    @property
    def propellant_kg(self) -> float:
        """What it uses."""
        return float(self.mass_kg[0] - self.mass_kg[-1])


def uniform_gravity(acceleration_m_s2: float) -> Gravity:
    """The same acceleration everywhere, downwards."""

    def gravity(position_m: Array) -> Array:
        return np.tile([0.0, 0.0, -acceleration_m_s2], (len(position_m), 1))

    return gravity


def point_mass_gravity(mu_m3_s2: float, radius_m: float) -> Gravity:
    """That of a sphere on whose surface the target is."""

    def gravity(position_m: Array) -> Array:
        from_centre = position_m + np.array([0.0, 0.0, radius_m])
        distance = np.linalg.norm(from_centre, axis=1, keepdims=True)
        pull: Array = -mu_m3_s2 * from_centre / distance**3
        return pull

    return gravity
