"""docs/golive.md has the map of now."""

from __future__ import annotations

import pytest

from checks.checklist.golive.page import BEGIN, END, PAGE, with_map


def test_the_map_is_current() -> None:
    content = PAGE.read_text(encoding="utf-8")
    command = "run `python -m checks.checklist.golive.page`"
    assert content == with_map(content), command
    assert "| All pre-production tests passed | **drill environment**: `environment.creates`" in (
        content
    )


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the map"):
        with_map(f"{END} {BEGIN}")
