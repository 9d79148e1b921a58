"""Frames, values and the report as text: content and size."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from landerctl.flight.panel import WIDTH, bar, length, panel
from landerctl.flight.player import status_line
from landerctl.flight.screen import frame, report
from landerctl.flight.summary import fly_arguments, summarize, summary_lines
from tests.landerctl.flight.flight_samples import ABORTED, BEGAN, LANDED, descent, sample


def rendered(text: Text, monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", width=80, height=24
    )
    console.print(text)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_a_frame_fills_a_small_terminal_and_says_all_figures() -> None:
    flown = [*descent(), sample(100.0, 312.4)]
    text = frame(BEGAN, flown, columns=80, rows=24, speed=4.0).plain
    lines = text.split("\n")
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Stage 3 of 5, terminal descent  pilot reference  starship-hls  seed 7"
    assert lines[-1] == "flying; Ctrl-C leaves"
    words = " ".join(" ".join(line[48:].split()) for line in lines)
    for figure in (
        "T+ 12.5 s of 120 s x4",
        "Altitude 312.4 m",
        "Descent 40.0 m/s",
        "Sideways 3.0 m/s",
        "From the pad 100.0 m",
        "Tilt 0.0 deg",
        "Spin 0.2 deg/s",
        "Propellant ━━━━━━━━·· 75% 15.00 t",
        "Engine 1 5.0° ━━━━━━···· 62%",
        "Engine 2 ·········· off",
        "Thrusters 1 ━━━━━━━━━━ 100%",
        "Thrusters 2 ━━━━━····· 50%",
        "RCS x y z -100 50 0 %",
        "Feet down 0",
        "Reward 12.3",
    ):
        assert figure in words


def test_a_frame_depends_on_its_samples_alone() -> None:
    flown = descent()
    first, second = (frame(BEGAN, flown, columns=80, rows=24, speed=None) for _ in range(2))
    assert first == second
    assert frame(BEGAN, flown[:-40], columns=80, rows=24, speed=None) != first


@pytest.mark.parametrize("columns", [10, 33, 57, 58, 80, 100, 200])
@pytest.mark.parametrize("rows", [3, 9, 10, 24, 60])
def test_frames_and_reports_fit_any_terminal(columns: int, rows: int) -> None:
    flown = descent()
    lines = frame(BEGAN, flown, columns=columns, rows=rows, speed=1.0).plain.split("\n")
    assert len(lines) == rows
    assert max(map(len, lines)) <= columns
    summary = summary_lines(BEGAN, summarize(BEGAN, LANDED, None))
    reported = report(BEGAN, flown, summary, columns=columns, rows=rows).plain.split("\n")
    assert max(map(len, reported)) <= columns
    assert len(reported) >= len(summary)


def test_no_color_removes_colours_but_no_information(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = frame(BEGAN, descent(), columns=80, rows=24, speed=1.0)
    colourful = rendered(shown, monkeypatch)
    plain = rendered(shown, monkeypatch, NO_COLOR="1")
    assert "\x1b[33m" in colourful
    assert not any(f"[{code}m" in plain for code in (*range(30, 38), *range(90, 98)))
    assert Text.from_ansi(plain).plain.split() == Text.from_ansi(colourful).plain.split()


def test_panel_lines_keep_their_width_at_extremes() -> None:
    wide = sample(
        altitude_m=22_000.0,
        time_s=349.9,
        spin_deg_s=114.0,
        engine_thrust=(1.0, 1.0, 1.0),
        gimbal_deg=(8.0,) * 6,
        rcs=(-1.0, -1.0, -1.0),
        reward=-1_234.5,
    )
    assert max(line.cell_len for line in panel(BEGAN, wide, 1000.0)) <= WIDTH


def test_another_vehicle_has_other_actuators() -> None:
    small = sample(engine_thrust=(0.5,), gimbal_deg=(0.0, 0.0), landing_thrust=())
    text = "\n".join(line.plain for line in panel(BEGAN, small, 1.0))
    assert "Engine 1" in text
    assert "Engine 2" not in text
    assert "Thrusters" not in text


def test_after_the_touch_it_settles() -> None:
    text = frame(BEGAN, [sample(0.0, 0.0, feet_down=3)], columns=80, rows=24, speed=1.0).plain
    assert text.endswith("on the ground, settling; Ctrl-C leaves")


@pytest.mark.parametrize(
    ("metres", "text"),
    [(18_240.4, "18,240 m"), (312.44, "312.4 m"), (0.354, "0.35 m"), (-0.19, "-0.19 m")],
)
def test_lengths_have_useful_digits(metres: float, text: str) -> None:
    assert length(metres) == text


@pytest.mark.parametrize(
    ("fraction", "filled"), [(-1.0, 0), (0.0, 0), (0.5, 5), (1.0, 10), (7.0, 10)]
)
def test_bars(fraction: float, filled: int) -> None:
    assert bar(fraction) == "━" * filled + "·" * (10 - filled)


def test_a_landing_is_summed_up_with_its_limits() -> None:
    summary = summarize(BEGAN, LANDED, None)
    lines = [" ".join(line.plain.split()) for line in summary_lines(BEGAN, summary)]
    assert lines == [
        "LANDED",
        "",
        "flight 20.1 s, 201 steps",
        "touchdown 1.50 m/s allowed 3 m/s",
        "tilt 2.2 deg allowed 12",
        "miss 1.25 m allowed 20 m",
        "propellant 5.00 t used",
        "15.00 t left 75%",
        "",
        "reward 1,450.0",
        "shaping 50.0",
        "landing 1,000.0",
    ]
    assert fly_arguments("reference", 3.0, 7) == ["fly", "--stage", "3", "--seed", "7"]


def test_an_end_without_contact_shows_where_it_ended() -> None:
    summary = summarize(BEGAN, ABORTED, None)
    lines = [" ".join(line.plain.split()) for line in summary_lines(BEGAN, summary)]
    assert lines[0] == "OFF TARGET"
    assert "end speed 81.5 m/s" in lines
    assert "end altitude 650.0 m" in lines
    assert not any(line.startswith("touchdown") for line in lines)


def test_a_status_line() -> None:
    assert status_line(sample(descent_rate_m_s=-0.01)) == (
        "T+  12.5 s  altitude 500.0 m  descent 0.0 m/s  sideways 3.0 m/s  pad 100.0 m  "
        "tilt 0.0 deg  propellant 15.00 t"
    )
