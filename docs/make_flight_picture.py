"""Make an SVG picture of `landerctl fly`: a real flight, stopped at a time.

Usage: python docs/make_flight_picture.py OUT.svg --stage 5 --seed 7 --at 118
"""

from __future__ import annotations

import argparse
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

from daemon.protocol.flight import FlightBegan, FlightSample
from landerctl.flight.screen import frame
from landerctl.flight.source import flying

COLUMNS, ROWS = 100, 30
FONTS = "Fira Code, Cascadia Mono, Menlo, DejaVu Sans Mono, monospace"


def main() -> None:
    """Fly up to the time and draw the screen as it is then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--at", type=float, required=True, help="seconds of flight")
    arguments = parser.parse_args()
    flight = ["--stage", str(arguments.stage), "--seed", str(arguments.seed)]
    began: FlightBegan | None = None
    samples: list[FlightSample] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        flying(flight, Path(folder) / "landerctl.log") as reports,
    ):
        while not samples or samples[-1].time_s < arguments.at:
            report = reports.next(60.0)
            if isinstance(report, FlightBegan):
                began = report
            elif isinstance(report, FlightSample):
                samples.append(report)
    assert began is not None
    console = Console(
        record=True, width=COLUMNS, height=ROWS, force_terminal=True, file=io.StringIO()
    )
    console.print(frame(began, samples, columns=COLUMNS, rows=ROWS, speed=1.0))
    svg = console.export_svg(title="landerctl fly")
    # The font comes from the viewer's machine, not from a server.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    arguments.out.write_text(svg.replace("Fira Code, monospace", FONTS), encoding="utf-8")


if __name__ == "__main__":
    main()
