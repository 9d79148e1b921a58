"""The shortest list of what to do next: one step a remedy, in the order in which to do them. Pure.

Settings come first, since evidence is bound to them; signatures last, since they are given on the
evidence. Drills run beside a training that still has to burn in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from checks.checklist.facts import State
from checks.checklist.model import Line

# By how a remedy begins; what is not here, such as a setting to change, comes first.
_ORDER = (
    "landerctl preflight",
    "landerctl start",
    "landerctl burn-in",
    "let it train",
    "landerctl drill",
    "landerctl evaluate",
    "landerctl review",
    "landerctl check",
    "landerctl benchmarks",
    "landerctl incident",
    "landerctl signoff",
)
# What waits for the training; all else can be done meanwhile.
START = "landerctl start"
_WAITING = (START, "landerctl burn-in", "let it train")


def what_to_do(line: Line, state: State, *, has_run: bool) -> str:
    """What brings evidence about a line: the training, for one that waits for it; else its remedy.

    A remedy is for a line that fails; one that only lacks training time needs none.
    """
    do = line.remedy
    if state == "open" and line.more.startswith(_WAITING):
        do = line.more
    return START if do.startswith(_WAITING) and not has_run else do


class Need(msgspec.Struct, frozen=True):
    """A line that blocks, and what to do about it."""

    id: str
    do: str
    found: str


class Step(msgspec.Struct, frozen=True):
    """One thing to do, for all `lines` that it serves. `takes_s` None: nobody knows."""

    do: str
    lines: list[str]
    found: str  # of the first of them
    takes_s: float | None


def next_steps(needs: Sequence[Need], took_s: Mapping[str, float]) -> list[Step]:
    """The steps in order. `took_s`: by remedy, how long it takes."""
    grouped: dict[str, list[Need]] = {}
    for need in needs:
        grouped.setdefault(need.do, []).append(need)
    steps = [
        Step(do, [one.id for one in served], served[0].found, took_s.get(do))
        for do, served in grouped.items()
    ]
    return sorted(steps, key=lambda step: _rank(step.do))


def time_needed_s(steps: Sequence[Step]) -> float:
    """The time of all steps that have a known one: the training's beside that of the others."""
    waiting = max(
        (step.takes_s or 0.0 for step in steps if step.do.startswith(_WAITING)), default=0
    )
    others = sum(step.takes_s or 0.0 for step in steps if not step.do.startswith(_WAITING))
    return max(waiting, others)


def _rank(remedy: str) -> int:
    return next((k for k, begin in enumerate(_ORDER) if remedy.startswith(begin)), -1)
