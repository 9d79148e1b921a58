"""The judge of each line that is judged live."""

from __future__ import annotations

from checks.checklist.judge import LiveJudge

JUDGES: dict[str, LiveJudge] = {}
