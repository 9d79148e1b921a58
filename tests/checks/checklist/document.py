"""Reads the production checklist: every bullet, numbered step and table row, in order."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "production-checklist.md"
_ITEM = re.compile(r"\s*(?:-|\d+\.)\s+(?:\[ \]\s+)?(.*)")
_FIELD = re.compile(r"\*\*(.+?):\*\*\s*_*$")


def read_document() -> list[tuple[str, str]]:
    """The heading and the text of each item; marks of emphasis and ticks are removed."""
    items: list[tuple[str, str]] = []
    heading, in_code, rows = "", False, 0
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif in_code:
            continue
        elif line.startswith("#"):
            heading, rows = line.lstrip("# ").strip(), 0
        elif line.startswith("|"):
            rows += 1
            if rows > 2:  # below its head and the line under it
                items.append(
                    (heading, " | ".join(cell.strip() for cell in line.strip("|").split("|")))
                )
        elif (found := _ITEM.fullmatch(line)) or (found := _FIELD.fullmatch(line)):
            items.append((heading, found[1].replace("**", "").lstrip("✓✅ ").strip()))
    return items
