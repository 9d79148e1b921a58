"""The figures below the picture, the map in its corner, and the verdict at the end."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from env.rendering.camera import Camera
from env.rendering.frame import Frame, verdict
from env.rendering.ground import heights_between

SHARE = 0.155  # of the picture's height
BACK, LINE, LABEL, FIGURE = (10, 12, 18), (58, 64, 78), (138, 146, 162), (240, 243, 248)
GOOD, BAD, ACCENT = (96, 214, 132), (255, 104, 92), (255, 190, 92)
MAP_POINTS = 120
MAP_WIDTH, MAP_HEIGHT = 0.235, 0.19  # of the picture
LABELS = ("ALTITUDE", "DESCENT", "SIDEWAYS", "TO THE PAD", "TILT")


class Panel:
    """Draws figures for pictures of one size."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._top = height - round(SHARE * height)
        self._small = _font(0.024 * height)
        self._large = _font(0.044 * height)
        self._huge = _font(0.085 * height)
        self._columns = [round(width * (0.025 + 0.125 * k)) for k in range(len(LABELS))]
        self._bars = round(width * 0.645)
        self._back = self._empty()

    def draw(self, image: Image.Image, frame: Frame, camera: Camera) -> None:
        """Draw the figures of `frame` into `image`."""
        image.paste(self._back, (0, self._top))
        pen = ImageDraw.Draw(image)
        at = frame.telemetry
        figures = (
            _length(at.altitude_m),
            f"{round(at.descent_rate_m_s, 1) + 0.0:.1f} m/s",  # no -0.0
            f"{at.horizontal_speed_m_s:.1f} m/s",
            _length(at.distance_m),
            f"{at.tilt_deg:.1f}°",
        )
        figure_y = self._top + 0.44 * (self._height - self._top)
        for x, figure in zip(self._columns, figures, strict=True):
            pen.text((x, figure_y), figure, FIGURE, self._large)
        low_propellant = at.propellant_fraction < 0.1
        self._bar(pen, 0, "PROPELLANT", (at.propellant_fraction,), BAD if low_propellant else GOOD)
        self._bar(pen, 1, "ENGINES", at.engine_thrust, ACCENT)
        if at.landing_thrust:
            self._bar(pen, 2, "THRUSTERS", at.landing_thrust, ACCENT)
        pen.text(
            (self._width * 0.975, figure_y),
            f"T+{at.time_s:.1f} s",
            FIGURE,
            self._large,
            anchor="ra",
        )
        self._map(pen, frame)
        if frame.episode is not None:
            self._verdict(pen, *verdict(frame.episode), good=frame.episode.success)

    def _empty(self) -> Image.Image:
        """The panel without figures."""
        tall = self._height - self._top
        back = Image.new("RGB", (self._width, tall), BACK)
        pen = ImageDraw.Draw(back)
        pen.line([(0, 0), (self._width, 0)], LINE)
        for x, label in zip(self._columns, LABELS, strict=True):
            pen.text((x, 0.17 * tall), label, LABEL, self._small)
        pen.text((self._width * 0.975, 0.17 * tall), "TIME", LABEL, self._small, anchor="ra")
        return back

    def _row(self, row: int) -> float:
        """The middle of a bar, as a share of the panel's height."""
        return 0.23 + 0.28 * row

    def _bar(
        self,
        pen: ImageDraw.ImageDraw,
        row: int,
        label: str,
        shares: tuple[float, ...],
        colour: tuple[int, int, int],
    ) -> None:
        """A label, and one bar for each share, above each other."""
        tall = self._height - self._top
        left, right = self._bars + 0.10 * self._width, self._bars + 0.19 * self._width
        whole = 0.19 * tall
        middle = self._top + self._row(row) * tall
        pen.text((self._bars, middle), label, LABEL, self._small, anchor="lm")
        each = whole / len(shares)
        for k, share in enumerate(shares):
            top = middle - whole / 2.0 + k * each
            bottom = top + each - (1.5 if len(shares) > 1 else 0.0)
            pen.rectangle((left, top, right, bottom), LINE)
            if share > 0.005:
                end = left + (right - left) * min(share, 1.0)
                pen.rectangle((left, top, end, bottom), colour)

    def _map(self, pen: ImageDraw.ImageDraw, frame: Frame) -> None:
        """The profile from the pad to beyond the craft, at one scale for both axes."""
        at = frame.telemetry
        wide, tall = MAP_WIDTH * self._width, MAP_HEIGHT * self._height
        left, upper = self._width * 0.985 - wide, 0.03 * self._height
        away_x, away_y = np.cos(frame.bearing_rad), np.sin(frame.bearing_rad)
        along = at.x_m * away_x + at.y_m * away_y
        height = at.altitude_m + at.ground_height_m
        span = max(abs(along) * 1.25, height * 1.3 * wide / tall, 120.0)
        scale = wide / span
        # The pad is at the right, the start at the left.
        pad_x = left + wide * (0.88 if along > -0.1 * span else 0.12)
        first, last = (pad_x - left) / scale, (pad_x - left - wide) / scale
        heights = np.empty(MAP_POINTS)
        heights_between(
            frame.ground.ground.maps,
            frame.ground.site,
            first * away_x,
            first * away_y,
            last * away_x,
            last * away_y,
            heights,
        )
        floor = upper + 0.86 * tall
        pen.rectangle((left, upper, left + wide, upper + tall), BACK, LINE)
        xs = np.linspace(left + 1, left + wide - 1, MAP_POINTS)
        ys = np.clip(floor - scale * heights, upper + 1, upper + tall - 2)
        outline = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        bottom = upper + tall - 1
        pen.polygon([*outline, (xs[-1], bottom), (xs[0], bottom)], fill=(74, 74, 76))
        pen.line(outline, (150, 150, 150))
        pen.line([(pad_x - 5, floor + 2), (pad_x + 5, floor + 2)], ACCENT, 3)
        x, y = pad_x - scale * along, floor - scale * height
        x, y = min(max(x, left + 4), left + wide - 4), min(max(y, upper + 4), upper + tall - 4)
        speed = -(at.velocity_x_m_s * away_x + at.velocity_y_m_s * away_y)
        norm = max(float(np.hypot(speed, at.descent_rate_m_s)), 1.0)
        tip = (x + 20.0 * speed / norm, y + 20.0 * at.descent_rate_m_s / norm)
        pen.line([(x, y), tip], ACCENT, 1)
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), FIGURE)

    def _verdict(self, pen: ImageDraw.ImageDraw, outcome: str, why: str, *, good: bool) -> None:
        x, y = 0.025 * self._width, 0.30 * self._height
        wide = max(pen.textlength(outcome, self._huge), pen.textlength(why, self._small))
        pen.rectangle((0, y, 2.0 * x + wide, y + 0.155 * self._height), BACK)
        pen.text((x, y + 0.055 * self._height), outcome, GOOD if good else BAD, self._huge, "lm")
        pen.text((x, y + 0.125 * self._height), why, FIGURE, self._small, "lm")


def _length(metres: float) -> str:
    if abs(metres) >= 10_000.0:
        return f"{metres / 1000.0:.1f} km"
    return f"{metres:,.0f} m" if abs(metres) >= 100.0 else f"{metres:.1f} m"


def _font(pixels: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(pixels, 9.0))
