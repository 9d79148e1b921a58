"""Judges of the deployment's lines: the start, the first hour and the first day of training.

They share their findings with `landerctl check first-hour` and `first-day`. A line about an hour or
a day holds once that much training, or all of a run, is over; what can be seen at once holds or
fails at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import DAY_S, LiveJudge
from checks.evidence import Evidence, HistoryEvidence, SpanEvidence
from checks.milestones import first_day, first_hour
from checks.milestones.milestone import completed, ended_s
from checks.verdict import Finding
from checks.wording import duration
from daemon.base.text.counted import counted
from daemon.protocol.finding import Figure
from daemon.store.records import RunRecord
from daemon.store.retention import KEEP_S

NO_RUN = Outcome("open", "no run has trained here: `landerctl start`")
# The store removes samples and minor events after KEEP_S; what it still has then is of later.
LOST_S = KEEP_S - DAY_S
Findings = Callable[[Evidence, HistoryEvidence, RunRecord], Sequence[Finding]]


def _hour(name: str) -> LiveJudge:
    """Of what the whole first hour shows."""
    return lambda facts: _over(facts, name, first_hour.findings, lambda history: history.hour)


def _day(name: str) -> LiveJudge:
    """Of what the whole first day shows."""
    return lambda facts: _over(facts, name, first_day.findings, lambda history: history.day)


def _over(
    facts: Facts,
    name: str,
    find: Findings,
    span_of: Callable[[HistoryEvidence], SpanEvidence],
) -> Outcome:
    known = _known(facts)
    if known is None:
        return NO_RUN
    history, run = known
    span = span_of(history)
    empty = history.trained_s == 0.0 and facts.evidence.age_s(run.created_s) > LOST_S
    if empty or facts.evidence.age_s(span.until_s) > LOST_S:
        return _lost()
    finding = _named(name, find(facts.evidence, history, run))
    figures = _figures(history, span)
    if not span.full and completed(facts.evidence):
        text = f"{finding.text}; complete after {duration(history.trained_s)} of training"
        return _outcome(replace(finding, text=text), figures, span.until_s)
    if not span.full:
        rest = duration(span.length_s - history.trained_s)
        due = f"judged after {duration(span.length_s)} of training, {rest} from now"
        return Outcome("open", f"{finding.text}; {due}", figures)
    return _outcome(finding, figures, span.until_s)


def _start(name: str) -> LiveJudge:
    """Of what is seen as soon as it happened, in the run's first hour."""

    def judge(facts: Facts) -> Outcome:
        known = _known(facts)
        if known is None:
            return NO_RUN
        history, run = known
        if facts.evidence.age_s(run.created_s) > LOST_S:
            return _lost()
        finding = _named(name, first_hour.findings(facts.evidence, history, run))
        return _outcome(finding, _figures(history, history.hour), run.created_s)

    return judge


def _file(name: str, find: Findings, *files: str) -> LiveJudge:
    """Of files that are there or not, whenever asked. `files`: what the newest checkpoint needs."""

    def judge(facts: Facts) -> Outcome:
        known = _known(facts)
        if known is None:
            return NO_RUN
        history, run = known
        finding = _named(name, find(facts.evidence, history, run))
        problem = history.checkpoint_problem
        if files and problem and not any(file in problem for file in files):
            return Outcome("open", f"the newest checkpoint is damaged elsewhere: {problem}")
        outcome = _outcome(finding, {"checkpoints": len(facts.evidence.checkpoints)})
        if files and outcome.state == "holds":
            text = f"{facts.evidence.run_id}: the newest checkpoint has {' and '.join(files)}"
            return Outcome("holds", text, outcome.figures)
        return outcome

    return judge


def _environments(facts: Facts) -> Outcome:
    """Progress comes after the fleet is built and has flown a rollout of all its landers."""
    known = _known(facts)
    progress = facts.evidence.status.progress if facts.evidence.status else None
    if known is None:
        return NO_RUN
    _, run = known
    if progress is None:
        if ended_s(facts.evidence) is None:
            return Outcome("open", "the trainer starts: it reports after the first rollout")
        return Outcome("fails", "the run ended before its first rollout")
    figures: dict[str, Figure] = {"n_envs": run.n_envs, "timesteps": progress.timesteps}
    text = f"{counted(run.n_envs, 'lander')} in one fleet, {progress.timesteps:,} steps flown"
    if progress.timesteps == 0:
        return Outcome("open", f"{text}: no rollout yet", figures)
    if progress.timesteps % run.n_envs:
        return Outcome("fails", f"{text}, which is no multiple of the landers", figures)
    return Outcome("holds", text, figures)


def _no_errors(facts: Facts) -> Outcome:
    """An error fails at once, none holds after the hour."""
    outcome = _start("no-errors")(facts)
    return _hour("no-errors")(facts) if outcome.state == "holds" else outcome


def _no_crashes(facts: Facts) -> Outcome:
    """A crash fails at once, none holds after the day."""
    outcome = _day("no-crashes")(facts)
    known = _known(facts)
    if known is None or outcome.state != "open":
        return outcome
    finding = _named("no-crashes", first_day.findings(facts.evidence, *known))
    return outcome if finding.holds else Outcome("fails", finding.text, outcome.figures)


def _known(facts: Facts) -> tuple[HistoryEvidence, RunRecord] | None:
    run = facts.evidence.status.run if facts.evidence.status else None
    history = facts.evidence.history
    return None if run is None or history is None else (history, run)


def _named(name: str, findings: Sequence[Finding]) -> Finding:
    return next(one for one in findings if one.name == name)


def _outcome(finding: Finding, figures: dict[str, Figure], since_s: float | None = None) -> Outcome:
    if finding.holds is None:
        return Outcome("open", finding.text, figures)
    return Outcome("holds" if finding.holds else "fails", finding.text, figures, since_s)


def _figures(history: HistoryEvidence, span: SpanEvidence) -> dict[str, Figure]:
    figures: dict[str, Figure] = {"trained_s": history.trained_s, "length_s": span.length_s}
    return figures | dict(span.newest)


def _lost() -> Outcome:
    text = f"its samples and events were removed after {duration(KEEP_S)}"
    return Outcome("open", text, expired=True)


JUDGES: dict[str, LiveJudge] = {
    "start.begins": _start("started"),
    "start.environments": _environments,
    "start.first-checkpoint": _start("first-checkpoint"),
    "start.no-errors": _no_errors,
    "hour.reward": _hour("reward"),
    "hour.episode-length": _hour("episode-length"),
    "hour.success": _hour("success"),
    "hour.learning-rate": _hour("updates"),
    "hour.finite": _hour("finite"),
    "hour.checkpoints": _file("checkpoints", first_hour.findings),
    "hour.normaliser": _file(
        "checkpoints", first_hour.findings, "vecnormalize.npz", "vecnormalize.pkl"
    ),
    "hour.state": _file("checkpoints", first_hour.findings, "training_state.json"),
    "hour.tensorboard": _file("tensorboard", first_hour.findings),
    "day.running": _no_crashes,
    "day.memory": _day("memory"),
    "day.stage-1": _day("stage-1"),
    "day.success": _day("success-improving"),
    "day.no-repeated-failures": _day("attempts"),
    "day.evaluated": _file("evaluation", first_day.findings),
    "day.backups": _file("backups", first_day.findings),
}
