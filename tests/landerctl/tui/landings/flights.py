"""Flights of an evaluation, built by hand."""

from __future__ import annotations

from landerctl.tui.landings.records import Flight


def flight(
    x_m: float = 0.0, y_m: float = 0.0, outcome: str = "landed", **changes: object
) -> Flight:
    """A straight descent from 400 m up and 300 m away; `changes` replace fields."""
    fields: dict[str, object] = {
        "seed": 7,
        "outcome": outcome,
        "reward": 1000.0,
        "x_m": x_m,
        "y_m": y_m,
        "touchdown_speed_m_s": 1.0,
        "touchdown_tilt_deg": 2.0,
        "propellant_left": 0.5,
        "flown_s": 60.0,
        "path": ((300.0, 400.0), (150.0, 200.0), (0.0, 0.0)),
    }
    return Flight(**(fields | changes))  # type: ignore[arg-type]
