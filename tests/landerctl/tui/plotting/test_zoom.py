from __future__ import annotations

import pytest

from landerctl.tui.plotting.zoom import panned, zoomed

WHOLE = (100.0, 200.0)


def test_what_is_under_the_pointer_stays_there() -> None:
    assert zoomed(WHOLE, WHOLE, 2.0, 0.5) == (125.0, 175.0)
    assert zoomed(WHOLE, WHOLE, 2.0, 0.0) == (100.0, 150.0)
    assert zoomed((125.0, 175.0), WHOLE, 2.0, 1.0) == (150.0, 175.0)


def test_zooming_out_ends_at_the_whole() -> None:
    assert zoomed((125.0, 175.0), WHOLE, 0.5, 0.5) is None
    assert zoomed((100.0, 120.0), WHOLE, 0.5, 0.5) == (100.0, 140.0)


def test_there_is_an_end_to_zooming_in() -> None:
    view: tuple[float, float] | None = WHOLE
    for _ in range(100):
        assert view is not None
        view = zoomed(view, WHOLE, 1.5, 0.5)
    assert view is not None
    assert view[1] - view[0] == pytest.approx(0.01)


def test_panning_stays_within_the_whole() -> None:
    assert panned((120.0, 140.0), WHOLE, 0.25) == (125.0, 145.0)
    assert panned((120.0, 140.0), WHOLE, -9.0) == (100.0, 120.0)
    assert panned((120.0, 140.0), WHOLE, 9.0) == (180.0, 200.0)
