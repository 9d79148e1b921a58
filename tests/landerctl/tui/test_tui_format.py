from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from landerctl.tui import format as f


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3.0, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (3599.0, "59 min"),
        (3660.0, "1 h 01 min"),
        (90000.0, "1 d 1 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert f.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (999.4, "999"),
        (999.7, "1.0k"),
        (21_034.0, "21.0k"),
        (999_960.0, "1.00M"),
        (1_250_000.0, "1.25M"),
        (12_340_000.0, "12.3M"),
        (-2_100_000.0, "-2.10M"),
        (math.nan, "NaN"),
    ],
)
def test_short_numbers(value: float, text: str) -> None:
    assert f.short_number(value) == text


def test_missing_numbers_look_missing_and_broken_ones_are_named() -> None:
    assert f.number(None) == f.percent(None) == "not yet"
    assert f.number(math.nan) == "NaN"
    assert f.percent(math.inf) == "+inf"
    assert f.number(-0.3) == "0"
    assert f.number(-1234.5, 1) == "-1,234.5"


@given(
    st.one_of(st.none(), st.floats()),
    st.integers(0, 200),
    st.one_of(st.none(), st.floats(0.0, 1.0)),
)
def test_a_bar_has_its_width_whatever_it_shows(
    fraction: float | None, width: int, mark: float | None
) -> None:
    assert f.bar(fraction, width, "", mark).cell_length == width


def test_a_bar_tells_filled_empty_and_gate_apart_without_colour() -> None:
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


def test_the_left_side_gives_way() -> None:
    line = f.spread(Content("a long label"), Content("1,234"), 12)
    assert line.plain == "a lon… 1,234"


def test_sizes_are_decimal() -> None:
    assert [f.size(n) for n in (512, 43_000_000, 1_240_000_000, 212e9)] == [
        "512 B",
        "43.0 MB",
        "1.2 GB",
        "212 GB",
    ]
