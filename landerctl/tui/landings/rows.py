"""The rows of an evaluation's flights. Pure."""

from __future__ import annotations

from landerctl.tui.landings.figures import share
from landerctl.tui.landings.records import Flight, mark, words

NONE = "–"
COLUMNS = ("Ended", "Miss m", "Touch m/s", "Tilt °", "Fuel", "Time s", "Reward", "Seed")


def flight_row(flight: Flight) -> tuple[str, ...]:
    """The cells in the order of COLUMNS."""
    speed, tilt, left = (
        flight.touchdown_speed_m_s,
        flight.touchdown_tilt_deg,
        flight.propellant_left,
    )
    return (
        f"{mark(flight.outcome)[0]} {words(flight.outcome)}",
        f"{flight.miss_m:,.1f}",
        NONE if speed is None else f"{speed:.2f}",
        NONE if tilt is None else f"{tilt:.1f}",
        NONE if left is None else share(left),
        f"{flight.flown_s:.1f}",
        f"{flight.reward:,.0f}",
        str(flight.seed),
    )
