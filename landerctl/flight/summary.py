"""The result of a flight, as one object and as text lines. Pure."""

from __future__ import annotations

import msgspec
from rich.text import Text

from checks.wording import number
from daemon.protocol.flight import REFERENCE, FlightBegan, FlightEnded
from landerctl.flight.panel import length

LABEL_WIDTH = 15


class FlightSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The output of `landerctl fly --json`. Touchdown values are null without a touchdown."""

    pilot: str
    vehicle: str
    stage: int
    stage_name: str
    seed: int
    drawn: str  # the dispersions drawn for it; empty without any
    outcome: str
    success: bool
    steps: int
    time_s: float
    touchdown_speed_m_s: float | None
    touchdown_tilt_deg: float | None
    distance_m: float
    altitude_m: float
    speed_m_s: float
    propellant_used_kg: float
    propellant_left_kg: float
    reward: float
    components: dict[str, float]
    saved: str | None  # the trajectory's file


def summarize(began: FlightBegan, ended: FlightEnded, saved: str | None) -> FlightSummary:
    """The summary of a flight, from its first and last report."""
    return FlightSummary(
        pilot=began.pilot,
        vehicle=began.vehicle,
        stage=began.stage,
        stage_name=began.stage_name,
        seed=began.seed,
        drawn=began.drawn,
        outcome=ended.outcome,
        success=ended.success,
        steps=ended.steps,
        time_s=ended.time_s,
        touchdown_speed_m_s=ended.touchdown_speed_m_s,
        touchdown_tilt_deg=ended.touchdown_tilt_deg,
        distance_m=ended.distance_m,
        altitude_m=ended.altitude_m,
        speed_m_s=ended.speed_m_s,
        propellant_used_kg=ended.propellant_used_kg,
        propellant_left_kg=ended.propellant_left_kg,
        reward=ended.reward,
        components=ended.components,
        saved=saved,
    )


def summary_lines(began: FlightBegan, summary: FlightSummary) -> list[Text]:
    """The result, the values with their limits, and the reward by component."""
    style = "bold green" if summary.success else "bold red"
    lines = [Text(summary.outcome.replace("_", " ").upper(), style), Text()]
    lines.append(_line("flight", f"{summary.time_s:.1f} s, {summary.steps} steps"))
    lines += _touchdown(began, summary)
    lines.append(_line("miss", length(summary.distance_m), f"allowed {began.max_distance_m:g} m"))
    share = 100.0 * summary.propellant_left_kg / began.start_propellant_kg
    lines.append(_line("propellant", f"{summary.propellant_used_kg / 1000.0:.2f} t used"))
    lines.append(_line("", f"{summary.propellant_left_kg / 1000.0:.2f} t left", f"{share:.0f}%"))
    lines += [Text(), _line("reward", f"{number(summary.reward, 1):>8}")]
    lines += [
        _line(f"  {name}", f"{number(value, 1):>8}")
        for name, value in summary.components.items()
        if value != 0.0
    ]
    return lines


def fly_arguments(pilot: str, difficulty: float, seed: int) -> list[str]:
    """The command-line arguments that fly an episode."""
    who = [] if pilot == REFERENCE else ["--pilot", pilot]
    # A stage's own ranges; between two, on the ramp.
    whole = difficulty.is_integer()
    where = ["--stage", f"{difficulty:.0f}"] if whole else ["--difficulty", repr(difficulty)]
    return ["fly", *who, *where, "--seed", str(seed)]


def _touchdown(began: FlightBegan, summary: FlightSummary) -> list[Text]:
    if summary.touchdown_speed_m_s is None or summary.touchdown_tilt_deg is None:
        return [
            _line("end speed", f"{summary.speed_m_s:.1f} m/s"),
            _line("end altitude", length(summary.altitude_m)),
        ]
    return [
        _line(
            "touchdown",
            f"{summary.touchdown_speed_m_s:.2f} m/s",
            f"allowed {began.max_touchdown_speed_m_s:g} m/s",
        ),
        _line("tilt", f"{summary.touchdown_tilt_deg:.1f} deg", f"allowed {began.max_tilt_deg:g}"),
    ]


def _line(label: str, figure: str, note: str = "") -> Text:
    suffix = f"  {note}" if note else ""
    return Text.assemble((f"{label:<{LABEL_WIDTH}}", "dim"), figure, (suffix, "dim"))
