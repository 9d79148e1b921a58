"""One lander, two landers; and no message elsewhere that says "1 landers"."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.base.text.counted import counted

ROOT = Path(__file__).parents[4]
TABLE = ROOT / "checks" / "checklist" / "table"  # its texts name settings, which count nothing
# "(s)" in a text, or a whole number before a plural that is not made by `counted`.
COUNTS = re.compile(
    r"\} [\w ]*\(s\)|"
    r"\{(?:len\([^}]*\)|[\w.]*(?:n_envs|episodes|count|counts)|sum\([^}]*\))(?::,)?\} "
    r"(?:\w+ )?(?:landers|episodes|backups|samples|faults|targets|notices|runs|checkpoints)\b"
)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (24_000, "24,000 steps")]
)
def test_a_noun_follows_its_number(count: int, text: str) -> None:
    assert counted(count, "step") == text


def test_an_irregular_plural() -> None:
    assert counted(2, "entry", "entries") == "2 entries"


def test_every_message_with_a_count_is_made_by_the_one_function() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in ("checks", "daemon", "landerctl")  # env is a library of its own
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.parent != TABLE
        for match in COUNTS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
