"""The pilot's state estimate: sensor readings smoothed with the known thrust and gravity.

A complementary filter in body axes: every vector is propagated with the measured rate and the known
specific force, then corrected towards the measurement with a fixed gain. Noise of one step is
averaged over about 1 / gain steps, without the lag of a plain low-pass.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from env.base.moon import SURFACE_GRAVITY_M_S2
from env.pilot.sensed import Sensed
from env.pilot.vectors import Vectors, cross, dot, unit

UP_GAIN = 0.2
VELOCITY_GAIN = 0.1
POSITION_GAIN = 0.06
HEIGHT_GAIN = 0.12


class Estimator:
    """Estimates of N craft, one row each."""

    def __init__(self, n_craft: int, interval_s: float) -> None:
        self._interval_s = interval_s
        self._fresh = np.ones(n_craft, bool)
        self._height_m = np.zeros(n_craft)
        self._up = np.zeros((n_craft, 3))
        self._pad_m = np.zeros((n_craft, 3))
        self._velocity_m_s = np.zeros((n_craft, 3))

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Restart these crafts' estimates from their next measurement, for a new episode."""
        self._fresh[crafts] = True

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Go on with these craft's estimates alone, in this order."""
        self._fresh, self._height_m = self._fresh[crafts], self._height_m[crafts]
        self._up, self._pad_m = self._up[crafts], self._pad_m[crafts]
        self._velocity_m_s = self._velocity_m_s[crafts]

    def update(self, sensed: Sensed, specific_force_m_s2: Vectors) -> Sensed:
        """Advance by one control interval; returns `sensed` with noisy values replaced by
        estimates.

        `specific_force_m_s2` (N, 3): thrust over mass in the interval that ended, body axes.
        """
        dt, rate = self._interval_s, sensed.rate_rad_s
        up, velocity = self._up, self._velocity_m_s
        climb = dot(velocity, up)
        sideways = velocity - climb[:, None] * up
        gravity = -SURFACE_GRAVITY_M_S2 * up
        height = self._height_m + dt * climb
        pad = self._pad_m + dt * (cross(self._pad_m, rate) - sideways)
        velocity = velocity + dt * (cross(velocity, rate) + specific_force_m_s2 + gravity)
        up = up + dt * cross(up, rate)
        # The measurement itself, not a gain of 1: that leaves a rounding of the episode before.
        fresh = self._fresh
        height = np.where(fresh, sensed.height_m, height)
        up, pad, velocity = (
            np.where(fresh[:, None], measured, propagated)
            for measured, propagated in (
                (sensed.up, up),
                (sensed.pad_m, pad),
                (sensed.velocity_m_s, velocity),
            )
        )
        self._height_m = height + HEIGHT_GAIN * (sensed.height_m - height)
        self._up = unit(up + UP_GAIN * (sensed.up - up))
        pad = pad + POSITION_GAIN * (sensed.pad_m - pad)
        self._pad_m = pad - dot(pad, self._up)[:, None] * self._up
        self._velocity_m_s = velocity + VELOCITY_GAIN * (sensed.velocity_m_s - velocity)
        fresh[:] = False
        return sensed._replace(
            height_m=self._height_m,
            up=self._up,
            pad_m=self._pad_m,
            velocity_m_s=self._velocity_m_s,
        )
