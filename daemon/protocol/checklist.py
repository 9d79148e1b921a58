"""What the checklist's own process reports to the daemon. Times are Unix seconds."""

from __future__ import annotations

import msgspec


class Turned(msgspec.Struct, frozen=True):
    """A line whose state differs from that of the judgement before."""

    id: str
    before: str
    now: str
    text: str  # what was found, one line
    worse: bool  # it held, and does not now, for the same version, configuration and run


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """All lines, judged at `time_s`.

    `of`: the version, configuration and run. `problem`: why the ledger's evidence is refused.
    """

    time_s: float
    of: str
    states: dict[str, str]  # by the line's id
    turned: list[Turned] = []
    problem: str = ""
    burn_in_h: float | None = None
    burn_in_needed_h: float | None = None

    def count(self, state: str) -> int:
        """How many lines are in this state."""
        return sum(one == state for one in self.states.values())
