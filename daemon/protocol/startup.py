"""How far a trainer's start is, how long it still takes, and that as one line. Pure."""

from __future__ import annotations

from daemon.protocol.trainer import PhaseName, Startup

MIN_SHARE = 0.1  # no estimate from the pace alone below this share: the beginning is slow
_PARTS: dict[PhaseName, str] = {"compiling": "functions", "cloning": "rollouts"}
ONCE = "Only the first start of a version compiles; later ones take seconds"


def compiles(startup: Startup) -> bool:
    """Whether something must be compiled, which happens once."""
    return startup.current.name == "compiling" and startup.done < startup.total


def parts_done(startup: Startup) -> str:
    """``63 of 153 functions``; "" in a step that is not counted."""
    if not startup.total:
        return ""
    return f"{startup.done} of {startup.total} {_PARTS.get(startup.current.name, 'parts')}"


def share_done(startup: Startup) -> float | None:
    """Share of the current step that is done, 0 to 1; None: not known."""
    step = startup.current
    if startup.total:
        return min(startup.done / startup.total, 1.0)
    if step.expected_s:
        return min((step.elapsed_s or 0.0) / step.expected_s, 1.0)
    return None


def step_remaining_s(startup: Startup) -> float | None:
    """Estimated time to the end of the current step, s; None: not known.

    With counted parts the machine's last start and today's pace are averaged, and the more is
    done, the more counts the pace.
    """
    step = startup.current
    elapsed_s = step.elapsed_s or 0.0
    if not startup.total:
        return None if step.expected_s is None else max(step.expected_s - elapsed_s, 0.0)
    done = min(startup.done / startup.total, 1.0)
    if step.expected_s is not None:
        return ((1.0 - done) * step.expected_s + elapsed_s) * (1.0 - done)
    return elapsed_s * (1.0 - done) / done if done >= MIN_SHARE else None


def remaining_s(startup: Startup) -> float | None:
    """Estimated time to the end of the start, s; None if that of any step is not known."""
    parts = [step_remaining_s(startup), *(step.expected_s for step in startup.ahead)]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def one_line(startup: Startup) -> str:
    """The current step: ``compile the flight code: 63 of 153 functions, about 48 s left``."""
    figures = [parts_done(startup)] if startup.total else []
    if (left_s := step_remaining_s(startup)) is not None:
        figures.append(f"about {seconds(left_s)} left")
    text = startup.current.text
    if figures:
        text += f": {', '.join(figures)}"
    if startup.ahead and (until_s := remaining_s(startup)) is not None:
        text += f"; ready in about {seconds(until_s)}"
    return text


def seconds(duration_s: float) -> str:
    """Of an estimate: at least a second, ``110 s``, above two minutes ``3 min``."""
    if duration_s < 120.0:
        return f"{max(1.0, duration_s):.0f} s"
    return f"{duration_s / 60.0:.0f} min"
