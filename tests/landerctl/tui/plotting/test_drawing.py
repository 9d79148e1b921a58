from __future__ import annotations

from dataclasses import replace

import pytest

from landerctl.tui.plotting.axis import Axis
from landerctl.tui.plotting.branches import Branch
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.drawing import draw
from landerctl.tui.plotting.marks import Mark, MarkKind
from landerctl.tui.plotting.metric import metric_of
from landerctl.tui.plotting.picture import Gate, Line, PlotData

SERIES = ("time/fps", "train/loss", "eval/distance_m")


def data(*lines: Line, **changes: object) -> PlotData:
    usual: dict[str, object] = {
        "choice": PlotChoice(tuple(line.metric.series for line in lines)),
        "gates": (),
        "marks": (),
        "x_axis": Axis(0.0, 1000.0),
        "axes": tuple(Axis(0.0, 100.0) for _ in lines),
        "zoomed": False,
        "not_above_zero": 0,
    }
    return PlotData(lines=lines, **usual | changes)  # type: ignore[arg-type]


def line(index: int, value: float) -> Line:
    branch = Branch((0.0, 1000.0), (value, value), False)
    return Line(metric_of(SERIES[index]), index, (branch,))


def drawn(plot: PlotData, width: int, height: int, *figures: str) -> list[str]:
    rows, _ = draw(plot, width, height, figures)
    assert len(rows) == height
    texts = ["".join(text for text, _ in row) for row in rows]
    assert all(len(text) == width for text in texts)
    return texts


def test_a_plot_has_axes_with_ticks_and_the_gate() -> None:
    plot = data(line(0, 20.0), gates=(Gate(0.0, 500.0, 90.0),))
    assert drawn(plot, 30, 8) == [
        "  100┤╌╌╌╌╌╌╌╌╌╌╌╌╌           ",
        "     │                        ",
        "     │                        ",
        "   50┤                        ",
        "     │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤",
        "    0┤                        ",
        "     └┬──────────────────────┬",
        "      0                     1k",
    ]


def test_several_lines_have_letters_in_the_legend_and_at_their_ends() -> None:
    texts = drawn(data(line(0, 20.0), line(1, 80.0)), 50, 9, "20 steps/s", "80")
    assert texts[0].startswith("A Speed 20 steps/s · B train/loss 80 (right)")
    assert [text for text in texts if text.rstrip("0123456789 ├│").endswith("B")]
    assert [text for text in texts if text.rstrip("0123456789 ├│").endswith("A")]


def test_letters_of_lines_that_end_alike_stand_beside_each_other() -> None:
    texts = drawn(data(line(0, 50.0), line(1, 50.0)), 50, 9)
    assert any("BA" in text for text in texts)


def test_three_units_have_no_labels_and_that_is_said() -> None:
    texts = drawn(data(line(0, 20.0), line(1, 80.0), line(2, 50.0)), 70, 12)
    assert "each on its own scale" in texts[1]
    assert "┤" not in "".join(texts)


def test_marks_are_on_the_axis_and_in_the_legend() -> None:
    marks = (Mark(MarkKind.STAGE, 250.0), Mark(MarkKind.ALERT, 500.0))
    choice = PlotChoice(("time/fps",), marks="events")
    texts = drawn(data(line(0, 50.0), marks=marks, choice=choice), 30, 8)
    assert texts[0].startswith("✓ stage · ▲ alert")
    assert texts[5][6 + 6] == "✓"
    assert texts[5][6 + 12] == "▲"
    assert texts[1][6 + 6] == "┊"


def test_what_a_rollback_abandoned_and_what_was_smoothed_differ_without_colours() -> None:
    abandoned = Branch((0.0, 400.0), (50.0, 50.0), True)
    now = Branch((500.0, 1000.0), (50.0, 50.0), False)
    both = Line(metric_of("time/fps"), 0, (abandoned, now), (replace(now, values=(80.0, 80.0)),))
    dots = "".join(drawn(data(both), 30, 9))
    assert "⠤⠤⠤⠤" in dots
    assert "⠄⠠ ⠄⠠ ⠄" in dots  # abandoned
    assert "⠂⠐ ⠂⠐ ⠂" in dots  # before smoothing


def test_a_long_legend_is_shortened_at_its_names() -> None:
    texts = drawn(data(line(0, 20.0), line(1, 80.0)), 30, 9, "20", "80")
    assert texts[0].rstrip().endswith("80 (right)")
    assert "…" in texts[0]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (8, 3), (20, 5), (300, 80)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    rows, _ = draw(data(line(0, 20.0), line(1, 80.0)), *size)
    assert len(rows) <= size[1]
