"""Common code of the first-hour and first-day checks: due time, verdict, findings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from checks.evidence import Evidence, HistoryEvidence, SpanEvidence
from checks.liveness import last_sign_of_life_s, liveness, training
from checks.verdict import Finding, Level, Perf, Verdict
from checks.wording import duration
from daemon.store.records import Event

# A past failure cannot be fixed: it is a WARNING only for this time.
WARNING_S = 86_400.0
_ENDED = ("EXITED", "FATAL", "STOPPED")


def verdict(
    check: str,
    evidence: Evidence,
    span: SpanEvidence,
    findings: Sequence[Finding],
    at_once: Collection[str],
) -> Verdict:
    """The verdict on the findings once the span is full or the run has ended; else when it is due.

    `at_once`: names of findings whose failure is a WARNING before that.
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
        ago = duration(evidence.age_s(due_s))
        text = f"judged {ago} ago: {held} of {len(findings)} hold"
    if bad:
        text = f"{', '.join(f'{one.name}: {one.text}' for one in bad)}; {text}"
    recent = due_s is None or evidence.age_s(due_s) <= WARNING_S
    level = Level.WARNING if bad and recent else Level.OK
    return Verdict(check, level, text, perf, tuple(findings))


def ended_s(evidence: Evidence) -> float | None:
    """When the run ended or was interrupted (Unix, s); None: still running."""
    status = evidence.status
    trainer = status.trainer if status else None
    if trainer is not None and trainer.state in _ENDED:
        return trainer.since_s
    if liveness(evidence) in ("running", "silent", "starting"):
        return None
    daemon = status.daemon if status else None
    return (daemon.stopped_s if daemon else None) or last_sign_of_life_s(status)


def completed(evidence: Evidence) -> bool:
    """Whether the training ended by itself, with all its steps flown."""
    trainer = evidence.status.trainer if evidence.status else None
    return trainer is not None and trainer.state == "EXITED"


def events_until(history: HistoryEvidence, names: Collection[str], until_s: float) -> list[Event]:
    """The events with these names until `until_s`, in order."""
    return [e for e in history.events if e.name in names and e.time_s <= until_s]


def missing(name: str, span: SpanEvidence, text: str) -> Finding:
    """A value not measured: a failure after a full span, else unknown."""
    return Finding(name, False if span.full else None, text)


def whole_checkpoints(evidence: Evidence, history: HistoryEvidence, span: SpanEvidence) -> Finding:
    """Checks that there are checkpoints and that all are whole."""
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
    """Checks that TensorBoard's event files exist and, during training, are recent."""
    name = "tensorboard"
    if history.tensorboard_s is None:
        return missing(name, span, "no event file yet")
    age_s = evidence.age_s(history.tensorboard_s)
    text = f"event file written {duration(age_s)} ago"
    if not training(evidence) or evidence.config is None:
        return Finding(name, True, text)
    limit_s = evidence.config.supervision.heartbeat_timeout_s
    if age_s <= limit_s:
        return Finding(name, True, text)
    return Finding(name, False, f"{text}, supervision.heartbeat_timeout_s is {limit_s:g} s")
