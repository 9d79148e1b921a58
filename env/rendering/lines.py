"""A moment of an episode as lines of text."""

from __future__ import annotations

from env.rendering.frame import Frame, verdict


def text_lines(frame: Frame) -> str:
    """The figures of a moment, a line each, and at the end the verdict."""
    at = frame.telemetry
    rows = [
        ("time", f"{at.time_s:.1f} s"),
        ("altitude", f"{at.altitude_m:,.1f} m"),
        ("descent rate", f"{at.descent_rate_m_s:.1f} m/s"),
        ("horizontal speed", f"{at.horizontal_speed_m_s:.1f} m/s"),
        ("distance to pad", f"{at.distance_m:,.1f} m"),
        ("tilt", f"{at.tilt_deg:.1f} deg"),
        ("propellant", f"{at.propellant_fraction:.0%}"),
        ("engines", _shares(at.engine_thrust)),
        ("landing thrusters", _shares(at.landing_thrust)),
        ("reward so far", f"{at.reward:.1f}"),
    ]
    if frame.episode is not None:
        outcome, why = verdict(frame.episode)
        rows.append((outcome, why))
    return "\n".join(f"{label:<18}{figure}" for label, figure in rows)


def _shares(thrusts: tuple[float, ...]) -> str:
    return " ".join(f"{thrust:.0%}" for thrust in thrusts) or "none"
