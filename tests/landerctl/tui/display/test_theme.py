"""The themes in a terminal of 256 colours."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem
from textual.theme import Theme

from landerctl.tui.display.theme import THEMES


def _nearest(color: str) -> int | None:
    return Color.parse(color).downgrade(ColorSystem.EIGHT_BIT).number


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_borders_and_cursors_stay_visible(theme: Theme) -> None:
    """A dark colour with a hue becomes black there: it must be nearly grey."""
    around = {_nearest(color) for color in (theme.background, theme.surface) if color}
    lines = ("border", "scrollbar", "block-cursor-background", "block-cursor-blurred-background")
    for name in lines:
        assert _nearest(theme.variables[name]) not in around, name
    assert _nearest(str(theme.panel)) not in around
