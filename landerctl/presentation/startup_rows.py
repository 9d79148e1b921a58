"""A start as rows: steps that are over, the current one, those ahead. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checks.wording import duration
from daemon.protocol.startup import (
    ONCE,
    compiles,
    parts_done,
    remaining_s,
    seconds,
    share_done,
    step_remaining_s,
)
from daemon.protocol.trainer import Startup, StartupStep

OVER, CURRENT, AHEAD = "✓", "▶", "○"


@dataclass(frozen=True)
class StepRow:
    """A step, its figures, and, of the current one, the share that is done."""

    mark: str  # OVER, CURRENT or AHEAD
    text: str
    figures: str  # time, or parts done; may be empty
    share: float | None = None


def step_rows(startup: Startup) -> list[StepRow]:
    """All steps in order."""
    step = startup.current
    return [
        *(_over(done) for done in startup.over),
        StepRow(CURRENT, step.text, _figures(startup), share_done(startup)),
        *(StepRow(AHEAD, ahead.text, _expected(ahead)) for ahead in startup.ahead),
    ]


def finished_rows(startup: Startup) -> list[StepRow]:
    """All steps, after the last has ended."""
    return [_over(step) for step in (*startup.over, startup.current, *startup.ahead)]


def notes(startup: Startup) -> list[str]:
    """What to say below the rows: the time until training, and why it compiles."""
    lines = []
    if startup.ahead and (until_s := remaining_s(startup)) is not None:
        lines.append(f"Ready in about {seconds(until_s)}")
    if compiles(startup):
        lines.append(ONCE)
    return lines


def milestone(startup: Startup) -> tuple[str, int]:
    """Step and quarter of it: where each change is a line, a start is a few lines."""
    quarters = 4 * startup.done // startup.total if startup.total else 0
    return startup.current.name, quarters


def _figures(startup: Startup) -> str:
    elapsed = duration(startup.current.elapsed_s or 0.0)
    left_s = step_remaining_s(startup)
    time = elapsed if left_s is None else f"about {seconds(left_s)} left"
    return " · ".join(part for part in (parts_done(startup), time) if part)


def _over(step: StartupStep) -> StepRow:
    return StepRow(OVER, step.text, "" if step.elapsed_s is None else duration(step.elapsed_s))


def _expected(step: StartupStep) -> str:
    return "" if step.expected_s is None else f"about {seconds(step.expected_s)}"
