"""The values beside the picture: state, propellant, actuators. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from checks.wording import number
from daemon.protocol.flight import FlightBegan, FlightSample

WIDTH = 32
LABEL_WIDTH = 14
BAR_WIDTH = 10
ENGINE_OFF = 0.005  # less thrust than this is shown as off


def panel(began: FlightBegan, sample: FlightSample, speed: float | None) -> list[Text]:
    """Lines of at most WIDTH cells. `speed`: factor of real time, None: as fast as possible."""
    pace = "max speed" if speed is None else f"x{speed:g}"
    lines = [
        Text.assemble(
            (f"T+ {sample.time_s:.1f} s of {began.time_limit_s:g} s", "bold"), (f"  {pace}", "dim")
        ),
        Text(),
        _figure("Altitude", length(sample.altitude_m)),
        _figure("Descent", f"{number(sample.descent_rate_m_s, 1)} m/s"),
        _figure("Sideways", f"{number(sample.horizontal_speed_m_s, 1)} m/s"),
        _figure("From the pad", length(sample.distance_m)),
        _figure("Tilt", f"{number(sample.tilt_deg, 1)} deg"),
        _figure("Spin", f"{number(sample.spin_deg_s, 1)} deg/s"),
        Text(),
        _share("Propellant", sample.propellant_fraction),
        _figure("", f"{number(sample.propellant_kg / 1000.0, 2)} t"),
    ]
    lines += [_engine(sample, k) for k in range(len(sample.engine_thrust))]
    lines += [_share(f"Thrusters {k}", u) for k, u in enumerate(sample.landing_thrust, start=1)]
    lines.append(_rcs(sample.rcs))
    lines.append(_figure("Feet down", str(sample.feet_down)))
    lines.append(_figure("Reward", number(sample.reward, 1)))
    return lines


def length(metres: float) -> str:
    """Metres, with more decimals for small values: ``18,240 m``, ``312.4 m``, ``0.35 m``."""
    size = abs(metres)
    digits = 0 if size >= 1000.0 else 1 if size >= 10.0 else 2
    return f"{number(metres, digits)} m"


def bar(fraction: float, width: int = BAR_WIDTH) -> str:
    """A bar of `width` cells; filled and empty parts differ by glyph, not by colour."""
    filled = round(min(max(fraction, 0.0), 1.0) * width)
    return "━" * filled + "·" * (width - filled)


def _figure(label: str, figure: str) -> Text:
    value, _, unit = figure.partition(" ")
    return Text.assemble(_label(label), (f"{value:>8}", "bold"), f" {unit}" if unit else "")


def _share(label: str, fraction: float) -> Text:
    return Text.assemble(
        _label(label), (bar(fraction), "yellow"), (f"{100.0 * fraction:>5.0f}%", "bold")
    )


def _engine(sample: FlightSample, k: int) -> Text:
    thrust = sample.engine_thrust[k]
    if thrust < ENGINE_OFF:
        return Text.assemble(_label(f"Engine {k + 1}"), (bar(0.0), "yellow"), "   off")
    angle = math.hypot(*sample.gimbal_deg[2 * k : 2 * k + 2])
    return _share(f"Engine {k + 1} {angle:3.1f}°", thrust)


def _rcs(commands: Sequence[float]) -> Text:
    figures = "".join(f"{number(100.0 * command):>5}" for command in commands)
    return Text.assemble(_label("RCS x y z"), (figures, "bold"), " %")


def _label(text: str) -> tuple[str, str]:
    return f"{text:<{LABEL_WIDTH}}", "dim"
