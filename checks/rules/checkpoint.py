"""Checks for a recent, undamaged checkpoint."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.liveness import training
from checks.verdict import Level, Perf, Verdict
from checks.wording import duration


def check(evidence: Evidence) -> Verdict:
    """By checks.checkpoint_age_*_s during training; damaged ones are always a WARNING."""
    if evidence.run_id is None:
        return Verdict("checkpoint", Level.UNKNOWN, "no run")
    limits = evidence.config.checks if evidence.config else None
    newest = evidence.checkpoint
    if newest is None:
        return _none_yet(evidence)
    age_s = evidence.age_s(newest.created_s)
    # The age only matters during training.
    applies = limits is not None and training(evidence)
    perf = Perf(
        label="checkpoint_age",
        value=age_s,
        unit="s",
        warn=f"{limits.checkpoint_age_warning_s:g}" if limits and applies else "",
        crit=f"{limits.checkpoint_age_critical_s:g}" if limits and applies else "",
        minimum=0.0,
    )
    text = f"{newest.id} is {duration(age_s)} old"
    if limits and applies:
        for level, limit_s, setting in (
            (Level.CRITICAL, limits.checkpoint_age_critical_s, "checks.checkpoint_age_critical_s"),
            (Level.WARNING, limits.checkpoint_age_warning_s, "checks.checkpoint_age_warning_s"),
        ):
            if age_s > limit_s:
                return Verdict("checkpoint", level, f"{text}, {setting} is {limit_s:g}", (perf,))
    if evidence.checkpoints_problem:
        return Verdict(
            "checkpoint", Level.WARNING, f"{evidence.checkpoints_problem}; {text}", (perf,)
        )
    return Verdict("checkpoint", Level.OK, text, (perf,))


def _none_yet(evidence: Evidence) -> Verdict:
    if evidence.checkpoints_problem:
        text = f"none can be read: {evidence.checkpoints_problem}"
        return Verdict("checkpoint", Level.CRITICAL, text)
    run = evidence.status.run if evidence.status else None
    limits = evidence.config.checks if evidence.config else None
    age_s = evidence.age_s(run.created_s) if run else 0.0
    if limits and training(evidence) and age_s > limits.checkpoint_age_warning_s:
        text = (
            f"none yet, {duration(age_s)} into the run "
            f"(checks.checkpoint_age_warning_s is {limits.checkpoint_age_warning_s:g})"
        )
        return Verdict("checkpoint", Level.WARNING, text)
    return Verdict("checkpoint", Level.OK, "none yet")
