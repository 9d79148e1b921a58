"""The burn-in as of collected facts: how far it is, and what endangers it. Pure."""

from __future__ import annotations

import time
from textwrap import wrap
from typing import Literal

import msgspec

from checks.checklist.burn_in.gauges import GAUGES, HOUR_S
from checks.checklist.burn_in.sessions import Crash
from checks.checklist.facts import Facts, State
from checks.checklist.judges.burn_in import CRASHES, JUDGES, burn_in_hours, standing
from checks.wording import duration, number
from daemon.protocol.finding import Figure

WIDTH, BAR = 79, 30
_INDENT = 24
_PREFIX = "burn-in."
_WHOLE = "golive.burn-in"


class BurnInLine(msgspec.Struct, frozen=True):
    """A line of the burn-in. `share`: its figure as a share of its limit; null: not known."""

    id: str
    state: State
    text: str
    share: float | None
    figures: dict[str, Figure]


class BurnInOutput(msgspec.Struct, frozen=True):
    """The output of `landerctl burn-in --json`. `lines`: nearest to its limit first."""

    run: str
    state: Literal["training", "paused", "complete"]
    hours: float
    needed_hours: float
    eta_s: float | None  # of training, if nothing interrupts it; null while it pauses
    text: str
    whole: BurnInLine  # the line golive.burn-in
    begun_anew: Crash | None
    run_ends: str  # why the run is too short for the burn-in; empty if it is not
    steps_per_s: float | None  # median
    steps_per_s_expected: tuple[float, float] | None
    lines: list[BurnInLine]
    gates: list[BurnInLine]


def describe(facts: Facts) -> BurnInOutput | None:
    """The burn-in as of these facts; None without a run. Pure."""
    found, hours = facts.burn_in, burn_in_hours(facts)
    if found is None or hours is None:
        return None
    needed_h = facts.limits.burn_in_h
    left_s = max(0.0, needed_h - hours) * HOUR_S
    running = found.burn_in.running
    lines = [_line(name, facts) for name in (CRASHES, *GAUGES)]
    gates = [_line(name, facts) for name in JUDGES if name.startswith(_PREFIX)]
    known = {one.id for one in lines}
    config = facts.evidence.config
    return BurnInOutput(
        run=facts.evidence.run_id or "",
        state="complete" if not left_s else "training" if running else "paused",
        hours=hours,
        needed_hours=needed_h,
        eta_s=left_s if running or not left_s else None,
        text=standing(found, needed_h),
        whole=_line(_WHOLE, facts),
        begun_anew=found.burn_in.crash,
        run_ends=_run_ends(facts, left_s),
        steps_per_s=found.steps_per_s,
        steps_per_s_expected=config.expected.steps_per_s if config else None,
        lines=sorted(lines, key=lambda one: (one.state != "fails", -(one.share or 0.0))),
        gates=[one for one in gates if one.id not in known],
    )


def _line(name: str, facts: Facts) -> BurnInLine:
    outcome = JUDGES[name](facts)
    assert facts.burn_in is not None
    share = GAUGES[name](facts.burn_in, facts.limits).share if name in GAUGES else None
    return BurnInLine(name, outcome.state, outcome.text, share, outcome.figures)


def _run_ends(facts: Facts, left_s: float) -> str:
    """Why the run will be complete before the burn-in is; empty if it will not."""
    status = facts.evidence.status
    progress = status.progress if status else None
    assert facts.burn_in is not None
    if progress is None or progress.eta_s is None or progress.eta_s >= left_s:
        return ""
    if not facts.burn_in.burn_in.running:
        return ""
    return (
        f"the run is complete in about {duration(progress.eta_s)}, at "
        f"{number(progress.total_timesteps)} steps: before the burn-in. Raise run.timesteps, then "
        "`landerctl start --fresh`"
    )


def render(found: BurnInOutput) -> str:
    """One screen of 80 columns and 24 rows."""
    share = min(1.0, found.hours / found.needed_hours)
    filled = round(BAR * share)
    so_far, _, paused = found.text.partition("; ")
    rows = [
        f"burn-in of {found.run}",
        f"[{'#' * filled}{'.' * (BAR - filled)}] {share:4.0%}  {so_far}",
        *wrap(paused, WIDTH),
    ]
    if found.state == "complete":
        rows += wrap(f"{found.whole.state}: {found.whole.text}", WIDTH)
    elif found.eta_s is not None:
        when = time.strftime("%a %d %b %H:%M", time.localtime(time.time() + found.eta_s))
        rows.append(f"complete in {duration(found.eta_s)} of training: {when}, if nothing stops it")
    if found.begun_anew is not None:
        anew = found.begun_anew
        rows += wrap(f"begun anew after {duration(anew.after_s)}: {anew.text}", WIDTH)
    rows += wrap(found.run_ends, WIDTH)
    rows += ["", "nearest to its limit first"]
    for line in found.lines:
        if line.id != CRASHES:
            rows += _shown(line, found.text)
    if found.steps_per_s is not None and found.steps_per_s_expected is not None:
        low, high = found.steps_per_s_expected
        text = f"{number(found.steps_per_s)} steps/s (median), expected {low:,.0f} to {high:,.0f}"
        rows.append(f"{'':5}        {'speed':<11}{text}")
    passed = [one.id.removeprefix(_PREFIX) for one in found.gates if one.state == "holds"]
    failed = [one.id.removeprefix(_PREFIX) for one in found.gates if one.state == "fails"]
    rows += ["", f"gates: {', '.join(passed) or 'none yet'}"]
    if failed:
        rows[-1] += f"; FAILED {', '.join(failed)}"
    return "\n".join(rows)


_MARKS: dict[State, str] = {"fails": "FAILS", "holds": "holds", "open": "so far"}
_NAMES = {"memory-stable": "memory", "growth-linear": "linear"}


def _shown(line: BurnInLine, standing_text: str) -> list[str]:
    name = line.id.removeprefix(_PREFIX)
    share = "    -" if line.share is None else f"{min(line.share, 9.99):5.0%}"
    text = line.text.partition("; " + standing_text.partition(" of ")[0])[0]
    mark = _MARKS.get(line.state, line.state)
    first = f"{share} {mark:<7}{_NAMES.get(name, name):<12}"
    return wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=" " * _INDENT, break_long_words=False
    )
