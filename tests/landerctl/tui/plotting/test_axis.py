from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landerctl.tui.plotting.axis import (
    Axis,
    axis_label,
    growing_limits,
    log_limits,
    nice_limits,
    time_ticks,
    value_ticks,
)

VALUES = st.lists(st.floats(-1e9, 1e9).filter(lambda v: v == 0.0 or abs(v) > 1e-9), max_size=30)


@given(VALUES, st.booleans())
def test_limits_hold_every_value_and_zero_if_asked(values: list[float], from_zero: bool) -> None:
    low, high = nice_limits(values, from_zero=from_zero)
    assert low < high
    held = [*values, 0.0] if from_zero else values
    assert all(low <= value <= high for value in held)


def test_a_narrow_range_far_from_zero_fills_the_axis() -> None:
    low, high = nice_limits([200.0, 212.0], from_zero=False)
    assert 198.0 < low < 200.0
    assert 212.0 < high < 214.0
    assert nice_limits([20.0, 100.0], from_zero=False)[0] == 0.0
    assert nice_limits([5.0, 5.0], from_zero=False) == (4.5, 5.5)


def test_limits_seldom_move() -> None:
    limits = {nice_limits([0.0, 600.0 + index]) for index in range(100)}
    assert len(limits) <= 5


@given(st.floats(0.0, 1e8), st.floats(1.0, 1e8))
def test_an_axis_grows_in_steps(start: float, span: float) -> None:
    low, high = growing_limits(start, start + span)
    assert low == start
    assert start + span <= high <= start + span * 1.04


def test_a_growing_axis_moves_a_hundred_times_while_the_run_doubles() -> None:
    ends = {growing_limits(0.0, float(steps))[1] for steps in range(1_000_000, 2_000_000, 1000)}
    assert 30 < len(ends) < 130


@given(VALUES)
def test_logarithmic_limits_hold_what_is_above_zero(values: list[float]) -> None:
    limits = log_limits(values)
    above = [value for value in values if value > 0.0]
    if limits is None:
        assert not above
    else:
        assert all(limits[0] <= value <= limits[1] for value in above)


def test_places_on_an_axis() -> None:
    assert Axis(10.0, 20.0).place(15.0) == 0.5
    log = Axis(1.0, 100.0, log=True)
    assert log.place(10.0) == pytest.approx(0.5)
    assert log.place(0.0) is None


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e7), st.integers(2, 12))
def test_ticks_are_few_enough_and_within(low: float, span: float, most: int) -> None:
    axis = Axis(low, low + span)
    ticks = value_ticks(axis, most)
    assert len(ticks) <= most
    assert all(low - span * 1e-6 <= tick.at <= low + span * (1 + 1e-6) for tick in ticks)


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        (Axis(0.0, 100.0), ["0", "20", "40", "60", "80", "100"]),
        (Axis(0.0, 1.2), ["0", "0.25", "0.5", "0.75", "1"]),
        (Axis(0.0, 13.4e6), ["0", "2.5M", "5M", "7.5M", "10M", "12.5M"]),
        (Axis(0.0001, 0.0004), ["0.0001", "0.0002", "0.0003", "0.0004"]),
        (Axis(-1e-7, 1e-7), ["-1e-07", "-5e-08", "0", "5e-08", "1e-07"]),
        (Axis(0.0008, 12.0, log=True), ["0.001", "0.01", "0.1", "1", "10"]),
        (Axis(2.0, 60.0, log=True), ["2", "5", "10", "20", "50"]),
    ],
)
def test_labels(axis: Axis, labels: list[str]) -> None:
    assert [tick.label for tick in value_ticks(axis, 6)] == labels


def test_labels_of_shares_have_their_sign() -> None:
    ticks = value_ticks(Axis(-3.0, 103.0), 3, "%")
    assert [tick.label for tick in ticks] == ["0%", "50%", "100%"]


def test_axis_labels_have_no_trailing_zeros() -> None:
    assert [axis_label(v) for v in (0, 250_000, 1_500_000, 2_000_000, -200)] == [
        "0",
        "250k",
        "1.5M",
        "2M",
        "-200",
    ]


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-1")  # an hour ahead of UTC
    time.tzset()


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("span_s", "labels"),
    [
        (60.0, ["01:00:00", "01:00:15", "01:00:30", "01:00:45", "01:01:00"]),
        (3600.0 * 2, ["01:00", "01:30", "02:00", "02:30", "03:00"]),
        (86400.0, ["06:00", "12:00", "18:00", "02 Jan"]),
        (86400.0 * 4, ["02 Jan", "03 Jan", "04 Jan", "05 Jan"]),
    ],
)
def test_times_are_at_round_local_times(span_s: float, labels: list[str]) -> None:
    assert [tick.label for tick in time_ticks(Axis(0.0, span_s), 5)] == labels
