"""A request to the daemon as the user sees it: notes as they come, then the answer."""

from __future__ import annotations

import sys

from daemon.protocol.control import Done, Note, Refused, Request
from landerctl.cli.shared.session import Session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.daemon_client import DaemonUnreachableError, request

_REFUSALS: dict[str, Exit] = {
    "busy": Exit.BUSY,
    "not-found": Exit.NOT_FOUND,
}


def report(step: str) -> None:
    """Show a step of a longer operation, on standard error."""
    print(f"  {step}", file=sys.stderr, flush=True)


def done(answer: Done | Refused) -> Done:
    """The answer if it is Done. Raises Failure with the exit code of a refusal."""
    if isinstance(answer, Refused):
        raise Failure(answer.text, _REFUSALS.get(answer.code, Exit.FAILED))
    return answer


def ask(session: Session, asked: Request) -> Done:
    """Send a request, print its notes to standard error, return its answer. Raises Failure."""
    try:
        for answer in request(session.paths, asked):
            if not isinstance(answer, Note):
                return done(answer)
            report(answer.text)
    except DaemonUnreachableError as error:
        code = Exit.NO_ANSWER if error.running else Exit.NOT_RUNNING
        raise Failure(str(error), code) from None
    raise AssertionError("a conversation ends with an answer or an error")
