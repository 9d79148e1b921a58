"""A small picture of an evaluation's touchdowns around the pad, from above, for TensorBoard.

Drawn with Pillow: importing matplotlib, as `landerctl plot` does, costs the trainer a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from env.fleet import Episode
from env.task.reward import Outcome

SIZE_PX = 350  # TensorBoard shows this width unscaled
REACH_M = 25.0  # from the pad to each edge
RINGS_M = (5.0, 10.0, 20.0)
HEAD_PX = 48  # three lines of text above
_SCALE = 2  # drawn larger, then reduced: smooth edges
_PX_PER_M = SIZE_PX * _SCALE / (2.0 * REACH_M)
# The colours of landerctl/plots/style.py: Okabe and Ito, Color Universal Design (2008).
COLOURS = {
    Outcome.LANDED: "#0072b2",
    Outcome.HARD_LANDING: "#e69f00",
    Outcome.OFF_TARGET: "#cc79a7",
    Outcome.CRASHED: "#d55e00",
    Outcome.ABORTED: "#1a1a1a",
    Outcome.TIMEOUT: "#009e73",
}
_INK, _QUIET, _FAINT = "#1a1a1a", "#6b6b6b", "#d0d0d0"


def touchdown_picture(episodes: Sequence[Episode]) -> npt.NDArray[np.uint8]:
    """Where episodes that touched the ground ended, x to the right: RGB (height, width, 3).

    A disc landed, a cross crashed, a square is anything else. The head counts the outcomes, and
    what is beyond the edge.
    """
    touched = [one for one in episodes if one.touchdown_speed_m_s > 0.0]
    size = SIZE_PX * _SCALE
    plan = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(plan)
    label = ImageFont.load_default(11 * _SCALE)
    for ring in RINGS_M:
        draw.ellipse(_box(0.0, 0.0, ring * _PX_PER_M), outline=_FAINT, width=_SCALE)
        draw.text(_at(ring * 0.71, ring * 0.71), f"{ring:g} m", _QUIET, label)
    draw.line([_at(-1.0, 0.0), _at(1.0, 0.0)], _INK, _SCALE)
    draw.line([_at(0.0, -1.0), _at(0.0, 1.0)], _INK, _SCALE)
    for one in touched:
        _mark(draw, one)
    picture = Image.new("RGB", (SIZE_PX, SIZE_PX + HEAD_PX), "white")
    picture.paste(plan.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX), (0, HEAD_PX))
    _write_head(ImageDraw.Draw(picture), episodes, touched)
    return np.asarray(picture)


def _mark(draw: ImageDraw.ImageDraw, one: Episode) -> None:
    colour, radius_px = COLOURS[one.outcome], 3 * _SCALE
    left, top, right, bottom = _box(one.x_m, one.y_m, radius_px)
    if one.outcome is Outcome.LANDED:
        draw.ellipse((left, top, right, bottom), colour, "white", _SCALE // 2)
    elif one.outcome is Outcome.CRASHED:
        draw.line([(left, top), (right, bottom)], colour, 2 * _SCALE)
        draw.line([(left, bottom), (right, top)], colour, 2 * _SCALE)
    else:
        draw.rectangle((left, top, right, bottom), colour, "white", _SCALE // 2)


def _write_head(
    draw: ImageDraw.ImageDraw, episodes: Sequence[Episode], touched: Sequence[Episode]
) -> None:
    font = ImageFont.load_default(11)
    beyond = sum(max(abs(one.x_m), abs(one.y_m)) > REACH_M for one in touched)
    outside = f", {beyond} beyond the edge" if beyond else ""
    text = f"{len(touched)} of {len(episodes)} touched the ground{outside}"
    draw.text((6, 2), text, _INK, font)
    left, top = 6.0, 17
    for outcome, colour in COLOURS.items():
        if count := sum(one.outcome is outcome for one in episodes):
            text = f"{outcome.name.lower().replace('_', ' ')} {count}"
            width = font.getlength(text)
            if left + width > SIZE_PX:
                left, top = 6.0, 32
            draw.text((left, top), text, colour, font)
            left += width + 9.0


def _at(x_m: float, y_m: float) -> tuple[float, float]:
    """The pixel of a position; y grows upwards."""
    middle = SIZE_PX * _SCALE / 2.0
    return middle + x_m * _PX_PER_M, middle - y_m * _PX_PER_M


def _box(x_m: float, y_m: float, radius_px: float) -> tuple[float, float, float, float]:
    """Around a position."""
    x, y = _at(x_m, y_m)
    return x - radius_px, y - radius_px, x + radius_px, y + radius_px
