"""Horizontal guidance: the acceleration that reaches the pad in the time left."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from env.physics.guidance import closing_m_s
from env.pilot.vectors import Numbers, Vectors, norm, unit

TIME_CONSTANT_S = 3.0  # in which an error of the horizontal velocity is corrected
LOOK_AHEAD_S = 0.2  # over which the change of the closing speed is taken


class TimeLeft(NamedTuple):
    """Remaining phases of the descent (s), each (N,)."""

    coast_s: Numbers
    braking_s: Numbers  # by an engine
    near_s: Numbers  # the last metres

    def after(self, time_s: float | Numbers) -> TimeLeft:
        """The time left after another `time_s`."""
        coast = self.coast_s - time_s
        braking = self.braking_s + np.minimum(coast, 0.0)
        near = self.near_s + np.minimum(braking, 0.0)
        return TimeLeft(np.maximum(coast, 0.0), np.maximum(braking, 0.0), np.maximum(near, 0.0))


def steering(pad_m: Vectors, sideways_m_s: Vectors, left: TimeLeft, far_m_s2: float) -> Vectors:
    """Horizontal acceleration (m/s^2), (N, 3), that reaches and follows the closing speed.

    `pad_m` and `sideways_m_s`, (N, 3), are horizontal; `far_m_s2` as in `guidance.Braking`.
    """
    now = _closing(pad_m, left, far_m_s2)
    ahead = pad_m - LOOK_AHEAD_S * sideways_m_s
    soon = _closing(ahead, left.after(LOOK_AHEAD_S), far_m_s2)
    return (soon - now) / LOOK_AHEAD_S + (now - sideways_m_s) / TIME_CONSTANT_S


def _closing(pad_m: Vectors, left: TimeLeft, far_m_s2: float) -> Vectors:
    speed: Numbers = closing_m_s(norm(pad_m), *left, far_m_s2)
    return speed[:, None] * unit(pad_m)
