"""The final model's quality: whether the run has completed its curriculum. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import LiveJudge
from checks.milestones.milestone import completed
from daemon.protocol.finding import Figures
from daemon.store.records import Event


def judge_stages(facts: Facts) -> Outcome:
    """Every stage of the document's has passed its gate in the current run."""
    due = len(facts.limits.stage_success_rates)
    run = facts.evidence.status.run if facts.evidence.status else None
    history = facts.evidence.history
    if run is None or history is None:
        return Outcome("open", "no run has trained yet: `landerctl start`")
    if run.mode != "curriculum":
        text = f"a {run.mode} training does not fly all {due} stages: start one of mode curriculum"
        return Outcome("open", text)
    passed = passed_stages(history.events)
    missing = [number for number in range(1, due + 1) if number not in passed]
    figures: Figures = {"passed": due - len(missing), "stages": due}
    if not missing:
        return Outcome("holds", f"the gates of all {due} stages are passed", figures)
    text = f"{due - len(missing)} of {due} gates are passed, not that of stage {missing[0]}"
    if completed(facts.evidence):
        return Outcome("fails", f"{text}, and the training has ended", figures)
    return Outcome("open", f"{text}: the training goes on", figures)


def passed_stages(events: Iterable[Event]) -> set[int]:
    """The stages whose gates were passed, less those that a rollback undid. Events by time."""
    passed_at: dict[int, float] = {}  # environment steps
    for event in events:
        steps = event.body.get("timesteps")
        if not isinstance(steps, int | float):
            continue
        if event.name == "stage.passed" and isinstance(stage := event.body.get("stage"), int):
            passed_at.setdefault(stage, steps)
        elif event.name == "rollback.done":
            passed_at = {stage: at for stage, at in passed_at.items() if at <= steps}
    return set(passed_at)


JUDGES: dict[str, LiveJudge] = {"quality.stages": judge_stages}
