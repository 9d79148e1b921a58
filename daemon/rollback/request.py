"""What somebody wants: to go back, to which states, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from daemon.checkpoint.manifest import Manifest
from daemon.rollback.journal import Journal


@dataclass(frozen=True)
class Order:
    """Who wants to go back, and why. The first of the states that can be used is taken."""

    ids: Sequence[str]
    by: str
    why: str
    verb: Literal["rollback", "undo"] = "rollback"
    automatic: bool = False

    def open_journal(
        self, run_id: str, to: Manifest, *, why: str, began_s: float, was_training: bool
    ) -> Journal:
        """The journal of the rollback to one of the states. `began_s`: Unix time."""
        return Journal(
            run_id=run_id,
            verb=self.verb,
            step="staging",
            to=to,
            by=self.by,
            automatic=self.automatic,
            why=why,
            began_s=began_s,
            was_training=was_training,
        )
