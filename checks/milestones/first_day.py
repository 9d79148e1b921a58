"""Checks the run's first day: the production checklist's 24-hour lines."""

from __future__ import annotations

from collections import Counter

from checks.evidence import Evidence, HistoryEvidence
from checks.limits import limits_of
from checks.milestones.history import ADVANCES, DAY_S, GROWTH, STAGE, SUCCESS
from checks.milestones.milestone import events_until, missing, verdict, whole_checkpoints
from checks.rules import backup
from checks.verdict import Finding, Level, Verdict
from checks.wording import number, percent
from daemon.store.records import RunRecord

NAME = "first-day"
_AT_ONCE = ("no-crashes", "attempts")


def check(evidence: Evidence) -> Verdict:
    """WARNING if a line does not hold after the first day of training."""
    run = evidence.status.run if evidence.status else None
    history = evidence.history
    if run is None or history is None:
        return Verdict(NAME, Level.UNKNOWN, "no run, or its store cannot be read")
    return verdict(NAME, evidence, history.day, findings(evidence, history, run), _AT_ONCE)


def findings(evidence: Evidence, history: HistoryEvidence, run: RunRecord) -> tuple[Finding, ...]:
    """The lines of the check, as far as the run has trained."""
    return (
        _no_crashes(history),
        _memory(evidence, history),
        _stage_1(history),
        _success(evidence, history, run),
        _attempts(history),
        whole_checkpoints(evidence, history, history.day),
        _evaluation(history),
        _backups(evidence),
    )


def _no_crashes(history: HistoryEvidence) -> Finding:
    since_s = history.day.until_s - DAY_S
    names = ("trainer.crashed", "trainer.fatal")
    crashes = [e for e in events_until(history, names, history.day.until_s) if e.time_s > since_s]
    text = f"{crashes[-1].text} (last of {len(crashes)})" if crashes else "none in 24 h"
    return Finding("no-crashes", not crashes, text)


def _memory(evidence: Evidence, history: HistoryEvidence) -> Finding:
    growth = history.day.newest.get(GROWTH)
    if growth is None:
        return Finding("memory", None, "growth is measured after an hour of one process")
    level, rule = limits_of(GROWTH, evidence.config).judge(growth)
    limit = f" ({rule.comparison} {rule.threshold:g}, alert {rule.name})" if rule else ""
    return Finding("memory", level is Level.OK, f"grows by {number(growth, 1)} GB a day{limit}")


def _stage_1(history: HistoryEvidence) -> Finding:
    name = "stage-1"
    stage = history.day.newest.get(STAGE)
    if stage is None:
        return missing(name, history.day, "no stage has started")
    return Finding(
        name, True, "in progress" if stage == 1 else f"completed, now in stage {stage:g}"
    )


def _success(evidence: Evidence, history: HistoryEvidence, run: RunRecord) -> Finding:
    """Holds after an advance or a passed gate; only else by the trend, as stages change it."""
    name = "success-improving"
    progress = evidence.status.progress if evidence.status else None
    until_s = history.day.until_s
    recent_s = until_s - (until_s - run.created_s) / 4
    advances = [e for e in events_until(history, ADVANCES, until_s) if e.time_s >= recent_s]
    if advances:
        return Finding(name, True, advances[-1].text)
    if progress is not None and progress.gate_passed:
        rate = percent(history.day.newest.get(SUCCESS))
        return Finding(name, True, f"{rate}, gate of stage {progress.stage} passed")
    if history.success_quarters is None:
        return missing(name, history.day, "too few episodes so far")
    before, last = history.success_quarters
    text = f"{percent(last)} in the last quarter of the time, {percent(before)} in the one before"
    return Finding(name, last >= before, text)


def _attempts(history: HistoryEvidence) -> Finding:
    """A stage's last failed attempt is recorded as stage.regressed."""
    until_s = history.day.until_s
    regressed = events_until(history, ("stage.regressed",), until_s)
    failed = Counter(e.body.get("stage") for e in events_until(history, ("stage.failed",), until_s))
    repeated = [f"{count} failed at stage {stage}" for stage, count in failed.items() if count > 1]
    repeated += [event.text for event in regressed[-1:]]
    text = ", ".join(repeated) or "none failed twice at one stage"
    return Finding("attempts", not repeated, text)


def _evaluation(history: HistoryEvidence) -> Finding:
    evaluations = events_until(history, ("evaluation.done",), history.day.until_s)
    if evaluations:
        return Finding("evaluation", True, evaluations[-1].text)
    if history.evaluated:
        return Finding("evaluation", True, "by `landerctl evaluate`")
    return missing("evaluation", history.day, "none yet; run one with `landerctl evaluate`")


def _backups(evidence: Evidence) -> Finding:
    found = backup.check(evidence)
    holds = None if found.level is Level.UNKNOWN else found.level is Level.OK
    return Finding("backups", holds, found.text)
