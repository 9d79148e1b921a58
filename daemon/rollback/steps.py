"""The steps of a rollback, in order, the same for every host.

A failure before the trainer is stopped does not affect training. After a later one everything is
reverted and the trainer is started again. The journal on disk records the step reached;
`daemon.rollback.journal` has the table of what follows a kill at each step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from daemon.backup.record import Tag
from daemon.backup.restoring.find_state import State
from daemon.backup.restoring.staging import staged_folder
from daemon.base.threads import run_in_thread
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.rollback.errors import RollbackError, UnusableStateError
from daemon.rollback.host import RollbackHost
from daemon.rollback.transaction import Transaction

Report = Callable[[str], None]


@dataclass
class Execution:
    """A running rollback to one verified state."""

    host: RollbackHost
    state: State
    transaction: Transaction
    report: Report  # receives each step, for the requester
    restart: bool  # whether the trainer is started again if the rollback fails
    trainer_touched: bool = False
    resumed: bool = False  # whether training has resumed from the restored state
    missing: list[str] = field(default_factory=list)  # what could not be written afterwards


@dataclass(frozen=True)
class Step:
    """`run` raises UnusableStateError, RollbackError, DamagedCheckpointError or OSError."""

    name: str
    run: Callable[[Execution], Awaitable[None]]


async def _stage(execution: Execution) -> None:
    # The trainer still saves: retention must not remove the files being copied.
    async with execution.host.keep_checkpoints():
        try:
            await run_in_thread(execution.transaction.stage, execution.state)
        except DamagedCheckpointError as error:
            raise UnusableStateError(str(error), "damaged") from None


async def _load_test(execution: Execution) -> None:
    id_ = execution.state.manifest.id
    execution.report(f"load-testing {id_} in a separate process")
    result = await execution.host.load_test(staged_folder(execution.host.run))
    if not result.ok:
        raise UnusableStateError(f"{id_} cannot be used: {result.text}")


async def _stop_trainer(execution: Execution) -> None:
    host = execution.host
    execution.trainer_touched = True
    if host.is_training:
        execution.report("stopping the trainer; it saves a checkpoint first")
        await host.stop_trainer(f"rollback to {execution.state.manifest.id}")


async def _back_up_live(execution: Execution) -> None:
    live = await run_in_thread(execution.transaction.stopped)
    if live is None:
        return
    tag = Tag(note=f"before the rollback to {execution.state.manifest.id}", pinned=True)
    try:
        await execution.host.back_up(live.id, tag)
    except (DamagedCheckpointError, OSError) as error:
        # The checkpoint itself is kept: a failed backup must not prevent a rollback.
        execution.report(f"{live.id}, the current state, could not be backed up: {error}")


async def _swap(execution: Execution) -> None:
    await run_in_thread(execution.transaction.swap, execution.host.now_s())


async def _start_trainer(execution: Execution) -> None:
    if execution.host.has_trainer:
        execution.report(f"starting the trainer from {execution.transaction.journal.restored_id}")
        execution.host.start_trainer()


async def confirm_training(execution: Execution) -> None:
    """Wait until training has resumed from the restored state, and record it in the journal.

    Without a daemon nothing trains yet: the journal's step stays "swapped", and the next start of
    a daemon confirms it. Raises RollbackError and OSError.
    """
    host, transaction = execution.host, execution.transaction
    if not host.has_trainer:
        return
    await host.trainer_runs()
    if not transaction.descends(host.resumed_from):
        raise RollbackError(f"the trainer resumed from {host.resumed_from} instead")
    await note_running(execution)


async def note_running(execution: Execution) -> None:
    """Record that training has resumed from the restored state: the rollback is complete."""
    host = execution.host
    execution.resumed = True
    try:
        await run_in_thread(execution.transaction.running, host.now_s())
    except OSError as error:
        # The journal on the disk is one step behind: the next start confirms it again.
        execution.missing.append(f"{host.paths.rollback} could not be written: {error.strerror}")


STEPS = (
    Step("stage: copy the verified state beside the checkpoints", _stage),
    Step("load test: can training resume from the copy?", _load_test),
    Step("stop the trainer, which saves a checkpoint", _stop_trainer),
    Step("back up the newest checkpoint, for an undo", _back_up_live),
    Step("swap: the copy becomes the newest checkpoint", _swap),
    Step("start the trainer", _start_trainer),
    Step("confirm that training has resumed from it", confirm_training),
)
