"""Digests of the sources that fixed lines name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from checks.checklist.model import Fixed, Line

ROOT = Path(__file__).parents[3]


def source_digests(lines: Sequence[Line], root: Path = ROOT) -> dict[str, str]:
    """By the id of each fixed line: a digest of its sources; without one where they are missing."""
    found: dict[str, str] = {}
    for line in lines:
        if isinstance(line.judge, Fixed):
            digest = _digest(line.judge.sources, root)
            if digest:
                found[line.id] = digest
    return found


def _digest(sources: Sequence[str], root: Path) -> str:
    content = hashlib.sha256()
    for source in sources:
        path = root / source
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        if not files:
            return ""
        for file in files:
            content.update(f"{file.relative_to(root)}\n".encode())
            content.update(file.read_bytes())
    return content.hexdigest()
