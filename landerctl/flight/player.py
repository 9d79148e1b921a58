"""Plays a flight at a given speed: live on a terminal, else as text lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event

from rich.console import Console
from rich.live import Live

from checks.wording import number
from daemon.protocol.flight import FlightBegan, FlightEnded, FlightReport, FlightSample
from daemon.protocol.trainer import Startup
from landerctl.flight.panel import length
from landerctl.flight.screen import frame
from landerctl.flight.source import FlightReports
from landerctl.presentation.startup_display import StartupDisplay

FRAME_S = 0.05
MAX_LAG_S = 0.5  # a longer delay is not caught up
LINE_S = 5.0  # flight time between two text lines


@dataclass
class Flight:
    """The reports received from a flight."""

    began: FlightBegan
    samples: list[FlightSample] = field(default_factory=list)


def show_live(
    reports: FlightReports, console: Console, speed: float | None
) -> tuple[Flight, FlightEnded]:
    """Show the flight live. `speed`: factor of real time, None: as fast as possible."""
    flight = Flight(_start(reports))
    with Live(console=console, screen=True, auto_refresh=False) as live:
        last_frame_s, last_state = -FRAME_S, (0, 0, 0)
        for report in _paced(reports, speed):
            if isinstance(report, FlightEnded):
                return flight, report
            if isinstance(report, FlightSample):
                flight.samples.append(report)
            columns, rows = console.size
            state = (len(flight.samples), columns, rows)
            now_s = time.monotonic()
            if flight.samples and state != last_state and now_s - last_frame_s >= FRAME_S:
                last_frame_s, last_state = now_s, state
                picture = frame(
                    flight.began, flight.samples, columns=columns, rows=rows, speed=speed
                )
                live.update(picture, refresh=True)
    raise AssertionError("a flight's reports end with FlightEnded or Failure")


def print_lines(
    reports: FlightReports, console: Console | None, speed: float | None
) -> tuple[Flight, FlightEnded]:
    """Print a line every LINE_S of flight; without `console` nothing."""
    flight = Flight(_start(reports))
    due_s = 0.0
    for report in _paced(reports, speed):
        if isinstance(report, FlightEnded):
            return flight, report
        if isinstance(report, FlightSample):
            flight.samples.append(report)
            if console is not None and report.time_s >= due_s - 1e-6:
                due_s += LINE_S
                console.print(status_line(report), soft_wrap=True, highlight=False)
    raise AssertionError("a flight's reports end with FlightEnded or Failure")


def status_line(sample: FlightSample) -> str:
    """A sample as one line of text."""
    return (
        f"T+{sample.time_s:6.1f} s  altitude {length(sample.altitude_m)}  "
        f"descent {number(sample.descent_rate_m_s, 1)} m/s  "
        f"sideways {sample.horizontal_speed_m_s:.1f} m/s  "
        f"pad {length(sample.distance_m)}  tilt {sample.tilt_deg:.1f} deg  "
        f"propellant {sample.propellant_kg / 1000.0:.2f} t"
    )


def _start(reports: FlightReports) -> FlightBegan:
    with StartupDisplay(quiet=True, stays=False) as display:
        while True:
            report = reports.next(FRAME_S)
            if isinstance(report, Startup):
                display.show(report)
            if isinstance(report, FlightBegan):
                return report


def _paced(reports: FlightReports, speed: float | None) -> Iterator[FlightReport | None]:
    """Yield each report when it is due, and None at least once per frame in between."""
    pause = Event()
    start_s = time.monotonic()
    while True:
        report = reports.next(FRAME_S)
        while speed is not None and isinstance(report, FlightSample | FlightEnded):
            early_s = report.time_s / speed - (time.monotonic() - start_s)
            if early_s <= 0.0:
                # After Ctrl-Z and fg, continue from the same point.
                start_s -= min(early_s + MAX_LAG_S, 0.0)
                break
            pause.wait(min(early_s, FRAME_S))
            yield None
        yield report
