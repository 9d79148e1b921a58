from __future__ import annotations

import pytest

from landerctl.tui.landings.descents import LABEL_CELLS, MAX_LANDED, descent_lines
from tests.landerctl.tui.landings.flights import flight

WIDTH, HEIGHT = 60, 20
BLANKS = {" ", "\u2800"}


def drawn(*flights: object, chosen: int | None = None, zoom: float = 1.0) -> list[str]:
    return [line.plain for line in descent_lines(flights, chosen, zoom, WIDTH, HEIGHT)]  # type: ignore[arg-type]


def inked(line: str) -> list[int]:
    return [k for k, sign in enumerate(line) if k >= LABEL_CELLS and sign not in BLANKS]


def test_a_flight_goes_from_the_upper_left_to_the_pad() -> None:
    lines = drawn(flight())
    assert [len(line) for line in lines] == [WIDTH] * HEIGHT
    above_ground = [inked(line) for line in lines[:-3]]
    columns = [row[0] for row in above_ground if row]
    assert columns == sorted(columns)
    assert columns[0] < LABEL_CELLS + 6
    assert columns[-1] > WIDTH - 12


def test_axes_have_round_metres_and_the_pad() -> None:
    lines = drawn(flight())
    text = "\n".join(lines)
    for label in (" 0 m ", " 100 m ", " 200 m ", " 400 m "):
        assert label in text
    assert "pad" in lines[-1]
    assert "100 m" in lines[-1]
    high = "\n".join(drawn(flight(path=((4_000.0, 4_500.0), (0.0, 0.0)))))
    for label in (" 1 km ", " 2 km "):
        assert label in high


def test_a_failure_is_dashed_and_marked_at_its_end() -> None:
    landed, failed = drawn(flight()), drawn(flight(outcome="crashed"))
    assert sum(map(len, map(inked, failed))) < sum(map(len, map(inked, landed)))
    assert "✖" in "".join(failed)
    assert "✖" not in "".join(landed)


def test_the_chosen_flight_is_thick_and_above_the_others() -> None:
    others = [flight(seed=1), flight(seed=2, path=((300.0, 100.0), (0.0, 0.0)))]
    spans = [span for line in descent_lines(others, 2, 1.0, WIDTH, HEIGHT) for span in line.spans]
    assert any("$accent" in str(span.style) for span in spans)
    assert "•" in "".join(drawn(*others, chosen=2))


def test_only_some_of_many_landings_are_drawn() -> None:
    # Apart from each other: each has a row of its own where it starts.
    many = [
        flight(seed=k, path=((300.0, 10.0 * k + 10.0), (290.0, 10.0 * k + 10.0))) for k in range(60)
    ]
    lines = [line.plain for line in descent_lines(many, None, 1.0, WIDTH, 200)]
    assert sum(bool(inked(line)) for line in lines) <= MAX_LANDED + 2  # ground and labels


def test_zoom_shows_the_last_part() -> None:
    text = "\n".join(drawn(flight(), zoom=4.0))
    assert "100 m" in text
    assert "200 m" not in text


@pytest.mark.parametrize("size", [(0, 0), (9, 2), (10, 3), (30, 1)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    assert len(descent_lines([flight()], 7, 1.0, *size)) == size[1]
    assert len(descent_lines([], None, 1.0, *size)) == size[1]
