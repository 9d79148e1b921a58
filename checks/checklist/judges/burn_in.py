"""Judges of the burn-in: training time without a crash, and what its samples say. Pure."""

from __future__ import annotations

from functools import partial

from checks.checklist.burn_in.evidence import BurnInEvidence
from checks.checklist.burn_in.gauges import GAUGES, HOUR_S, Gauge
from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import LiveJudge
from checks.checklist.judges import gates
from checks.wording import duration
from daemon.protocol.finding import Figure

_NO_RUN = Outcome(
    "open", "no run yet, or its store cannot be read: see `landerctl status`", expired=True
)
_MEMORY = "burn-in.memory-stable"
CRASHES = "burn-in.no-crashes"


def burn_in_hours(facts: Facts) -> float | None:
    """Training time of the burn-in, h; None without a run."""
    return None if facts.burn_in is None else facts.burn_in.burn_in.trained_s / HOUR_S


def crash_free_h(facts: Facts) -> float:
    """What the extended training session needs of the burn-in, never more than the whole."""
    return min(facts.limits.crash_free_h, facts.limits.burn_in_h)


def standing(found: BurnInEvidence, needed_h: float) -> str:
    """How far the burn-in is, and why it pauses if it does."""
    burn_in = found.burn_in
    text = f"{duration(burn_in.trained_s)} of {duration(needed_h * HOUR_S)}"
    if not burn_in.sessions:
        return f"{text}, none of this version and configuration" if burn_in.changed else text
    end = burn_in.sessions[-1].end
    if end == "completed" and burn_in.trained_s < needed_h * HOUR_S:
        return f"{text}; the run is complete: raise run.timesteps, `landerctl start --fresh`"
    if end == "running":
        pauses = len(burn_in.sessions) - 1
        if not pauses:
            return text
        return f"{text}, paused {'once' if pauses == 1 else f'{pauses} times'}"
    return f"{text}; paused: {'stopped on request' if end == 'stopped' else 'interrupted'}"


def _no_crashes(facts: Facts) -> Outcome:
    found = facts.burn_in
    if found is None:
        return _NO_RUN
    needed_h, burn_in = crash_free_h(facts), found.burn_in
    figures: dict[str, Figure] = {"hours": burn_in.trained_s / HOUR_S, "needed_hours": needed_h}
    text = standing(found, needed_h)
    if burn_in.trained_s >= needed_h * HOUR_S:
        return Outcome("holds", f"{text} without a crash", figures)
    if burn_in.crash is None:
        return Outcome("open", text, figures, expired=not _begun(found))
    figures["crash_after_hours"] = burn_in.crash.after_s / HOUR_S
    text = f"begun anew after {duration(burn_in.crash.after_s)}: {burn_in.crash.text}; now {text}"
    return Outcome("fails", text, figures)


def _begun(found: BurnInEvidence) -> bool:
    """Whether the run's events still show a burn-in: they are kept for 30 days."""
    return bool(found.burn_in.sessions) or found.burn_in.crash is not None


def _line(line: str, facts: Facts) -> Outcome:
    if facts.burn_in is None:
        return _NO_RUN
    return _judged(GAUGES[line](facts.burn_in, facts.limits), facts, crash_free_h(facts))


def _judged(found: Gauge, facts: Facts, needed_h: float) -> Outcome:
    """What was measured fails at once, and holds once it was measured for long enough."""
    assert facts.burn_in is not None
    trained_s = facts.burn_in.burn_in.trained_s
    whole = trained_s >= needed_h * HOUR_S
    figures = found.figures | {"hours": trained_s / HOUR_S}
    if found.holds is False:
        return Outcome("fails", found.text, figures)
    if found.undecided and whole:
        return Outcome("fails", f"not shown to be within its limit: {found.text}", figures)
    if found.holds and whole:
        return Outcome("holds", found.text, figures)
    text = f"{found.text}; {standing(facts.burn_in, needed_h)}"
    return Outcome("open", text, figures, expired=whole or not _begun(facts.burn_in))


def _memory_of_the_whole(facts: Facts) -> Outcome:
    if facts.burn_in is None:
        return _NO_RUN
    gauge = GAUGES[_MEMORY](facts.burn_in, facts.limits)
    return _judged(gauge, facts, facts.limits.burn_in_h)


def _whole(facts: Facts) -> Outcome:
    found = facts.burn_in
    if found is None:
        return _NO_RUN
    needed_h = facts.limits.burn_in_h
    text = standing(found, needed_h)
    hours = found.burn_in.trained_s / HOUR_S
    figures: dict[str, Figure] = {"hours": hours, "needed_hours": needed_h}
    judged = {name: judge(facts).state for name, judge in _LINES.items()}
    failing = [name for name, state in judged.items() if state == "fails"]
    missing = [name for name in (CRASHES, *GAUGES) if judged[name] == "open"]
    if failing:
        return Outcome("fails", f"{', '.join(failing)} fails; {text}", figures)
    if hours < needed_h:
        return Outcome("open", text, figures, expired=not _begun(found))
    if missing:
        # Such as a server that stopped with the daemon.
        return Outcome("open", f"{text}; not known: {', '.join(missing)}", figures, expired=True)
    return Outcome("holds", f"{text}, and no line of the burn-in fails", figures)


_LINES: dict[str, LiveJudge] = {
    CRASHES: _no_crashes,
    **{name: partial(_line, name) for name in GAUGES},
    **gates.JUDGES,
}
JUDGES: dict[str, LiveJudge] = {
    **_LINES,
    "quality.memory": _memory_of_the_whole,
    "golive.burn-in": _whole,
}
