"""The rollback procedure, from request to outcome, used with and without a daemon.

Afterwards either the requested state is the run's newest checkpoint, or nothing has changed; the
answer, an event and incidents.md say which.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from daemon.backup.restoring.find_state import State
from daemon.base.threads import run_in_thread
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.protocol.control import Done, Refused
from daemon.rollback import incidents
from daemon.rollback.errors import RollbackError, UnusableStateError
from daemon.rollback.host import RollbackHost
from daemon.rollback.job import RollbackJob
from daemon.rollback.journal import CHANGED, Journal, undo_refusal
from daemon.rollback.selection.find_usable import find_usable
from daemon.rollback.settle_interrupted import SetAside, read_or_set_aside
from daemon.rollback.steps import STEPS, Execution, Report, confirm_training, note_running
from daemon.rollback.transaction import Transaction
from daemon.store.records import Body

_log = logging.getLogger(__name__)


async def roll_back(host: RollbackHost, job: RollbackJob, report: Report) -> Done | Refused:
    """Roll back to the first of the job's states that can be used; `report` receives each step."""
    faults = []
    for id_ in job.ids:
        try:
            return await _execute(await _begin(id_, host, job, report), job)
        except UnusableStateError as error:
            report(f"{id_} is skipped: {error}")
            faults.append(error)
    code = faults[0].code if len(faults) == 1 else "unusable"
    listed = "; ".join(str(fault) for fault in faults)
    return Refused(code, f"{listed}; nothing was changed, `landerctl backups` lists the states")


async def undo(host: RollbackHost, user: str, note: str, report: Report) -> Done | Refused:
    """Roll back to the state that was the newest before the last rollback."""
    try:
        journal = await _read_journal(host)
    except OSError as error:
        return Refused("failed", f"{error}; name a state: `landerctl backups` lists them")
    refusal = await run_in_thread(undo_refusal, journal, host.run, host.backups)
    if refusal is not None:
        return Refused("not-found", refusal)
    assert journal is not None and journal.live is not None
    why = note or f"undo of the rollback to {journal.to.id}"
    live = journal.live
    job = RollbackJob([live.id], user, why, verb="undo", expected=live)
    return await roll_back(host, job, report)


async def resume(host: RollbackHost, transaction: Transaction, report: Report) -> None:
    """Finish an interrupted rollback whose state is swapped in; the trainer was just started."""
    journal = transaction.journal
    state = State(host.run.checkpoints / str(journal.restored_id), journal.to)
    execution = Execution(host, state, transaction, report, restart=True, trainer_touched=True)
    try:
        await confirm_training(execution)
    except asyncio.CancelledError:
        host.record(
            "rollback.pending",
            f"The rollback to {journal.to.id} is in place, but training did not resume before the "
            "daemon stopped; the next start will confirm it",
            {"id": journal.to.id},
        )
        raise
    except (RollbackError, OSError) as error:
        await _fail(execution, str(error))
    else:
        if journal.was_training:
            await _succeed(execution)
        else:  # the command without a daemon has already written the incident
            host.record(
                "rollback.done",
                f"Training resumes from {journal.to.id}, to which the run was rolled back without "
                "a daemon",
                {"id": journal.to.id, "timesteps": journal.to.timesteps, "took_s": None},
            )
            host.start_verification(transaction)


async def _begin(id_: str, host: RollbackHost, job: RollbackJob, report: Report) -> Execution:
    """Find and verify the state. Raises UnusableStateError."""
    report(f"verifying {id_}")
    state = await _find(id_, host)
    if job.expected not in (None, state.manifest):
        raise UnusableStateError(f"{state.folder}: is not the state before the rollback")
    try:
        previous = await _read_journal(host)
    except OSError as error:
        raise UnusableStateError(f"{host.paths.rollback}: {error.strerror}") from None
    await host.stop_verification()
    journal = Journal(
        run_id=host.run.id,
        verb=job.verb,
        step="staging",
        to=state.manifest,
        by=job.by,
        automatic=job.automatic,
        why=f"{job.why or 'no reason given'} ({host.observed()})",
        began_s=host.now_s(),
        was_training=host.is_training,
        # What can still be undone if this rollback is reverted.
        previous=previous.without_previous() if previous and previous.step in CHANGED else None,
    )
    transaction = Transaction(host.paths, host.run, journal)
    return Execution(host, state, transaction, report, restart=journal.was_training)


async def _execute(execution: Execution, job: RollbackJob) -> Done | Refused:
    """Raises UnusableStateError, with nothing changed."""
    id_ = execution.state.manifest.id
    execution.host.record(
        "rollback.started",
        f"{'Undo: rolling' if job.verb == 'undo' else 'Rolling'} back to {id_}"
        f"{f', by {job.by}' if job.by else ''}",
        {"id": id_, "by": job.by, "automatic": job.automatic},
    )
    try:
        for step in STEPS:
            _log.info("rollback to %s: %s", id_, step.name)
            await step.run(execution)
    except UnusableStateError as error:
        await _fail(execution, str(error))
        raise
    except (DamagedCheckpointError, RollbackError, OSError) as error:
        return await _fail(execution, str(error))
    except asyncio.CancelledError:
        execution.restart = False  # this process is about to exit
        return await _fail(execution, "interrupted by a stop")
    return await _succeed(execution)


async def _find(id_: str, host: RollbackHost) -> State:
    try:
        return await run_in_thread(find_usable, host.run, host.backups, id_, host.algorithm)
    except DamagedCheckpointError as error:
        host.record("checkpoint.damaged", str(error), {"id": id_})
        raise UnusableStateError(str(error), "damaged") from None


async def _read_journal(host: RollbackHost) -> Journal | None:
    journal = await run_in_thread(read_or_set_aside, host.paths.rollback, host.now_s())
    if isinstance(journal, SetAside):
        journal.record(host.record)
        return None
    return journal


async def _succeed(execution: Execution) -> Done:
    host, journal = execution.host, execution.transaction.journal
    to = journal.to
    took_s = max(0.0, (journal.running_s or host.now_s()) - journal.began_s)
    if execution.resumed:
        text = f"Training resumes from {to.id} at {to.timesteps:,} steps, after {took_s:.1f} s"
        then = "its first evaluation follows (`landerctl events --follow --name 'rollback.*'`)"
    else:
        text = f"Run {host.run.id} is rolled back to {to.id}, {to.timesteps:,} steps"
        then = "no daemon runs, `landerctl start` resumes training from there"
    missing = await _conclude(
        execution,
        journal,
        "rollback.done",
        f"{text} (now {journal.restored_id})",
        {"id": to.id, "timesteps": to.timesteps, "took_s": took_s},
    )
    if execution.resumed:
        host.start_verification(execution.transaction)
    return Done(
        f"{text}{missing}; {then}; `landerctl rollback --undo` reverses it",
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


async def _fail(execution: Execution, error: str) -> Done | Refused:
    """Revert the rollback, unless training has already saved a checkpoint from it."""
    host, transaction = execution.host, execution.transaction
    journal = transaction.journal
    if execution.trainer_touched:
        await host.stop_trainer("rollback failed")
        if transaction.descends(host.resumed_from) and await _has_continued(transaction):
            return await _keep(execution)
    after = "everything was reverted" if execution.trainer_touched else "nothing was changed"
    try:
        await run_in_thread(transaction.revert)
    except OSError as fault:
        execution.missing.append(f"{host.paths.rollback} could not be written: {fault}")
        # Not the transaction's journal, which may be the previous rollback's again.
        if transaction.is_in_place(journal.restored_id):
            after = f"it could not be reverted and stays in place as {journal.restored_id}"
    if transaction.journal.step == "running":  # the journal is the previous rollback's again
        host.start_verification(transaction)
    if execution.trainer_touched and execution.restart:
        host.start_trainer()
        after += ", and training resumes"
    text = f"Rollback to {journal.to.id} failed: {error}; {after}"
    body: Body = {"id": journal.to.id, "error": error}
    missing = await _conclude(execution, journal, "rollback.failed", text, body)
    return Refused("failed", f"{journal.to.id}: {error}; {after}{missing}")


async def _has_continued(transaction: Transaction) -> bool:
    try:
        return await run_in_thread(transaction.continued)
    except OSError:
        return False  # no checkpoint can be listed: the revert says what it can do


async def _keep(execution: Execution) -> Done:
    """The trainer has saved a checkpoint of the restored state: it is too late to revert."""
    await note_running(execution)
    if execution.restart:
        execution.host.start_trainer()
    return await _succeed(execution)


async def _conclude(
    execution: Execution, journal: Journal, name: str, text: str, body: Body
) -> str:
    """Record the outcome; return what could not be written, as further clauses for the answer."""
    host = execution.host
    path = host.paths.incidents
    try:
        await run_in_thread(_append_incident, path, journal, text, host.now_s())
    except OSError as error:
        execution.missing.append(f"{path} could not be written: {error.strerror}")
    host.record(name, text, body)  # last: who waits for the event finds the incident
    return "".join(f"; {one}" for one in execution.missing)


def _append_incident(path: Path, journal: Journal, outcome: str, now_s: float) -> None:
    """The rollback's entry; for an interrupted one, that has its entry, a line after it."""
    entered = incidents.is_entered(path, journal)
    form = incidents.follow_up if entered else incidents.entry
    incidents.append(path, form(journal, outcome, now_s))
