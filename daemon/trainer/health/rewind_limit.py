"""How often a training may go back after numbers that are not finite: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from daemon.config.schema import GuardSettings

_Natural = Annotated[int, msgspec.Meta(ge=0)]


class RewindCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often training went back without much progress. Part of a checkpoint."""

    count: _Natural = 0
    furthest: _Natural = 0  # timesteps of the furthest fault


@dataclass(frozen=True)
class GiveUp:
    """End the training, for this reason."""

    reason: str


def judge(returns: RewindCount, timesteps: int, guards: GuardSettings) -> RewindCount | GiveUp:
    """Whether to return once more after a fault at `timesteps`; the count with this one, if so.

    Returns are counted while one fault follows another within `guards.progress_steps`.
    """
    progress = timesteps - returns.furthest >= guards.progress_steps
    count = 1 if progress else returns.count + 1
    if count > guards.max_returns:
        return GiveUp(
            f"{guards.max_returns} returns to checkpoints did not bring it "
            f"{guards.progress_steps:,} steps further"
        )
    return RewindCount(count, max(returns.furthest, timesteps))
