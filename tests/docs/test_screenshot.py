"""The picture of the screen is of today's screen."""

from __future__ import annotations

import html
import re

from landerctl.tui.widgets.panels.checkpoints import COLUMNS
from tests.daemon.harness import ROOT

TEXT = re.compile(r'<text class="([\w-]+)" x="[\d.]+" y="([\d.]+)"[^>]*>([^<]*)</text>')


def test_the_picture_has_the_tables_columns() -> None:
    """Else: python docs/make_screenshot.py HOME docs/screenshot.svg, on a running training."""
    picture = (ROOT / "docs" / "screenshot.svg").read_text(encoding="utf-8")
    texts = [
        (style, y, html.unescape(text).replace("\xa0", " ").strip())
        for style, y, text in TEXT.findall(picture)
    ]
    style, y = next((style, y) for style, y, text in texts if text == COLUMNS[0])
    shown = {text for other, at, text in texts if (other, at) == (style, y) and text}
    assert len(shown) > 1
    assert shown <= {*COLUMNS}
