"""A start as rows: steps that are over, the current one, those ahead. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checks.wording import duration
from daemon.protocol.startup import ONCE, remaining_text, share_done
from daemon.protocol.trainer import Startup, StartupStep

OVER, CURRENT, AHEAD = "✓", "▶", "○"


@dataclass(frozen=True)
class StepRow:
    """A step, its figures, and, of the current one, the share that is done."""

    mark: str  # OVER, CURRENT or AHEAD
    text: str
    figures: str  # time, or functions compiled; may be empty
    share: float | None = None


def step_rows(startup: Startup) -> list[StepRow]:
    """All steps in order."""
    step = startup.current
    elapsed = duration(step.elapsed_s or 0.0)
    counted = f"{startup.done} of {startup.total} · {elapsed}" if startup.total else elapsed
    return [
        *(_over(done) for done in startup.over),
        StepRow(CURRENT, step.text, counted, share_done(startup)),
        *(StepRow(AHEAD, ahead.text, _expected(ahead)) for ahead in startup.ahead),
    ]


def finished_rows(startup: Startup) -> list[StepRow]:
    """All steps, after the last has ended."""
    return [_over(step) for step in (*startup.over, startup.current, *startup.ahead)]


def note(startup: Startup) -> str:
    """One line below the rows: why it compiles, or the time left; may be empty."""
    left = remaining_text(startup)
    why = ONCE if startup.done < startup.total else ""
    return " · ".join(part for part in (left.capitalize(), why) if part)


def milestone(startup: Startup) -> tuple[str, int]:
    """Step and quarter of it: where each change is a line, a start is a few lines."""
    quarters = 4 * startup.done // startup.total if startup.total else 0
    return startup.current.name, quarters


def _over(step: StartupStep) -> StepRow:
    return StepRow(OVER, step.text, "" if step.elapsed_s is None else duration(step.elapsed_s))


def _expected(step: StartupStep) -> str:
    return "" if step.expected_s is None else f"about {duration(max(1.0, step.expected_s))}"
