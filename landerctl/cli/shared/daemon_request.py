"""Sends a request to the daemon and prints its progress notes."""

from __future__ import annotations

import sys
import time

from checks.gather import gather
from checks.liveness import describe, liveness
from daemon.base.identity import lock_is_held
from daemon.protocol.control import (
    BackupRequest,
    Done,
    Note,
    Refused,
    Request,
    RollbackRequest,
    StopRequest,
    UndoRollbackRequest,
)
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, interruption
from landerctl.operations.daemon_client import DaemonUnreachableError, request

_REFUSALS: dict[str, Exit] = {
    "busy": Exit.BUSY,
    "not-found": Exit.NOT_FOUND,
}
# What the user reads after Ctrl-C: a daemon that has the request does not need its sender.
_CONTINUES: dict[type[Request], str] = {
    BackupRequest: "the daemon makes the backup anyway; `landerctl backups` lists it",
    RollbackRequest: "the daemon rolls back anyway; `landerctl events --name 'rollback.*'` says "
    "how it ends",
    StopRequest: "the daemon stops anyway; `landerctl status` says when it has",
}
_CONTINUES[UndoRollbackRequest] = _CONTINUES[RollbackRequest]


def report(step: str) -> None:
    """Print a step of a longer operation, on standard error."""
    print(f"  {step}", file=sys.stderr, flush=True)


def done(answer: Done | Refused) -> Done:
    """The answer if it is Done. Raises Failure with the exit code of a refusal."""
    if isinstance(answer, Refused):
        raise Failure(answer.text, _REFUSALS.get(answer.code, Exit.FAILED))
    return answer


def ask(session: Session, message: Request) -> Done:
    """Send a request, print its notes to standard error, return the answer. Raises Failure.

    Not to a daemon that does not answer: it might execute the request much later.
    """
    if lock_is_held(session.paths):
        evidence = gather(session.paths, time.time())
        if liveness(evidence) == "silent":
            raise Failure(f"{session.paths.home}: the daemon {describe(evidence)}", Exit.NO_ANSWER)
    try:
        with interruption(_CONTINUES.get(type(message), "the daemon has the request")):
            for answer in request(session.paths, message):
                if not isinstance(answer, Note):
                    return done(answer)
                report(answer.text)
    except DaemonUnreachableError as error:
        code = Exit.NO_ANSWER if error.running else Exit.NOT_RUNNING
        raise Failure(str(error), code) from None
    raise AssertionError("request() ends with an answer or an error")
