"""Verdicts on a rollback: its first evaluation, and the time after it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daemon.protocol.trainer import Progress
from daemon.rollback.journal import Journal
from daemon.runs.evaluations import Evaluation
from daemon.store.records import Event, TrainerState


@dataclass(frozen=True)
class Finding:
    """Whether the result is good, and a one-line description."""

    well: bool
    text: str


def recorded_success(
    journal: Journal, evaluations: Sequence[Evaluation], *, on_ramp: bool
) -> float | None:
    """The restored state's recorded success rate: of its last evaluation, else of training.

    Evaluations fly the stage's final ranges, so they are not comparable with a state `on_ramp`.
    """
    manifest = journal.to
    if on_ramp:
        return manifest.success_rate
    flown = [
        evaluation.result.success_rate.mean
        for evaluation in evaluations
        if (evaluation.result.pilot, evaluation.result.stage) == (manifest.id, manifest.stage)
    ]
    return flown[-1] if flown else manifest.success_rate


def judge_evaluation(found: float, recorded: float | None, tolerance: float) -> Finding:
    """Compare the first evaluation after a rollback with the recorded one. All are success rates.

    A higher rate is fine: the mean action lands more often than the exploring one.
    """
    if recorded is None:
        return Finding(True, f"the first evaluation lands {found:.0%}; none was recorded before")
    text = f"the first evaluation lands {found:.0%}, {recorded:.0%} was recorded"
    return Finding(found >= recorded - tolerance, text)


def judge_watch(
    journal: Journal, events: Sequence[Event], state: TrainerState, progress: Progress | None
) -> Finding:
    """The time since a rollback. `events`: the run's trainer.crashed and alert.firing since."""
    crashes = sum(event.name == "trainer.crashed" for event in events)
    alerts = sorted(
        {str(event.body.get("alert")) for event in events if event.name == "alert.firing"}
    )
    parts = [f"the trainer is {state}"]
    if progress is not None:
        parts.append(f"{progress.timesteps:,} steps, stage {progress.stage}")
        if progress.success_rate is not None:
            parts.append(f"success {progress.success_rate:.0%}")
    parts.append(f"{crashes} crashes")
    parts.append(f"alerts that fired: {', '.join(alerts)}" if alerts else "no alert fired")
    critical = any(event.severity == "critical" for event in events)
    well = state in ("RUNNING", "EXITED") and not critical
    return Finding(well, "; ".join(parts))
