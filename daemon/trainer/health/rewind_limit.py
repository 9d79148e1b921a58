"""How often a training may rewind after non-finite numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from daemon.config.schema import GuardSettings

_Natural = Annotated[int, msgspec.Meta(ge=0)]


class RewindCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rewinds without enough progress in between. Part of a checkpoint."""

    count: _Natural = 0
    furthest: _Natural = 0  # timesteps of the furthest fault


@dataclass(frozen=True)
class GiveUp:
    """End the training, for this reason."""

    reason: str


def judge(rewinds: RewindCount, timesteps: int, guards: GuardSettings) -> RewindCount | GiveUp:
    """Whether to rewind again after a fault at `timesteps`: the new count, or GiveUp.

    Rewinds count as consecutive if the next fault is within `guards.progress_steps`.
    """
    progress = timesteps - rewinds.furthest >= guards.progress_steps
    count = 1 if progress else rewinds.count + 1
    if count > guards.max_returns:
        return GiveUp(
            f"no progress of {guards.progress_steps:,} steps after "
            f"{guards.max_returns} rewinds to checkpoints"
        )
    return RewindCount(count, max(rewinds.furthest, timesteps))
