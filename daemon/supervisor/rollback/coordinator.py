"""Rolling back under a supervisor: stage and try, stop, swap, start. Or all is as it was.

The state is staged, verified and tried while training still goes on: what cannot be used costs
the training nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from daemon.backup.find_state import State
from daemon.backup.record import Tag
from daemon.backup.staging import staged_folder
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.processes.trainer_commands import TrainerCommands
from daemon.protocol.control import Done, Refused
from daemon.rollback import incidents
from daemon.rollback.errors import RollbackError, UnusableStateError
from daemon.rollback.find import find_usable
from daemon.rollback.journal import Journal, read_journal, why_no_undo
from daemon.rollback.load_test import read_load_test
from daemon.rollback.request import Order
from daemon.rollback.transaction import Transaction
from daemon.store.async_recorder import Recorder
from daemon.store.records import Body, TrainerState
from daemon.supervisor.aio.clock import Clock
from daemon.supervisor.aio.subprocesses import run_errand
from daemon.supervisor.aio.threads import finished
from daemon.supervisor.backups.backup_service import Housekeeping
from daemon.supervisor.process.states import AT_REST
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

_log = logging.getLogger(__name__)

_SETTLED: frozenset[TrainerState] = AT_REST | {"RUNNING", "BACKOFF"}
Tell = Callable[[str], None]


class Rollbacks:
    """Carries out rollbacks of one run, one at a time. Belongs to the event loop's thread.

    `firing` names the alerts that fire; `on_running` takes each rollback from which training has
    gone on, until `stop_watching`.
    """

    def __init__(
        self,
        paths: StatePaths,
        run: RunPaths,
        backups: Path,
        *,
        algorithm: str,
        commands: TrainerCommands,
        trainer: SupervisedTrainer,
        housekeeping: Housekeeping,
        recorder: Recorder,
        clock: Clock,
        firing: Callable[[], Sequence[str]],
        on_running: Callable[[Transaction], None],
        stop_watching: Callable[[], Awaitable[None]],
    ) -> None:
        self._paths = paths
        self._run = run
        self._backups = backups
        self._algorithm = algorithm
        self._commands = commands
        self._trainer = trainer
        self._housekeeping = housekeeping
        self._recorder = recorder
        self._clock = clock
        self._firing = firing
        self._on_running = on_running
        self._stop_watching = stop_watching

    async def carry_out(self, order: Order, tell: Tell) -> Done | Refused:
        """Go to the first of the order's states that can be used; what is not is told."""
        faults = []
        for id_ in order.ids:
            try:
                return await self._go_to(id_, order, tell)
            except UnusableStateError as error:
                tell(f"{id_} is passed over: {error}")
                faults.append(error)
        code = faults[0].code if len(faults) == 1 else "unusable"
        listed = "; ".join(str(fault) for fault in faults)
        return Refused(code, f"{listed}; nothing was changed, `landerctl backups` lists the states")

    async def undo(self, user: str, note: str, tell: Tell) -> Done | Refused:
        """Go to the state from which the last rollback went away."""
        try:
            journal = await asyncio.to_thread(read_journal, self._paths.rollback)
        except (DamagedCheckpointError, OSError) as error:
            return Refused("failed", f"{error}; name a state: `landerctl backups` lists them")
        if (reason := why_no_undo(journal, self._run)) is not None:
            return Refused("not-found", reason)
        assert journal is not None and journal.live is not None
        why = note or f"undo of the rollback to {journal.to.id}"
        return await self.carry_out(Order([journal.live.id], user, why, verb="undo"), tell)

    async def go_on(self, transaction: Transaction) -> None:
        """Take up an interrupted rollback whose state is swapped in, the trainer just started."""
        try:
            await self._prove_start(transaction)
        except (RollbackError, OSError) as error:
            await self._fail(transaction, error)
        else:
            if transaction.journal.was_training:
                await self._succeed(transaction)
            else:  # it was told of when no training was to go on
                self._on_running(transaction)

    async def _go_to(self, id_: str, order: Order, tell: Tell) -> Done | Refused:
        tell(f"verifying {id_}")
        state = await self._find(id_)
        # The journal is one: from here on it is this rollback's.
        await self._stop_watching()
        transaction = Transaction(
            self._paths,
            self._run,
            order.open_journal(
                self._run.id,
                state.manifest,
                why=f"{order.why or 'not said'} ({self._seen()})",
                began_s=self._clock().unix_s,
                was_training=self._trainer.state not in AT_REST,
            ),
        )
        self._recorder.event(
            "rollback.started",
            f"{'Undoing: back' if order.verb == 'undo' else 'Rolling back'} to {id_}"
            f"{f', by {order.by}' if order.by else ''}",
            body={"id": id_, "by": order.by, "automatic": order.automatic},
        )
        try:
            await self._stage(state, transaction)
            await self._load_test(transaction, tell)
            await self._stop(transaction, tell)
            restored = await finished(transaction.swap, self._clock().unix_s)
            tell(f"starting the trainer from {restored.id}")
            self._trainer.start()
            await self._prove_start(transaction)
        except UnusableStateError as error:
            await self._revert(transaction, restart=False)
            self._recorder.event(
                "rollback.failed", f"{error}; training was not touched", body=_failure(id_, error)
            )
            raise
        except (DamagedCheckpointError, RollbackError, OSError) as error:
            return await self._fail(transaction, error)
        except asyncio.CancelledError:
            # The supervisor stops. What was not proven to train does not stay.
            await self._trainer.stop("rollback interrupted")
            await self._revert(transaction, restart=False)
            self._recorder.event(
                "rollback.failed",
                f"Rollback to {id_} interrupted by a stop; all is as before it",
                body={"id": id_, "error": "interrupted by a stop"},
            )
            raise
        return await self._succeed(transaction)

    def _seen(self) -> str:
        """How the training stands, and what fires."""
        progress = self._trainer.telemetry.progress if self._trainer.telemetry else None
        parts = [f"trainer {self._trainer.state}"]
        if progress is not None:
            parts.append(f"{progress.timesteps:,} steps, stage {progress.stage}")
        if progress is not None and progress.success_rate is not None:
            parts.append(f"success {progress.success_rate:.0%}")
        if progress is not None and progress.reward_mean is not None:
            parts.append(f"mean reward {progress.reward_mean:.0f}")
        firing = self._firing()
        parts.append(f"alerts: {', '.join(firing)}" if firing else "no alert fires")
        return ", ".join(parts)

    async def _find(self, id_: str) -> State:
        try:
            return await asyncio.to_thread(
                find_usable, self._run, self._backups, id_, self._algorithm
            )
        except DamagedCheckpointError as error:
            self._recorder.event("checkpoint.damaged", str(error), body={"id": id_})
            raise UnusableStateError(str(error), "damaged") from None

    async def _stage(self, state: State, transaction: Transaction) -> None:
        # The trainer saves on: that must not push what is being copied out.
        async with self._housekeeping.suspended():
            try:
                await finished(transaction.stage, state)
            except DamagedCheckpointError as error:
                raise UnusableStateError(str(error), "damaged") from None

    async def _load_test(self, transaction: Transaction, tell: Tell) -> None:
        tell("trying whether a training can go on from it")
        command = self._commands.load_test(self._run, staged_folder(self._run))
        result = read_load_test(*await run_errand(command, self._run))
        if not result.ok:
            raise UnusableStateError(f"{transaction.journal.to.id} cannot be used: {result.text}")

    async def _stop(self, transaction: Transaction, tell: Tell) -> None:
        to = transaction.journal.to.id
        if self._trainer.state not in AT_REST:
            tell("stopping the trainer; it saves a checkpoint first")
            await self._trainer.stop(f"rollback to {to}")
        live = await finished(transaction.stopped)
        if live is None:
            return
        tag = Tag(note=f"before the rollback to {to}", pinned=True)
        try:
            await self._housekeeping.back_up(live.id, tag)
        except (DamagedCheckpointError, OSError) as error:
            # It is recorded. The checkpoint itself stays, and backups must not hinder a rollback.
            tell(f"{live.id}, the state until now, has no backup: {error}")

    async def _prove_start(self, transaction: Transaction) -> None:
        """Wait until training goes on from the restored state. Raises RollbackError, OSError."""
        state = await self._trainer.until(_SETTLED)
        news = self._trainer.telemetry
        resumed_from = news.hello.resumed_from if news and news.hello else None
        if state not in ("RUNNING", "EXITED"):
            raise RollbackError(f"the trainer did not start from it: {self._trainer.last_exit}")
        if resumed_from != transaction.journal.restored_id:
            raise RollbackError(f"the trainer went on from {resumed_from} instead")
        await finished(transaction.running, self._clock().unix_s)

    async def _succeed(self, transaction: Transaction) -> Done:
        journal = transaction.journal
        to, took_s = journal.to, (journal.running_s or 0.0) - journal.began_s
        text = f"Training goes on from {to.id} at {to.timesteps:,} steps, after {took_s:.1f} s"
        self._recorder.event(
            "rollback.done", text, body={"id": to.id, "timesteps": to.timesteps, "took_s": took_s}
        )
        await self._note_incident(journal, f"{text} (now {journal.restored_id})")
        self._on_running(transaction)
        return Done(
            f"{text}. Its first evaluation follows (`landerctl events --follow --name "
            "'rollback.*'`); `landerctl rollback --undo` takes it back",
            {
                "id": to.id,
                "checkpoint": journal.restored_id,
                "before": journal.live.id if journal.live else None,
                "timesteps": to.timesteps,
                "stage": to.stage,
                "success_rate": to.success_rate,
                "took_s": round(took_s, 3),
            },
        )

    async def _fail(self, transaction: Transaction, error: Exception) -> Refused:
        journal = transaction.journal
        if journal.step == "staging":
            await self._revert(transaction, restart=False)
            after = "nothing was changed"
        else:
            await self._trainer.stop("rollback failed")
            await self._revert(transaction, restart=journal.was_training)
            after = "all is as before it"
            after += ", and training goes on" if journal.was_training else ""
        text = f"Rollback to {journal.to.id} not carried out: {error}; {after}"
        self._recorder.event("rollback.failed", text, body=_failure(journal.to.id, error))
        await self._note_incident(journal, text)
        return Refused("failed", f"{journal.to.id}: {error}; {after}")

    async def _revert(self, transaction: Transaction, *, restart: bool) -> None:
        try:
            await finished(transaction.revert)
        except OSError:
            # The journal still says how far it came: the next start of the daemon reverts.
            _log.exception("reverting the rollback to %s", transaction.journal.to.id)
        if transaction.journal.step == "running":  # again that of the rollback before
            self._on_running(transaction)
        if restart:
            self._trainer.start()

    async def _note_incident(self, journal: Journal, outcome: str) -> None:
        text = incidents.entry(journal, outcome, self._clock().unix_s)
        try:
            await finished(incidents.append, self._paths.incidents, text)
        except OSError:
            _log.exception("writing %s", self._paths.incidents)


def _failure(id_: str, error: Exception) -> Body:
    return {"id": id_, "error": str(error)}
