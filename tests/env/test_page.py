"""docs/environment.md matches the code."""

from __future__ import annotations

from pathlib import Path

from env.page import render_environment_page

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    assert written == render_environment_page(), "run: python -m env.page > docs/environment.md"
