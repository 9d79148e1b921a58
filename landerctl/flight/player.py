"""Showing a flight at its pace: live on a terminal, or as lines where there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event

from rich.console import Console
from rich.live import Live

from checks.wording import number
from daemon.protocol.flight import FlightBegan, FlightEnded, FlightReport, FlightSample
from landerctl.flight.panel import length
from landerctl.flight.screen import frame
from landerctl.flight.source import FlightReports

FRAME_S = 0.05
MOST_LATE_S = 0.5  # what has been missed for longer is not caught up with
LINE_S = 5.0  # of flight between two lines where no screen is
STARTING = "starting the simulation (the first time it compiles for half a minute)"


@dataclass
class Flight:
    """What has been told of a flight."""

    began: FlightBegan
    samples: list[FlightSample] = field(default_factory=list)


def show(
    reports: FlightReports, console: Console, speed: float | None
) -> tuple[Flight, FlightEnded]:
    """Show the flight live. `speed`: flight seconds a second, None as fast as it flies."""
    flight = Flight(_start(reports, console))
    with Live(console=console, screen=True, auto_refresh=False) as live:
        drawn_s, drawn = -FRAME_S, (0, 0, 0)
        for report in _paced(reports, speed):
            if isinstance(report, FlightEnded):
                return flight, report
            if isinstance(report, FlightSample):
                flight.samples.append(report)
            columns, rows = console.size
            state = (len(flight.samples), columns, rows)
            now_s = time.monotonic()
            if flight.samples and state != drawn and now_s - drawn_s >= FRAME_S:
                drawn_s, drawn = now_s, state
                picture = frame(
                    flight.began, flight.samples, columns=columns, rows=rows, speed=speed
                )
                live.update(picture, refresh=True)
    raise AssertionError("a flight's reports never end by themselves")


def tell(
    reports: FlightReports, console: Console | None, speed: float | None
) -> tuple[Flight, FlightEnded]:
    """Print a line every few seconds of flight; None prints nothing."""
    flight = Flight(_start(reports, None))
    due_s = 0.0
    for report in _paced(reports, speed):
        if isinstance(report, FlightEnded):
            return flight, report
        if isinstance(report, FlightSample):
            flight.samples.append(report)
            if console is not None and report.time_s >= due_s - 1e-6:
                due_s += LINE_S
                console.print(status_line(report), soft_wrap=True, highlight=False)
    raise AssertionError("a flight's reports never end by themselves")


def status_line(sample: FlightSample) -> str:
    """A sample on one line."""
    return (
        f"T+{sample.time_s:6.1f} s  altitude {length(sample.altitude_m)}  "
        f"descent {number(sample.descent_rate_m_s, 1)} m/s  "
        f"sideways {sample.horizontal_speed_m_s:.1f} m/s  "
        f"pad {length(sample.distance_m)}  tilt {sample.tilt_deg:.1f} deg  "
        f"propellant {sample.propellant_kg / 1000.0:.2f} t"
    )


def _start(reports: FlightReports, console: Console | None) -> FlightBegan:
    waiting: AbstractContextManager[object] = console.status(STARTING) if console else nullcontext()
    with waiting:
        while True:
            report = reports.next(FRAME_S)
            if isinstance(report, FlightBegan):
                return report


def _paced(reports: FlightReports, speed: float | None) -> Iterator[FlightReport | None]:
    """Each report when it is due, and None in between, at least once a frame."""
    pause = Event()
    began_s = time.monotonic()
    while True:
        report = reports.next(FRAME_S)
        while speed is not None and isinstance(report, FlightSample | FlightEnded):
            early_s = report.time_s / speed - (time.monotonic() - began_s)
            if early_s <= 0.0:
                # After Ctrl-Z and fg, go on from where it stood.
                began_s -= min(early_s + MOST_LATE_S, 0.0)
                break
            pause.wait(min(early_s, FRAME_S))
            yield None
        yield report
