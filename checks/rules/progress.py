"""Checks that the training's figures are finite, and reports its progress."""

from __future__ import annotations

import math

from checks.evidence import Evidence
from checks.verdict import Level, Perf, Verdict
from checks.wording import last_episodes, number, percent


def check(evidence: Evidence) -> Verdict:
    """CRITICAL if the success rate or the reward is NaN or infinite."""
    progress = evidence.status.progress if evidence.status else None
    if progress is None:
        return Verdict("progress", Level.UNKNOWN, "no rollout reported yet")
    perf = (
        Perf(
            label="timesteps",
            value=progress.timesteps,
            unit="c",
            minimum=0.0,
            maximum=progress.total_timesteps,
        ),
        Perf(label="stage", value=progress.stage, minimum=1.0, maximum=progress.stages),
        Perf(label="success_rate", value=progress.success_rate, minimum=0.0, maximum=1.0),
        Perf(label="reward_mean", value=progress.reward_mean),
    )
    for name, value in (
        ("success rate", progress.success_rate),
        ("mean reward", progress.reward_mean),
    ):
        if value is not None and not math.isfinite(value):
            text = (
                f"the {name} is {number(value)}; roll back to a good checkpoint "
                "(`landerctl backups`, `landerctl rollback --to ID`)"
            )
            return Verdict("progress", Level.CRITICAL, text, perf)
    text = (
        f"stage {progress.stage} of {progress.stages}, "
        f"success {percent(progress.success_rate)} of the "
        f"{last_episodes(progress.window_episodes)} (gate {percent(progress.gate_success_rate)}), "
        f"{number(progress.timesteps)} of {number(progress.total_timesteps)} steps"
    )
    return Verdict("progress", Level.OK, text, perf)
