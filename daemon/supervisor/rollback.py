"""Rolling back: stop, verify, restore, restart, report; on failure go on from where it was."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daemon.backup.restore import State, UnknownIdError, find_state, restore
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest
from daemon.checkpoint.retention import discard
from daemon.paths import RunPaths
from daemon.protocol.control import Done, Refused
from daemon.store.records import TrainerState
from daemon.supervisor.clock import Clock
from daemon.supervisor.recorder import Recorder
from daemon.supervisor.states import AT_REST
from daemon.supervisor.trainer import SupervisedTrainer

_log = logging.getLogger(__name__)

_SETTLED: frozenset[TrainerState] = AT_REST | {"RUNNING", "BACKOFF"}


class RollbackError(Exception):
    """A step of the rollback failed. The message is one line for the user."""


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback needs."""

    run: RunPaths
    backups: Path
    algorithm: str


def verify_source(plan: RollbackPlan, id_: str) -> State:
    """Find the source, verify its digests, and check that this run's algorithm can load it.

    Raises UnknownIdError, DamagedCheckpointError, RollbackError, OSError.
    """
    state = find_state(plan.run, plan.backups, id_)
    manifest = state.manifest
    if (manifest.run_id, manifest.algorithm) != (plan.run.id, plan.algorithm):
        raise RollbackError(
            f"{id_} was trained by {manifest.algorithm} in run {manifest.run_id}, this one is "
            f"{plan.algorithm} in run {plan.run.id}"
        )
    return state


class RollbackAction:
    """One rollback. `carry_out` leaves either the restored state training, or the one before."""

    def __init__(
        self,
        plan: RollbackPlan,
        trainer: SupervisedTrainer,
        *,
        recorder: Recorder,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._trainer = trainer
        self._recorder = recorder
        self._clock = clock
        self._tell = tell
        self._restored: Manifest | None = None

    async def carry_out(self, id_: str) -> Done | Refused:
        """Roll back to a checkpoint of the run or a backup."""
        self._tell(f"verifying {id_}")
        try:
            source = await asyncio.to_thread(verify_source, self._plan, id_)
        except UnknownIdError as error:
            return Refused("not-found", str(error))
        except DamagedCheckpointError as error:
            self._recorder.event("checkpoint.damaged", str(error), body={"id": id_})
            return Refused("damaged", f"{error}; choose another, `landerctl backups` lists them")
        except (RollbackError, OSError) as error:
            return Refused("failed", f"{id_}: {error}; nothing was changed")
        was_training = self._trainer.state not in AT_REST
        self._recorder.event("rollback.started", f"Rolling back to {id_}", body={"id": id_})
        try:
            return await self._replace_state(source)
        except (DamagedCheckpointError, RollbackError, OSError) as error:
            await self._undo(was_training)
            self._recorder.event(
                "rollback.failed",
                f"Rollback to {id_} not carried out: {error}",
                body={"id": id_, "error": str(error)},
            )
            after = "training goes on from where it was" if was_training else "nothing was changed"
            return Refused("failed", f"{id_}: {error}; {after}")
        except asyncio.CancelledError:
            # The supervisor stops. What was not proven to train does not stay.
            await self._trainer.stop("rollback interrupted")
            self._discard_restored()
            self._recorder.event(
                "rollback.failed",
                f"Rollback to {id_} interrupted by a stop",
                body={"id": id_, "error": "interrupted by a stop"},
            )
            raise

    async def _replace_state(self, source: State) -> Done:
        if self._trainer.state not in AT_REST:
            self._tell("stopping the trainer; it saves a checkpoint first")
            await self._trainer.stop(f"rollback to {source.manifest.id}")
        self._tell("restoring")
        restored = await self._restore(source)
        self._tell(f"starting the trainer from {restored.id}")
        self._trainer.start()
        state = await self._trainer.until(_SETTLED)
        news = self._trainer.telemetry
        resumed_from = news.hello.resumed_from if news and news.hello else None
        if state not in ("RUNNING", "EXITED"):
            raise RollbackError(f"the trainer did not start from it: {self._trainer.last_exit}")
        if resumed_from != restored.id:
            raise RollbackError(f"the trainer went on from {resumed_from} instead")
        text = f"Training goes on from {source.manifest.id} at {restored.timesteps:,} steps"
        self._recorder.event(
            "rollback.done", text, body={"id": source.manifest.id, "timesteps": restored.timesteps}
        )
        self._restored = None
        return Done(
            text,
            {
                "id": source.manifest.id,
                "checkpoint": restored.id,
                "timesteps": restored.timesteps,
                "stage": restored.stage,
                "success_rate": restored.success_rate,
            },
        )

    async def _restore(self, source: State) -> Manifest:
        copying = asyncio.create_task(
            asyncio.to_thread(restore, source, self._plan.run, created_s=self._clock().unix_s)
        )
        try:
            self._restored = await asyncio.shield(copying)
        except asyncio.CancelledError:
            # The thread cannot be interrupted: wait for it, so that its copy can be removed.
            self._restored = await copying
            raise
        return self._restored

    async def _undo(self, was_training: bool) -> None:
        await self._trainer.stop("rollback failed")
        self._discard_restored()
        if was_training:
            self._tell("starting the trainer from where it was")
            self._trainer.start()

    def _discard_restored(self) -> None:
        if self._restored is None:
            return
        try:
            discard(self._plan.run.checkpoints / self._restored.id)
        except OSError:
            _log.exception("removing %s", self._restored.id)
