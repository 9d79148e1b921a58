"""The page is current, and every measure is one: a statistic, a window and a threshold."""

from __future__ import annotations

import re

import pytest

from checks.checklist.model import Drill, Line, Live
from checks.checklist.page import render_page
from checks.checklist.table.all import LINES
from tests.daemon.harness import ROOT

# Words of the document that leave it to a person to look at a curve and decide.
VAGUE = re.compile(
    r"(?<![\w-])(stable|remains?|reasonable|manageable|trend(s|ing)?|improving|continuous|degrade|"
    r"predictable|(?<!or )better|competitive|leaks?|smoothness|repeatedly|"
    r"diverges|linear|sustained)"
    r"(?![\w-])",
    re.IGNORECASE,
)
# Those that decide nothing in a measure, except as a part of an id: `burn-in.memory-stable`.
FORBIDDEN = re.compile(
    r"(?<![\w.-])(stable|trending|reasonable|manageable|normal|acceptable|adequate|sufficient|"
    r"roughly|approximately|as expected|healthy|good enough)(?![\w-])",
    re.IGNORECASE,
)
# Where a review is asked for a figure, that it has it is the threshold.
NEEDED = {
    "threshold": r"\d|\{\w|\bno\b|none\b|\bthan\b|not (below|above)|\brules? `|alert rule|fires\b|"
    r"divergence\.|review (has|compares)\b",
    "statistic": r"slope|mean|median|largest|count|rate|difference|fall|fits?|last value|interval|"
    r"fewer|never|crash|review|memory|sign of|fires\b|`\w+/\w+`",
    "window": r"\bover\b|\bof the\b|last|newest|after|within|\b(at|in) the\b|each|consecutive|"
    r"\bsteps\b|fires\b",
}


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8") == render_page(), (
        "run: python -m checks.checklist.page > docs/checklist.md"
    )


def test_every_line_is_on_the_page_once() -> None:
    page = render_page()
    for line in LINES:
        assert page.count(f"\n| `{line.id}`") == 1


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_no_measure_leaves_the_decision_to_a_word(line: Line) -> None:
    found = FORBIDDEN.search(line.measure)
    assert not found, f"{found[0]!r} decides nothing: name the statistic, window and threshold"
    if isinstance(line.judge, Live | Drill) and VAGUE.search(line.text):
        for what, pattern in NEEDED.items():
            assert re.search(pattern, line.measure, re.IGNORECASE), f"no {what}: {line.measure}"
