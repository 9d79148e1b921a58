from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landerctl.tui.plotting.canvas import Canvas

PLACES = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))


def text(canvas: Canvas) -> list[str]:
    return ["".join(run for run, _ in row) for row in canvas.rows()]


def test_dots_are_the_bits_of_braille() -> None:
    canvas = Canvas(2, 1)
    canvas.dot(0, 0, "a")
    canvas.dot(3, 3, "b")
    canvas.dot(9, 9, "a")  # outside
    assert canvas.rows() == ((("⠁", "a"), ("⢀", "b")),)


def test_lines_connect_their_points() -> None:
    canvas = Canvas(2, 1)
    canvas.line([(0, 0), (3, 3)], "a")
    assert text(canvas) == ["⠑⢄"]


def test_dashes_leave_dots_out() -> None:
    canvas = Canvas(4, 1)
    canvas.line([(0, 0), (7, 0)], "a", (2, 2))
    assert text(canvas) == ["⠉ ⠉ "]


def test_text_is_above_what_was_drawn_before_and_below_what_is_drawn_after() -> None:
    canvas = Canvas(4, 1)
    canvas.line([(0, 0), (7, 0)], "line")
    canvas.text(1, 0, "ab", "text")
    canvas.dot(4, 0, "line")
    assert canvas.rows() == ((("⠉", "line"), ("a", "text"), ("⠁⠉", "line")),)


@given(st.lists(PLACES, max_size=6))
def test_lines_of_any_length_stay_inside_and_end(points: list[tuple[float, float]]) -> None:
    canvas = Canvas(7, 3)
    canvas.line(points, "a")
    assert all(len(row) == 7 for row in text(canvas))


def test_a_line_through_the_canvas_is_clipped_where_it_leaves() -> None:
    inside, beyond = Canvas(3, 2), Canvas(3, 2)
    inside.line([(0, 2), (5, 2)], "a")
    beyond.line([(-100_000, 2), (100_000, 2)], "a")
    assert inside.rows() == beyond.rows()
