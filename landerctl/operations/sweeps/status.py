"""What is known of a sweep: built from its store alone, so that it is quick and needs no process.

The time that is left is what the trials that have not ended have still to train, divided by the
speed of as many as run at once; the speed of one is that at which this sweep's trials have trained.
A scheduler may end trials early: then it is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.records import ENDED, Leg, Note, Trial, TrialState
from daemon.sweeps.spec.schema import Objective, SweepSpec

# Of a sweep: "new" has never run, "dead" has lost its coordinator without a stop.
SweepState = Literal["new", "running", "paused", "stopped", "ended", "dead"]
PAUSED, STOPPED, FINISHED = "paused", "stopped", "ended"  # kinds of notes


class TrialRow(Struct, frozen=True, kw_only=True):
    """One trial, for people."""

    number: int
    group: int
    values: dict[str, Any]
    seed: int
    state: TrialState
    steps: int
    rung_steps: int  # where its present leg ends
    objectives: dict[str, float]  # at the end of its last leg, else as last observed
    steps_per_s: float | None
    left_s: float | None  # until all its steps are trained, if it runs
    reason: str
    parent: int | None
    run_id: str
    place: str


class SweepStatus(Struct, frozen=True, kw_only=True):
    """A sweep as `landerctl sweep status --json` prints it. Times in seconds."""

    name: str
    folder: str
    time_s: float  # Unix, of this status
    state: SweepState
    text: str  # why, as the coordinator noted it
    pid: int | None  # of the coordinator, while it runs
    engine: str
    began_s: float | None  # Unix
    elapsed_s: float  # since it began; of one that does not run until its last sign of life
    left_s: float | None
    left_at_most: bool  # the scheduler may end trials early
    counts: dict[str, int]  # trials by state
    total: int | None  # trials in all, where that is known beforehand
    limit_steps: int  # of a trial
    steps: int  # trained by all
    trained_s: float  # by all
    steps_per_s: float  # of those that run
    objectives: list[Objective]
    trials: list[TrialRow]
    hidden: int  # trials that are not listed


def build_status(
    sweep: SweepPaths,
    spec: SweepSpec,
    trials: Sequence[Trial],
    legs: Sequence[Leg],
    notes: Sequence[Note],
    *,
    total: int | None,
    pid: int | None,
    engine: str,
    now_s: float,
    most: int | None,
) -> SweepStatus:
    """The status. `pid`: of a running coordinator.

    `most`: of a larger sweep list so many, half of them the best and half those that run.
    None: list all.
    """
    runs = pid is not None
    state, text = _state(notes, runs=runs)
    last = {leg.trial: leg for leg in legs}  # in the order in which they ended
    pace = _pace(trials)
    rows = [_row(trial, last.get(trial.number), spec, pace, runs=runs) for trial in trials]
    whole = most is None or len(rows) <= most
    listed = rows if whole else _chosen(rows, spec.objectives[0], (most or 0) // 2)
    at_end_s = now_s if runs else _last_sign_s(legs, notes, now_s)
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.state.value] = counts.get(trial.state.value, 0) + 1
    return SweepStatus(
        name=sweep.id,
        folder=str(sweep.folder),
        time_s=now_s,
        state=state,
        text=text,
        pid=pid,
        engine=engine,
        began_s=notes[0].time_s if notes else None,
        elapsed_s=at_end_s - notes[0].time_s if notes else 0.0,
        left_s=_left_s(spec, trials, total, pace) if state == "running" else None,
        left_at_most=spec.scheduler.name not in ("none", "population"),
        counts=counts,
        total=total,
        limit_steps=spec.limits.steps,
        steps=sum(trial.own_steps for trial in trials),
        trained_s=sum(trial.running_s for trial in trials),
        steps_per_s=sum(row.steps_per_s or 0.0 for row in rows if row.left_s is not None),
        objectives=list(spec.objectives),
        trials=listed,
        hidden=len(rows) - len(listed),
    )


def _state(notes: Sequence[Note], *, runs: bool) -> tuple[SweepState, str]:
    if not notes:
        return ("running", "starting") if runs else ("new", "no coordinator has run yet")
    last = notes[-1]
    if runs:
        return ("paused" if last.kind == PAUSED else "running"), last.text
    if last.kind == FINISHED:
        return "ended", last.text
    if last.kind == STOPPED:
        return "stopped", last.text
    return "dead", "its coordinator ended without stopping; its trials saved and ended"


def _row(
    trial: Trial, leg: Leg | None, spec: SweepSpec, pace: float | None, *, runs: bool
) -> TrialRow:
    own = trial.own_steps / trial.running_s if trial.running_s > 0 and trial.own_steps else None
    left_s = None
    if runs and trial.state is TrialState.RUNNING and (speed := own or pace):
        left_s = max(0, spec.limits.steps - trial.steps) / speed
    return TrialRow(
        number=trial.number,
        group=trial.group,
        values=trial.values,
        seed=trial.seed,
        state=trial.state,
        steps=trial.steps,
        rung_steps=trial.target_steps,
        objectives=trial.latest | (leg.values if leg is not None else {}),
        steps_per_s=own,
        left_s=left_s,
        reason=trial.reason,
        parent=trial.parent,
        run_id=trial.run_id,
        place=trial.place,
    )


def _pace(trials: Sequence[Trial]) -> float | None:
    """Steps a second of one trial, over all that has been trained."""
    trained_s = sum(trial.running_s for trial in trials)
    return sum(trial.own_steps for trial in trials) / trained_s if trained_s > 0 else None


def _left_s(
    spec: SweepSpec, trials: Sequence[Trial], total: int | None, pace: float | None
) -> float | None:
    at_once = sum(trial.state is TrialState.RUNNING for trial in trials)
    if total is None or not pace or not at_once:
        return None
    steps = spec.limits.steps
    open_steps = sum(max(0, steps - trial.steps) for trial in trials if trial.state not in ENDED)
    open_steps += max(0, total - len(trials)) * steps
    return open_steps / (pace * at_once)


def _chosen(rows: Sequence[TrialRow], objective: Objective, most: int) -> list[TrialRow]:
    """The best of those that do not run, the best first, then so many that run."""
    running = [row for row in rows if row.state is TrialState.RUNNING]
    others = [row for row in rows if row.state is not TrialState.RUNNING]
    best = sorted(others, key=lambda row: _order(row, objective))
    return [*best[:most], *running[:most]]


def _order(row: TrialRow, objective: Objective) -> tuple[int, bool, float, int]:
    """Sorts by the steps, then by the first objective: better first, without a value last."""
    value = row.objectives.get(objective.metric)
    if value is None:
        return -row.steps, True, 0.0, row.number
    return -row.steps, False, -value if objective.direction == "maximize" else value, row.number


def _last_sign_s(legs: Sequence[Leg], notes: Sequence[Note], now_s: float) -> float:
    times_s = [leg.time_s for leg in legs[-1:]] + [note.time_s for note in notes[-1:]]
    return max(times_s, default=now_s)


def short_values(values: Mapping[str, Any], all_settings: Sequence[str]) -> str:
    """``clip_range=0.1 gamma=0.99``."""
    return " ".join(
        f"{short_name(setting, all_settings)}={short_value(value)}"
        for setting, value in values.items()
    )


def short_name(setting: str, all_settings: Sequence[str]) -> str:
    """A setting by its last word where that means one of them."""
    word = setting.rpartition(".")[2]
    return word if sum(one.rpartition(".")[2] == word for one in all_settings) == 1 else setting


def short_value(value: object) -> str:
    """A value of a setting: a float with three digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(short_value, value))}]"
    return str(value)
