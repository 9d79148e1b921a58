"""The picture of an evaluation's touchdowns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from daemon.trainer.evaluation.touchdown_picture import (
    COLOURS,
    HEAD_PX,
    REACH_M,
    SIZE_PX,
    touchdown_picture,
)
from env.task.reward import Outcome
from landerctl.plots.style import OUTCOMES
from tests.daemon.trainer.test_metrics import LANDED, LATE


def pixel(picture: npt.NDArray[np.uint8], x_m: float, y_m: float) -> tuple[int, ...]:
    column = round((x_m + REACH_M) / (2 * REACH_M) * SIZE_PX)
    row = HEAD_PX + round((REACH_M - y_m) / (2 * REACH_M) * SIZE_PX)
    return tuple(int(part) for part in picture[row, column])


def test_landings_are_where_they_ended() -> None:
    landed = replace(LANDED, x_m=12.0, y_m=-7.0, touchdown_speed_m_s=1.0)
    crashed = replace(landed, x_m=-12.0, outcome=Outcome.CRASHED)
    picture = touchdown_picture([landed, crashed, replace(LATE, x_m=0.0, y_m=15.0)])
    assert picture.shape == (SIZE_PX + HEAD_PX, SIZE_PX, 3)
    assert picture.dtype == np.uint8
    assert pixel(picture, 12.0, -7.0) == ImageColor.getrgb(COLOURS[Outcome.LANDED])
    assert pixel(picture, -12.0, -7.0) == ImageColor.getrgb(COLOURS[Outcome.CRASHED])
    assert pixel(picture, 0.0, 15.0) == (255, 255, 255)  # it never touched the ground


def test_nothing_flown_is_an_empty_plan() -> None:
    assert touchdown_picture([]).shape == (SIZE_PX + HEAD_PX, SIZE_PX, 3)


def test_colours_are_those_of_the_plots() -> None:
    assert {outcome.name.lower(): colour for outcome, colour in COLOURS.items()} == {
        name: style.colour for name, style in OUTCOMES.items()
    }
