"""Numbers and times formatted for people."""

from __future__ import annotations

import math

import pytest

from checks import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3.0, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (3599.0, "59 min"),
        (3660.0, "1 h 01 min"),
        (90000.0, "1 d 1 h"),
        (math.inf, "unknown"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


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
    assert wording.short_number(value) == text


def test_missing_and_non_finite_numbers() -> None:
    assert wording.number(None) == wording.percent(None) == "not yet"
    assert wording.number(math.nan) == "NaN"
    assert wording.percent(math.inf) == "+inf"
    assert wording.number(-0.3) == "0"
    assert wording.number(-1234.5, 1) == "-1,234.5"


def test_sizes_are_decimal() -> None:
    assert [wording.size(n) for n in (512, 43_000_000, 1_240_000_000, 212e9)] == [
        "512 B",
        "43.0 MB",
        "1.2 GB",
        "212 GB",
    ]
