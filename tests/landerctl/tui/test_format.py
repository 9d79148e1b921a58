from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from landerctl.tui import format as f


@given(
    st.one_of(st.none(), st.floats()),
    st.integers(0, 200),
    st.one_of(st.none(), st.floats(0.0, 1.0)),
)
def test_a_bar_has_its_width_whatever_it_shows(
    fraction: float | None, width: int, mark: float | None
) -> None:
    assert f.bar(fraction, width, "", mark).cell_length == width


def test_a_bar_shows_filled_empty_and_gate_without_colour() -> None:
    assert f.bar(0.5, 8, "red", 0.75).plain == "━━━━──┃─"
    assert f.bar(None, 4, "red").plain == "────"


@given(st.lists(st.floats(allow_nan=True), max_size=300), st.integers(0, 80))
def test_a_sparkline_never_outgrows_its_width(values: list[float], width: int) -> None:
    assert len(f.sparkline(values, width)) == min(width, len(values))


def test_a_sparkline_spans_its_range() -> None:
    assert f.sparkline([0.0, 7.0, math.nan, 3.5], 4) == "▁█ ▅"
    assert f.sparkline([5.0, 5.0], 4) == "▄▄"


def test_ids_keep_both_ends() -> None:
    assert f.shorten_middle("20260728-141500-curriculum-ppo-3fa9", 13) == "20260728…3fa9"
    assert f.shorten_middle("short", 13) == "short"


def test_the_left_side_is_shortened() -> None:
    line = f.spread(Content("a long label"), Content("1,234"), 12)
    assert line.plain == "a lon… 1,234"


def test_widths_are_cells_not_characters() -> None:
    wide = "月面着陸 e\u0301tape"
    assert cell_len(f.shorten(wide, 7)) <= 7
    assert cell_len(f.shorten_middle(wide, 9)) <= 9
    assert f.head(wide, 3) == "月"
    for width in (2, 5, 9, 40):
        lines = f.wrap(f"{wide} {wide}", width)
        assert all(cell_len(line) <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(f"{wide}{wide}".split())
