"""Checks the state of the trainer."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.liveness import liveness
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration
from daemon.store.records import TrainerStatus


def frozen_text(trainer: TrainerStatus) -> str:
    """Why a frozen trainer does not train, and what to do."""
    return f"frozen ({trainer.frozen}); `kill -CONT -- -{trainer.pid}` continues a stopped one"


def check(evidence: Evidence) -> Verdict:
    """CRITICAL if it failed and is not restarted, WARNING while frozen or waiting for a restart."""
    trainer = evidence.status.trainer if evidence.status else None
    if trainer is None or liveness(evidence) != "running":
        return Verdict("trainer", Level.UNKNOWN, "no daemon that answers")
    if trainer.frozen is not None:
        return Verdict("trainer", Level.WARNING, frozen_text(trainer))
    perf = (Perf(label="restarts", value=trainer.restarts, unit="c"),)
    last_exit = trainer.last_exit or "no exit recorded"
    match trainer.state:
        case "FATAL":
            text = (
                f"failed, no more restarts ({last_exit}); "
                "fix the cause, then `landerctl stop` and `landerctl start`"
            )
            return Verdict("trainer", Level.CRITICAL, text, perf)
        case "BACKOFF":
            wait_s = (trainer.restart_at_s or evidence.now_s) - evidence.now_s
            text = f"crashed ({last_exit}), restarts in {duration(wait_s)}"
            return Verdict("trainer", Level.WARNING, text, perf)
        case "EXITED" | "STOPPED":
            return Verdict("trainer", Level.OK, f"ended ({last_exit})", perf)
        case "STARTING" | "RUNNING" | "STOPPING":
            phase = f", {trainer.phase}" if trainer.phase else ""
            return Verdict("trainer", Level.OK, f"{trainer.state.lower()}{phase}", perf)
