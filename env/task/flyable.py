"""Whether a vehicle can fly from given start conditions."""

from __future__ import annotations

import math

from env.physics.vehicle import Vehicle
from env.task.start import StartConditions

LARGEST_SENSED_M = 80_000.0  # upper end of the observation's log and asinh scales


class UnflyableError(ValueError):
    """Start conditions that the vehicle cannot fly; the message is one line."""


def check_flyable(start: StartConditions, vehicle: Vehicle) -> None:
    """Raise UnflyableError for a range out of its bounds, and for a delta-v that exceeds the
    tanks.
    """
    bounds = {
        "altitude_m": (0.0, LARGEST_SENSED_M),
        "downrange_m": (0.0, LARGEST_SENSED_M),
        "tilt_deg": (0.0, 180.0),
        "delta_v_m_s": (1.0, math.inf),
        "ground_slope_deg": (0.0, 45.0),
    }
    for name, (least, most) in bounds.items():
        low, high = getattr(start, name)
        if not least <= low <= high <= most:
            raise UnflyableError(f"{name} {low:g} to {high:g}: allowed {least:g} to {most:g}")
    wanted_m_s, held_m_s = start.delta_v_m_s[1], vehicle.delta_v_capacity_m_s
    if wanted_m_s > held_m_s:
        raise UnflyableError(
            f"delta_v_m_s reaches {wanted_m_s:g}, but the tanks of {vehicle.name} hold "
            f"propellant for {held_m_s:.0f} m/s"
        )
