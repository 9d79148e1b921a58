"""When the lines of a run's first hour or day are judged, and how they are told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from checks.evidence import Evidence, HistoryEvidence, SpanEvidence
from checks.liveness import last_sign_of_life_s, liveness, training
from checks.verdict import Finding, Level, Perf, Verdict
from checks.wording import duration
from daemon.store.records import Event

# A fault of the past cannot be repaired: it is a warning for so long, so that cron falls silent.
NEWS_S = 86_400.0
_ENDED = ("EXITED", "FATAL", "STOPPED")


def verdict(
    check: str,
    evidence: Evidence,
    span: SpanEvidence,
    findings: Sequence[Finding],
    at_once: Collection[str],
) -> Verdict:
    """Judge the findings where the time has come or the run is over, else say when that will be.

    `at_once`: the names of those that are certain as soon as they do not hold.
    """
    assert evidence.history is not None
    due_s = span.until_s if span.full else ended_s(evidence)
    bad = [one for one in findings if one.holds is False]
    held = sum(one.holds is True for one in findings)
    perf = (
        Perf(label=f"{check}_held", value=held, minimum=0.0, maximum=len(findings)),
        Perf(label=f"{check}_failed", value=len(bad), warn="0", minimum=0.0, maximum=len(findings)),
    )
    if due_s is None:
        bad = [one for one in bad if one.name in at_once]
        rest = duration(span.length_s - evidence.history.trained_s)
        text = f"judged in {rest}; so far: {held} of {len(findings)} hold"
    else:
        ago = duration(evidence.now_s - due_s)
        text = f"judged {ago} ago: {held} of {len(findings)} hold"
    if bad:
        text = f"{', '.join(f'{one.name}: {one.text}' for one in bad)}; {text}"
    news = due_s is None or evidence.now_s - due_s <= NEWS_S
    level = Level.WARNING if bad and news else Level.OK
    return Verdict(check, level, text, perf, tuple(findings))


def ended_s(evidence: Evidence) -> float | None:
    """When the run ended or was interrupted (Unix); None: it goes on."""
    status = evidence.status
    trainer = status.trainer if status else None
    if trainer is not None and trainer.state in _ENDED:
        return trainer.since_s
    if liveness(evidence) in ("running", "starting"):
        return None
    daemon = status.daemon if status else None
    return (daemon.stopped_s if daemon else None) or last_sign_of_life_s(status)


def told(history: HistoryEvidence, names: Collection[str], until_s: float) -> list[Event]:
    """The events of these names until then, in order."""
    return [e for e in history.events if e.name in names and e.time_s <= until_s]


def missing(name: str, span: SpanEvidence, text: str) -> Finding:
    """What a full span ought to have measured; a run that was cut short may not have come to it."""
    return Finding(name, False if span.full else None, text)


def whole_checkpoints(evidence: Evidence, history: HistoryEvidence, span: SpanEvidence) -> Finding:
    """Are there checkpoints, with statistics and training state, and all of them whole?"""
    name = "checkpoints"
    problem = evidence.checkpoints_problem or history.checkpoint_problem
    if problem:
        return Finding(name, False, problem)
    if evidence.checkpoint is None:
        return missing(name, span, "none yet")
    count = len(evidence.checkpoints)
    return Finding(name, True, f"{count} whole, the newest is {evidence.checkpoint.id}")


def written_tensorboard(
    evidence: Evidence, history: HistoryEvidence, span: SpanEvidence
) -> Finding:
    """Are TensorBoard's event files there, and while something trains, do they grow?"""
    name = "tensorboard"
    if history.tensorboard_s is None:
        return missing(name, span, "no event file yet")
    age_s = max(0.0, evidence.now_s - history.tensorboard_s)
    text = f"event file written {duration(age_s)} ago"
    if not training(evidence) or evidence.config is None:
        return Finding(name, True, text)
    limit_s = evidence.config.supervision.heartbeat_timeout_s
    if age_s <= limit_s:
        return Finding(name, True, text)
    return Finding(name, False, f"{text}, supervision.heartbeat_timeout_s is {limit_s:g} s")
