"""The steps of a rollback, in the order in which every host executes them.

Until the trainer is stopped, a failure costs the training nothing. Later, whatever was done is
reverted and the trainer is started again. How far a rollback has come is in its journal on the
disk; `daemon.rollback.journal` has the table of what follows a kill at each of its steps.
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
    """One rollback to one verified state, while it is executed."""

    host: RollbackHost
    state: State
    transaction: Transaction
    report: Report  # takes each step, for whoever asked
    restart: bool  # whether the trainer is started again if the rollback fails
    trainer_touched: bool = False
    resumed: bool = False  # whether training has resumed from the restored state
    missing: list[str] = field(default_factory=list)  # what could not be written once it was done


@dataclass(frozen=True)
class Step:
    """`run` raises UnusableStateError, RollbackError, DamagedCheckpointError or OSError."""

    name: str
    run: Callable[[Execution], Awaitable[None]]


async def _stage(execution: Execution) -> None:
    # The trainer still saves: retention must not remove what is being copied.
    async with execution.host.keep_checkpoints():
        try:
            await run_in_thread(execution.transaction.stage, execution.state)
        except DamagedCheckpointError as error:
            raise UnusableStateError(str(error), "damaged") from None


async def _load_test(execution: Execution) -> None:
    id_ = execution.state.manifest.id
    execution.report(f"loading {id_} in a process of its own")
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
        # The checkpoint itself stays: a backup that fails must not prevent a rollback.
        execution.report(f"{live.id}, the state until now, has no backup: {error}")


async def _swap(execution: Execution) -> None:
    await run_in_thread(execution.transaction.swap, execution.host.now_s())


async def _start_trainer(execution: Execution) -> None:
    execution.report(f"starting the trainer from {execution.transaction.journal.restored_id}")
    execution.host.start_trainer()


async def confirm_training(execution: Execution) -> None:
    """Wait until training has resumed from the restored state, and record it in the journal.

    Without a daemon nothing trains yet: the journal's step stays "swapped", and the next start of
    a daemon confirms it. Raises RollbackError and OSError.
    """
    host, transaction = execution.host, execution.transaction
    if not await host.trainer_runs():
        return
    if not transaction.descends(host.resumed_from):
        raise RollbackError(f"the trainer resumed from {host.resumed_from} instead")
    await note_running(execution)


async def note_running(execution: Execution) -> None:
    """Record that training has resumed from the restored state: from here on it is done."""
    host = execution.host
    execution.resumed = True
    try:
        await run_in_thread(execution.transaction.running, host.now_s())
    except OSError as error:
        # The journal on the disk is one step behind: the next start confirms it again.
        execution.missing.append(f"{host.paths.rollback} could not be written: {error.strerror}")


STEPS = (
    Step("stage: copy the state beside the checkpoints, verified", _stage),
    Step("load test: can a training resume from the copy?", _load_test),
    Step("stop the trainer, which saves a checkpoint", _stop_trainer),
    Step("back up the newest checkpoint: an undo goes there", _back_up_live),
    Step("swap: the copy becomes the newest checkpoint", _swap),
    Step("start the trainer", _start_trainer),
    Step("confirm that training has resumed from it", confirm_training),
)
