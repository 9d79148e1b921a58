"""Checks the training speed."""

from __future__ import annotations

from checks.evidence import Evidence
from checks.liveness import training
from checks.verdict import Level, Perf, Verdict
from checks.wording import number


def check(evidence: Evidence) -> Verdict:
    """WARNING if the speed is outside expected.steps_per_s."""
    status = evidence.status
    if status is None or status.daemon is None or not training(evidence):
        return Verdict("throughput", Level.UNKNOWN, "not training")
    if status.progress is None:
        return Verdict("throughput", Level.UNKNOWN, "no rollout reported yet")
    speed = status.progress.steps_per_s
    low, high = status.daemon.steps_per_s_expected
    perf = Perf(label="steps_per_s", value=speed, warn=f"{low:g}:{high:g}", minimum=0.0)
    if low <= speed <= high:
        return Verdict("throughput", Level.OK, f"{number(speed)} steps/s", (perf,))
    # Not `speed < low`: NaN must be outside too.
    side = "above" if speed > high else "below"
    limit = high if speed > high else low
    text = (
        f"{number(speed)} steps/s is {side} {number(limit)} (expected.steps_per_s); "
        "see CPU and memory in `landerctl tui`"
    )
    return Verdict("throughput", Level.WARNING, text, (perf,))
