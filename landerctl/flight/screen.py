"""One frame of the live screen, and the report after the flight. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from daemon.protocol.flight import FlightBegan, FlightSample
from landerctl.flight.panel import WIDTH as PANEL_WIDTH
from landerctl.flight.panel import panel
from landerctl.flight.picture import draw
from landerctl.flight.view import follow, overview

GAP = 2  # cells between picture and figures
MIN_PICTURE_COLUMNS = 24
MIN_PICTURE_ROWS = 8
CHROME_ROWS = 2  # header and footer


def frame(
    began: FlightBegan,
    samples: Sequence[FlightSample],
    *,
    columns: int,
    rows: int,
    speed: float | None,
    hint: str = "Ctrl-C leaves",
) -> Text:
    """The screen for the last of `samples`: `rows` lines of at most `columns` cells.

    `hint` is in the last line, after what the craft does.
    """
    picture_columns, picture_rows = columns - PANEL_WIDTH - GAP, rows - CHROME_ROWS
    picture: list[Text] = []
    if picture_columns >= MIN_PICTURE_COLUMNS and picture_rows >= MIN_PICTURE_ROWS:
        view = follow(began, samples, picture_columns, picture_rows)
        picture = draw(began, samples, view)
    figures = panel(began, samples[-1], speed)
    body = beside(picture, figures)[:picture_rows]
    body += [Text() for _ in range(picture_rows - len(body))]
    return _fit([headline(began), *body, _foot(samples[-1], hint)], columns, rows)


def report(
    began: FlightBegan,
    samples: Sequence[FlightSample],
    summary: list[Text],
    *,
    columns: int,
    rows: int,
) -> Text:
    """The report that stays on the terminal: the whole flight beside its summary."""
    width = max((line.cell_len for line in summary), default=0)
    picture_columns = columns - width - GAP
    picture_rows = max(min(rows - CHROME_ROWS, len(summary) + 4), len(summary))
    picture: list[Text] = []
    if picture_columns >= MIN_PICTURE_COLUMNS and picture_rows >= MIN_PICTURE_ROWS:
        view = overview(began, samples, picture_columns, picture_rows)
        picture = draw(began, samples, view)
    body = beside(picture, summary)
    return _fit([headline(began), *body], columns, len(body) + 1)


def headline(began: FlightBegan) -> Text:
    """Stage, pilot, vehicle and seed."""
    return Text.assemble(
        (f"Stage {began.stage} of {began.stages}, {began.stage_name}", "bold"),
        (f"  pilot {began.pilot}  {began.vehicle}  seed {began.seed}", "dim"),
    )


def beside(picture: list[Text], figures: list[Text]) -> list[Text]:
    """Picture and figures in two columns; without a picture only the figures."""
    if not picture:
        return list(figures)
    width = picture[0].cell_len
    lines = []
    for k in range(max(len(picture), len(figures))):
        left = picture[k] if k < len(picture) else Text(" " * width)
        right = figures[k] if k < len(figures) else Text()
        lines.append(Text.assemble(left, " " * GAP, right))
    return lines


def _foot(sample: FlightSample, hint: str) -> Text:
    phase = "on the ground, settling" if sample.feet_down else "flying"
    return Text(f"{phase}; {hint}", "dim")


def _fit(lines: list[Text], columns: int, rows: int) -> Text:
    for line in lines:
        line.truncate(columns, overflow="ellipsis")
    shown = Text("\n").join(lines[:rows])
    shown.no_wrap = True
    shown.end = ""
    return shown
