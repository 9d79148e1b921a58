"""The report in Markdown."""

from __future__ import annotations

import re
from itertools import pairwise

from landerctl.report.content import build
from landerctl.report.markdown import render
from tests.landerctl.report.materials import good, hostile


def test_hostile_texts_are_no_markup() -> None:
    content = render(build(hostile()))
    assert not re.search(r"(?<!\\)<", content)
    assert not re.search(r"(?<!\\)\]\(", content)
    assert "\n# big" not in content


def test_every_row_of_a_table_has_its_head_s_cells() -> None:
    for material in (good(), hostile()):
        lines = render(build(material)).splitlines()
        cells = [len(re.findall(r"(?<!\\)\|", line)) for line in lines]
        for before, after in pairwise(cells):
            assert not (before and after) or before == after


def test_it_says_the_verdict_first() -> None:
    lines = render(build(good())).splitlines()
    assert lines[2].startswith("**GO** with 1 loosened threshold: burn\\_in\\_h = 0.2")
