"""The rollback procedure as docs/rollback.md has it: commands, and the events that follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from daemon.store.catalogs.event_catalog import CATALOGUE

PAGE = Path(__file__).parents[3] / "docs" / "rollback.md"
_STEP = re.compile(r"^\| \d+\. .*\|$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Procedure:
    """What the page's table of steps names. An id is written as `ID`."""

    commands: tuple[str, ...]
    events: tuple[str, ...]


def read_procedure(page: Path = PAGE) -> Procedure | None:
    """The page's procedure; None without the page, as outside a checkout. Raises OSError."""
    try:
        text = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    codes = [code for step in _STEP.findall(text) for code in _CODE.findall(step)]
    return Procedure(
        tuple(code for code in codes if code.startswith("landerctl ")),
        tuple(code for code in codes if code in CATALOGUE),
    )
