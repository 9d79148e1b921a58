"""Is the daemon alive? Derived from the kernel's lock and the store, never from a pid."""

from __future__ import annotations

from typing import Literal

from checks.evidence import Evidence
from checks.wording import duration
from daemon.store.records import DaemonStatus, Status

Liveness = Literal[
    "running", "silent", "starting", "stopped", "died", "never-started", "unreadable"
]


def liveness(evidence: Evidence) -> Liveness:
    """The daemon's state. A held lock always means alive; the rest comes from the store.

    "silent": alive, but it does not answer.
    """
    daemon = evidence.status.daemon if evidence.status else None
    if evidence.silent:
        return "silent"
    if evidence.lock_held:
        if daemon is None:
            missing = evidence.store.state in ("readable", "missing")
            return "starting" if missing else "running"
        # A stopped record belongs to the previous daemon: the new one has not written its own yet.
        return "starting" if daemon.stopped_s is not None else "running"
    if evidence.store.state not in ("readable", "missing"):
        return "unreadable"
    if daemon is None and not evidence.restored:
        return "never-started"
    ended = daemon is None or daemon.stopped_s is not None or bool(evidence.restored)
    return "stopped" if ended else "died"


def describe(evidence: Evidence) -> str:
    """The daemon's state as text, with what to do next if needed."""
    daemon = evidence.status.daemon if evidence.status else None
    match liveness(evidence):
        case "starting":
            return "starting"
        case "never-started":
            return "never started here; `landerctl start` starts or resumes a run"
        case "unreadable":
            if evidence.home_problem:
                return f"cannot be known: {evidence.home_problem}"
            return f"not running, and {evidence.store.problem}"
        case "silent":
            text = _describe_silence(evidence, daemon)
        case "stopped" if evidence.restored:
            text = f"run {evidence.restored}; not started since, start it with `landerctl start`"
        case "stopped" | "died" if daemon is not None:
            text = _describe_end(evidence, daemon)
        case _ if daemon is not None:
            text = f"running for {duration(evidence.age_s(daemon.started_s))}, pid {daemon.pid}"
        case _:
            text = f"running, but {evidence.store.problem}"
    return text


def _describe_silence(evidence: Evidence, daemon: DaemonStatus | None) -> str:
    seen_s = last_sign_of_life_s(evidence.status)
    since = "" if seen_s is None else f" since {duration(evidence.age_s(seen_s))}"
    pid = f" (pid {daemon.pid})" if daemon else ""
    text = f"does not answer{since}{pid}"
    if evidence.frozen is None:
        return f"{text}; if that lasts, end it with `landerctl stop --force`"
    return f"{text}: frozen, {evidence.frozen}; `landerctl stop --force` continues and stops it"


def _describe_end(evidence: Evidence, daemon: DaemonStatus) -> str:
    if daemon.stopped_s is not None:
        reason = f" ({daemon.stop_reason})" if daemon.stop_reason else ""
        ago = duration(evidence.age_s(daemon.stopped_s))
        return f"stopped cleanly {ago} ago{reason}; resume with `landerctl start`"
    cause = "the machine went down" if evidence.rebooted else "killed or crashed"
    seen_s = last_sign_of_life_s(evidence.status)
    last_seen = (
        "" if seen_s is None else f", last sign of life {duration(evidence.age_s(seen_s))} ago"
    )
    return (
        f"died unexpectedly ({cause}; was pid {daemon.pid}{last_seen}); "
        "resume from the newest checkpoint with `landerctl start`"
    )


def last_sign_of_life_s(status: Status | None) -> float | None:
    """Unix time (s) of the daemon's newest record about itself or the training."""
    if status is None:
        return None
    times = [
        status.daemon.started_s if status.daemon else None,
        status.resources.time_s if status.resources else None,
        status.progress.time_s if status.progress else None,
    ]
    return max((time_s for time_s in times if time_s is not None), default=None)


def training(evidence: Evidence) -> bool:
    """Whether the daemon runs and its trainer is RUNNING."""
    trainer = evidence.status.trainer if evidence.status else None
    return liveness(evidence) == "running" and trainer is not None and trainer.state == "RUNNING"
