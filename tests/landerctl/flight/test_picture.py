"""The side view: positions, scale, and that craft and pad are visible."""

from __future__ import annotations

import math
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from daemon.protocol.flight import FlightSample
from landerctl.flight.canvas import Canvas
from landerctl.flight.picture import EXHAUST, HULL, PAD, draw
from landerctl.flight.view import (
    LADDER,
    View,
    follow,
    foot_point,
    ground_height_m,
    nice_scale,
    overview,
)
from tests.landerctl.flight.flight_samples import BEGAN, descent, sample


def plain(lines: list[Text]) -> list[str]:
    return [line.plain for line in lines]


def test_a_cell_holds_eight_dots() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(0, 0, "")
    canvas.dot(1, 3, "")
    for x in (2, 3):
        for y in range(4):
            canvas.dot(x, y, "")
    canvas.dot(4, 0, "")  # outside
    canvas.dot(0, -1, "")
    assert plain(canvas.lines()) == ["⢁⣿"]


def test_a_cell_has_the_style_of_its_highest_layer() -> None:
    canvas = Canvas(1, 1)
    canvas.dot(0, 0, "red", 3)
    canvas.dot(0, 1, "blue", 1)
    assert canvas.lines()[0].spans[0].style == "red"


def test_lines_are_clipped_and_texts_stand_over_dots() -> None:
    canvas = Canvas(3, 1)
    canvas.line((-1e9, 1.0), (1e9, 1.0), "")
    assert plain(canvas.lines()) == ["⠒⠒⠒"]
    canvas.line((-5.0, -5.0), (-1.0, -9.0), "")
    canvas.write(1, 0, "abc", "")
    canvas.write(0, 5, "nowhere", "")
    assert plain(canvas.lines()) == ["⠒ab"]


@given(st.floats(1e-3, 1e6))
def test_scales_are_on_the_ladder_and_coarse_enough(needed: float) -> None:
    scale = nice_scale(needed)
    assert scale >= needed * (1.0 - 1e-6)
    assert any(math.isclose(scale, step * 10.0**power) for step in LADDER for power in range(-4, 8))


@given(
    st.floats(-25_000.0, 25_000.0),
    st.floats(0.0, 25_000.0),
    st.integers(24, 200),
    st.integers(8, 60),
)
def test_craft_and_pad_are_always_in_the_picture(
    along_m: float, altitude_m: float, columns: int, rows: int
) -> None:
    shown = sample(along_m, altitude_m)
    view = follow(BEGAN, [shown], columns, rows)
    foot = foot_point(BEGAN, shown)
    nose = (foot[0], foot[1] + BEGAN.nose_offset_m - BEGAN.foot_offset_m)
    for point in (foot, nose, (0.0, ground_height_m(BEGAN, 0.0))):
        x, y = view.dots(*point)
        assert 0.0 <= x < 2 * columns
        assert 0.0 <= y < 4 * rows
        assert view.along_m(x) == pytest.approx(point[0], abs=1e-6)
        assert view.height_m(y) == pytest.approx(point[1], abs=1e-6)


def test_the_picture_zooms_in_as_the_craft_descends_and_never_out() -> None:
    flown = descent()
    flown += [sample(0.0, 0.0, time_s=flown[-1].time_s + 0.1 * k) for k in range(1, 40)]
    scales = [
        follow(BEGAN, flown[: count + 1], 46, 22).metres_per_dot for count in range(len(flown))
    ]
    assert scales == sorted(scales, reverse=True)
    assert scales[0] >= 10.0
    assert scales[-1] <= 1.0


def test_a_small_craft_is_seen_as_closely_as_a_large_one() -> None:
    small = msgspec.structs.replace(
        BEGAN,
        nose_offset_m=4.0,
        thruster_offset_m=0.0,
        engine_offset_m=-1.5,
        foot_offset_m=-3.0,
        hull_radius_m=2.1,
        foot_radius_m=4.5,
    )
    landed = sample(0.0, 0.0)
    for began, tall_m in ((BEGAN, 52.5), (small, 7.0)):
        view = follow(began, [landed], 46, 22)
        assert 40.0 <= tall_m / view.metres_per_dot <= 60.0
        assert len(styled(draw(began, [landed], view), HULL)) > 20


def test_a_closer_view_must_last_before_it_is_taken() -> None:
    high, low = sample(0.0, 800.0, time_s=0.0), sample(0.0, 100.0, time_s=2.9)
    still_wide = follow(BEGAN, [high, low], 46, 22)
    assert still_wide.metres_per_dot == follow(BEGAN, [high], 46, 22).metres_per_dot
    later = sample(0.0, 100.0, time_s=3.1)
    assert follow(BEGAN, [high, low, later], 46, 22).metres_per_dot < still_wide.metres_per_dot


def test_the_overview_holds_the_whole_flight() -> None:
    flown = descent()
    view = overview(BEGAN, flown, 46, 22)
    for shown in flown:
        x, y = view.dots(*foot_point(BEGAN, shown))
        assert 0.0 <= x < 92
        assert 0.0 <= y < 88


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    for metres_per_dot in (1.0, 1.5, 7.0, 300.0):
        view = View(-50.0 * metres_per_dot, -5.0, metres_per_dot, 50, 20)
        last = plain(draw(BEGAN, [sample()], view))[-1]
        found = re.search(r"(├─*┤) ([\d,]+) m", last)
        assert found is not None
        metres = float(found[2].replace(",", ""))
        assert len(found[1]) * 2 * metres_per_dot == pytest.approx(metres, abs=metres_per_dot)


def test_height_labels_are_at_their_heights() -> None:
    view = View(-50.0, -10.0, 2.0, 50, 20)
    lines = plain(draw(BEGAN, [sample(0.0, 20.0)], view))
    labels = {
        row: found[1] for row, line in enumerate(lines) if (found := re.match(r"(\d+) m", line))
    }
    assert len(labels) >= 2
    for row, metres in labels.items():
        assert int(view.dots(0.0, float(metres))[1]) // 4 == row


def styled(lines: list[Text], style: str) -> set[tuple[int, int]]:
    """The cells (column, row) that are drawn in a style."""
    return {
        (column, row)
        for row, line in enumerate(lines)
        for span in line.spans
        if span.style == style
        for column in range(span.start, span.end)
    }


def close_up(**changes: object) -> tuple[View, list[Text]]:
    view = View(-60.0, -10.0, 1.0, 60, 30)
    return view, draw(BEGAN, [sample(0.0, 30.0, **changes)], view)


def test_the_hull_stands_between_engines_and_nose() -> None:
    view, lines = close_up(engine_thrust=(0.0,) * 3, landing_thrust=(0.0,) * 3)
    hull = styled(lines, HULL)
    rows = [row for _, row in hull]
    assert min(rows) == int(view.dots(0.0, 30.0 + 52.5)[1]) // 4
    assert max(rows) == int(view.dots(0.0, 30.0)[1]) // 4
    columns = [column for column, row in hull if row == min(rows) + 6]
    assert (max(columns) - min(columns) + 1) * 2 == pytest.approx(2 * BEGAN.hull_radius_m, abs=3.0)
    assert not styled(lines, EXHAUST)


def test_a_leaning_craft_is_drawn_leaning() -> None:
    lean = math.radians(30.0)
    view, lines = close_up(up_y=math.sin(lean), up_z=math.cos(lean), y_m=20.5 * math.sin(lean))
    x, y = view.dots(52.5 * math.sin(lean), 30.0 + 52.5 * math.cos(lean))
    hull = styled(lines, HULL)
    assert min(math.dist((2 * column, 4 * row), (x, y)) for column, row in hull) <= 5.0
    assert min(row for _, row in hull) == pytest.approx(y / 4.0, abs=1.5)
    assert max(column for column, _ in hull) >= x / 2.0 - 2.0


def test_more_thrust_shows_more_exhaust() -> None:
    def exhaust(thrust: float) -> int:
        shown = close_up(engine_thrust=(thrust,), landing_thrust=())[1]
        return len(styled(shown, EXHAUST))

    assert exhaust(0.0) == 0
    assert 0 < exhaust(0.4) < exhaust(1.0)


def test_ground_pad_and_path_are_drawn() -> None:
    flown = descent()
    view = overview(BEGAN, flown, 46, 22)
    lines = draw(BEGAN, flown, view)
    pad = {column for column, _ in styled(lines, PAD)}
    assert int(view.dots(0.0, 0.0)[0]) // 2 in pad
    assert any(" pad " in line for line in plain(lines))
    path = styled(lines, "cyan")
    for shown in flown[: len(flown) // 2]:
        x, y = view.dots(*foot_point(BEGAN, shown))
        assert any(
            (int(x) // 2 + i, int(y) // 4 + j) in path for i in (-1, 0, 1) for j in (-1, 0, 1)
        )


def test_the_ground_is_linear_between_points_and_level_beyond() -> None:
    assert ground_height_m(BEGAN, 55.0) == pytest.approx(0.55)
    assert ground_height_m(BEGAN, -5000.0) == -10.0
    assert ground_height_m(BEGAN, 5000.0) == 10.0


def test_a_craft_seen_end_on_is_drawn() -> None:
    _, lines = close_up(up_x=1.0, up_z=0.0)
    assert styled(lines, HULL)


def test_samples_of_one_place_draw_no_path() -> None:
    still: list[FlightSample] = [sample(60.0, 0.0, time_s=0.1 * k) for k in range(50)]
    assert not styled(draw(BEGAN, still, overview(BEGAN, still, 46, 22)), "cyan")
