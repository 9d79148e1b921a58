"""The state of a fork: which of its parent's files it keeps, and its counters and records. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from daemon.backup.forking.plan import ForkPlan
from daemon.base.malformed import MALFORMED
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.checkpoint.measured import STATE_FILE
from daemon.config.forking.carried import Part

# The files of a checkpoint that are of no use once a part begins anew.
_FILES: dict[Part, frozenset[str]] = {
    "flights": frozenset({"fleet.npz"}),
    "replay": frozenset({"replay_buffer.npz"}),
    "model": frozenset({"model.zip", "vecnormalize.npz", "vecnormalize.pkl"}),
}


def kept_files(state: Manifest, anew: Iterable[Part]) -> Manifest:
    """The manifest without the files that a fork does not carry over."""
    dropped = frozenset[str]().union(*(_FILES.get(part, frozenset()) for part in anew))
    kept = {name: digest for name, digest in state.files.items() if name not in dropped}
    return msgspec.structs.replace(state, files=kept)


def judged_anew(plan: ForkPlan) -> bool:
    """Whether the stage's last episodes say nothing about the fork."""
    return "window" in plan.begins_anew


def adapt_state(content: bytes, plan: ForkPlan) -> bytes:
    """A parent's training_state.json, as the fork begins with it.

    What lies in other files is only marked as beginning anew: the trainer that restores the state
    sees to it. Raises DamagedCheckpointError for a file that is not of a checkpoint.
    """
    try:
        state = msgspec.json.decode(content, type=dict[str, Any])
        anew = set(state.get("anew", [])) | set(plan.begins_anew)  # of a fork that never trained
        state |= {"best": None, "anew": sorted(anew)}
        record = state["record"] | {"ramp_step": plan.ramp_step}
        if judged_anew(plan):
            record |= {"episodes": 0, "successes": [], "rewards": [], "retry_after_episodes": 0}
            state |= {"divergence": {}, "measured": {}}
        if "model" in plan.begins_anew:
            record |= {
                "started_timesteps": plan.timesteps,
                "attempt": 1,
                "attempt_timesteps": plan.timesteps,
                "gate_passed": False,
            }
    except (*MALFORMED, KeyError, TypeError) as error:
        raise DamagedCheckpointError(f"{plan.state}: {STATE_FILE}: {error}") from None
    return msgspec.json.encode(state | {"record": record})
