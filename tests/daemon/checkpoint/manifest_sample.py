"""A manifest of a checkpoint that exists nowhere."""

from __future__ import annotations

import msgspec

from daemon.checkpoint.manifest import FORMAT, Manifest, checkpoint_id
from daemon.config.schema import CheckpointKind


def manifest(sequence: int, kind: CheckpointKind = "interval", **changes: object) -> Manifest:
    """`changes` replace fields."""
    plain = Manifest(
        format=FORMAT,
        id=checkpoint_id(sequence, 1000, kind),
        sequence=sequence,
        run_id="run",
        kind=kind,
        created_s=1.0,
        algorithm="ppo",
        timesteps=1000,
        stage=1,
        ramp_step=1,
        episodes=100,
        success_rate=None,
        reward_mean=None,
        restored_from=None,
        versions={},
        files={},
    )
    return msgspec.structs.replace(plain, **changes)
