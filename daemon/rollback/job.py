"""A requested rollback: to which states, by whom, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from daemon.checkpoint.manifest import Manifest


@dataclass(frozen=True)
class RollbackJob:
    """Roll back to the first of the states `ids` that can be used."""

    ids: Sequence[str]
    by: str  # the user, or the alert rule
    why: str
    verb: Literal["rollback", "undo"] = "rollback"
    automatic: bool = False
    expected: Manifest | None = None  # the state meant; one with its id but other contents is not
