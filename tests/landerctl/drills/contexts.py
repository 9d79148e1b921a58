"""What a drill is given, in a test."""

from __future__ import annotations

from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import load_config
from landerctl.drills.model import DrillContext

Reported = list[tuple[str, float]]


def drill_context(folder: Path, reported: Reported | None = None) -> DrillContext:
    """A drill's context in an empty home; `reported` collects its progress."""
    home, scratch = folder / "home", folder / "scratch"
    home.mkdir()
    scratch.mkdir()
    kept = [] if reported is None else reported

    def report(text: str, share: float) -> None:
        kept.append((text, share))

    return DrillContext(StatePaths(home), load_config(None).config, scratch, report)
