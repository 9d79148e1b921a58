"""A cloning that takes a second."""

from __future__ import annotations

from daemon.trainer.cloning.plan import CloningPlan

SHORT = CloningPlan(
    landers=4,
    rollouts=3,
    rollout_steps=16,
    keep_every=2,
    batches=4,
    batch_size=16,
    value_rollouts=2,
    value_batches=4,
)
