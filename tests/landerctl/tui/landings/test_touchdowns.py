from __future__ import annotations

import pytest

from landerctl.tui.landings.touchdowns import (
    reach_m,
    rings_m,
    touchdown_caption,
    touchdown_lines,
)
from tests.landerctl.tui.landings.flights import flight

WIDTH, HEIGHT = 40, 20  # square: a cell is twice as high as wide
MIDDLE = (WIDTH // 2, HEIGHT // 2)


def drawn(*flights: object, chosen: int | None = None, zoom: float = 1.0) -> list[str]:
    return [line.plain for line in touchdown_lines(flights, chosen, zoom, WIDTH, HEIGHT)]  # type: ignore[arg-type]


def test_marks_stand_where_the_flights_ended() -> None:
    ends = [flight(6.0, 0.0), flight(0.0, 6.0, "crashed"), flight(-6.0, 0.0, "off_target")]
    lines = drawn(*ends)
    assert [len(line) for line in lines] == [WIDTH] * HEIGHT
    column, row = MIDDLE
    metres_per_column = reach_m(ends) / (WIDTH / 2)
    away = int(6.0 / metres_per_column)
    assert lines[row][column + away] == "•"
    assert lines[row][column - away - 1] == "■"
    assert lines[row - away // 2 - 1][column] == "✖"
    assert lines[row][column] == "+"


def test_a_failure_lies_above_a_landing_and_the_chosen_one_above_both() -> None:
    same = [flight(5.0, seed=1), flight(5.0, 0.0, "crashed", seed=2)]
    assert "✖" in "".join(drawn(*same))
    assert "•" not in "".join(drawn(*same))
    assert "•" in "".join(drawn(*same, chosen=1))


def test_the_chosen_one_is_marked_without_colour() -> None:
    ends = [flight(5.0, seed=1), flight(-5.0, seed=2)]
    spans = [span for line in touchdown_lines(ends, 2, 1.0, WIDTH, HEIGHT) for span in line.spans]
    assert sum("reverse" in str(span.style) for span in spans) == 1


def test_what_lies_outside_is_an_arrow_at_the_edge() -> None:
    # 19 of 20 within a metre: the last one does not compress them.
    ends = [flight(1.0, seed=k) for k in range(19)] + [flight(0.0, -50.0, "crashed")]
    lines = drawn(*ends)
    assert "⇓" in lines[-1]
    assert "1 beyond 1.2 m" in touchdown_caption(ends, 1.0)


def test_rings_are_round_and_within_the_drawing() -> None:
    assert rings_m(12.0) == [2.0, 5.0, 10.0]
    assert rings_m(1.3) == pytest.approx([0.2, 0.5, 1.0])
    assert any("10 m" in line for line in drawn(flight(10.0)))


def test_zoom_shows_what_is_nearer() -> None:
    ends = [flight(10.0), flight(0.5)]
    assert reach_m(ends, 4.0) == reach_m(ends) / 4.0


def test_the_caption_says_how_near_and_who_did_not_touch() -> None:
    ends = [flight(float(k)) for k in range(1, 21)]
    assert touchdown_caption(ends, 1.0) == "half within 10 m, 95% within 19 m"
    aloft = flight(900.0, 0.0, "timeout", touchdown_speed_m_s=None)
    assert touchdown_caption([*ends, aloft], 1.0).endswith("1 flight did not touch the ground")
    assert touchdown_caption([aloft], 1.0) == "no flight touched the ground"
    assert drawn(aloft)


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 2)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    assert len(touchdown_lines([flight(3.0)], None, 1.0, *size)) == (size[1] if size[0] else 0)
