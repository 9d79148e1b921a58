"""Judges of the daily and weekly lines: the newest review of the run, and the machine now."""

from __future__ import annotations

from collections.abc import Sequence

from checks.checklist.facts import Facts, Outcome
from checks.checklist.judge import DAY_S, LiveJudge, stale
from checks.checklist.ledger.record import Record
from checks.checklist.model import Bound
from checks.checklist.reviews.earlier import COMPLETION, reviews_of
from checks.evidence import Evidence
from checks.limits import limits_of
from checks.liveness import describe, last_sign_of_life_s, liveness, training
from checks.milestones.history import GROWTH
from checks.rules import disk
from checks.verdict import Level
from checks.wording import duration, number
from daemon.protocol.finding import Figure, Finding

BOUND: tuple[Bound, ...] = ("version", "fingerprint", "run")
# The longest day, of 25 h, and an hour for the daemon to make the review.
DAILY_S = 26 * 3600.0
WEEKLY_S = 8 * DAY_S
_LIMIT_S = {"daily": DAILY_S, "weekly": WEEKLY_S}


def _review(kind: str, *keys: str) -> LiveJudge:
    """Whether the newest review is recent and has these figures.

    Recent: at the last sign of life, if the run has stopped.
    """

    def judge(facts: Facts) -> Outcome:
        record = _newest(facts, kind)
        if isinstance(record, Outcome):
            return record
        return _figures(record, keys)

    return judge


def _newest(facts: Facts, kind: str) -> Record | Outcome:
    """The newest review that counts, or why there is none."""
    if facts.ledger.problem:
        return Outcome("open", f"evidence refused: {facts.ledger.problem}")
    run_id = facts.evidence.run_id
    record = next(reviews_of(facts.ledger, run_id, kind), None)
    if run_id is None or record is None:
        return Outcome("open", f"no {kind} review of this run yet: `landerctl review {kind}`")
    if problem := stale(record, facts, BOUND):
        return Outcome("stale", f"record {record.sequence}: {problem}", {}, record.entry.time_s)
    evidence = facts.evidence
    age_s = evidence.age_s(float(record.entry.figures.get("until_s") or 0.0))
    if not training(evidence):
        seen_s = last_sign_of_life_s(evidence.status)
        age_s -= evidence.age_s(seen_s) if seen_s is not None else 0.0
    if age_s > _LIMIT_S[kind]:
        text = f"record {record.sequence} ends {duration(age_s)} ago"
        return Outcome("stale", f"{text}: `landerctl review {kind}`", {}, record.entry.time_s)
    return record


def _figures(record: Record, keys: Sequence[str]) -> Outcome:
    """Holds if the review has all of these; one that it lacks is known to be missing."""
    findings = [record.finding(key) or Finding(key, None, f"{key} is missing") for key in keys]
    figures: dict[str, Figure] = {"record": record.sequence}
    for one in findings:
        figures |= {f"{one.key}/{name}": value for name, value in one.figures.items()}
    lacking = [one for one in findings if not one.holds]
    text = "; ".join(one.text for one in lacking or findings)
    return Outcome("fails" if lacking else "holds", text, figures, record.entry.time_s)


def _compared(kind: str, key: str, figure: str) -> LiveJudge:
    """Holds if the review compares with the span before: `figure` is there."""

    def judge(facts: Facts) -> Outcome:
        record = _newest(facts, kind)
        if isinstance(record, Outcome):
            return record
        outcome = _figures(record, (key,))
        if outcome.state == "holds" and outcome.figures.get(f"{key}/{figure}") is None:
            text = f"{outcome.text}; comes with a second one"
            return Outcome("open", text, outcome.figures, outcome.since_s)
        return outcome

    return judge


def _evaluated(facts: Facts) -> Outcome:
    """By enough episodes, and flown in the week of the review."""
    outcome = _review("weekly", "best-evaluated")(facts)
    if outcome.state != "holds":
        return outcome
    episodes, evaluated_s = (
        float(outcome.figures.get(f"best-evaluated/{name}") or 0.0)
        for name in ("episodes", "evaluated_s")
    )
    least = facts.limits.review_episodes
    remedy = "`landerctl review weekly --evaluate`"
    age_s = (outcome.since_s or facts.now_s) - evaluated_s
    if episodes < least:
        return Outcome("fails", f"{outcome.text}; {least} needed: {remedy}", outcome.figures)
    if age_s > WEEKLY_S:
        text = f"{outcome.text}: older than {duration(WEEKLY_S)}: {remedy}"
        return Outcome("stale", text, outcome.figures, outcome.since_s)
    return outcome


def _memory(facts: Facts) -> Outcome:
    """By the alert rule for the growth that the newest daily review has."""
    outcome = _review("daily", "memory")(facts)
    if outcome.state != "holds":
        return outcome
    growth = outcome.figures.get("memory/growth_gb_per_day")
    if not isinstance(growth, int | float):
        return Outcome("open", "growth is measured after an hour of one process", outcome.figures)
    level, rule = limits_of(GROWTH, facts.evidence.config).judge(growth)
    limit = f", {rule.comparison} {rule.threshold:g} (alert {rule.name})" if rule else ""
    text = f"grew {number(growth, 2)} GB a day{limit}"
    return Outcome(
        "holds" if level is Level.OK else "fails", text, outcome.figures, outcome.since_s
    )


def _disk(facts: Facts) -> Outcome:
    """By the alert rules, as `landerctl check disk`; of a state folder in use."""
    if facts.evidence.run_id is None:
        return Outcome("open", "no run yet: `landerctl start`")
    found = disk.check(facts.evidence)
    if facts.evidence.disk is None:
        return Outcome("open", found.text)
    figures: dict[str, Figure] = {"free_gb": facts.evidence.disk.free_bytes / disk.GB}
    return Outcome("holds" if found.level is Level.OK else "fails", found.text, figures)


def _process(facts: Facts) -> Outcome:
    """The daemon and its trainer run, or were stopped on request; no critical alert fires."""
    evidence = facts.evidence
    alive = liveness(evidence)
    if alive in ("never-started", "unreadable") or evidence.run_id is None:
        return Outcome("open", describe(evidence))
    critical = _critical(evidence)
    trainer = evidence.status.trainer if evidence.status else None
    figures: dict[str, Figure] = {
        "daemon": alive,
        "trainer": trainer.state if trainer else None,
        "critical_alerts": len(critical),
    }
    if alive in ("died", "silent"):
        return Outcome("fails", f"the daemon: {describe(evidence)}", figures)
    if critical:
        return Outcome("fails", f"firing: {', '.join(critical)}", figures)
    if trainer is not None and trainer.state in ("FATAL", "BACKOFF"):
        return Outcome("fails", f"the trainer is {trainer.state}: {trainer.last_exit}", figures)
    if alive == "starting" or trainer is None or trainer.state == "STARTING":
        return Outcome("open", "starting", figures)
    return Outcome("holds", f"the daemon: {describe(evidence)}", figures)


def _critical(evidence: Evidence) -> list[str]:
    alerts = evidence.status.alerts if evidence.status else []
    return [one.name for one in alerts if one.severity == "critical" and one.state == "firing"]


JUDGES: dict[str, LiveJudge] = {
    "daily.reviewed": _review("daily", "reward", "success"),
    "daily.cpu": _compared("daily", "cpu", "before_mean"),
    "daily.memory": _memory,
    "daily.disk": _disk,
    "daily.process": _process,
    "weekly.stage": _review("weekly", "stage"),
    "weekly.stages-done": _review("weekly", "stages-done"),
    "weekly.success": _review("weekly", "stage-success"),
    "weekly.reward": _compared("weekly", "reward", "change"),
    "weekly.completion": _review("weekly", COMPLETION),
    "weekly.evaluated": _evaluated,
    "weekly.success-rate": _review("weekly", "best-success"),
    "weekly.precision": _review("weekly", "best-precision"),
    "weekly.fuel": _review("weekly", "best-fuel"),
    "weekly.smoothness": _review("weekly", "best-smoothness"),
}
