"""Light processes of our own, such as the checklist's: one at a time, at the lowest priority."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.processes.priority import LOWEST
from daemon.processes.subprocesses import run_subprocess

TIMEOUT_S = 120.0
T = TypeVar("T")


class LightChildError(Exception):
    """A process failed or took too long. The message is one line."""


class LightChildren:
    """Runs them one after the other. Belongs to the event loop's thread.

    A process must end when its standard input is closed: then this one has died.
    """

    def __init__(self, run: RunPaths) -> None:
        self._run = run
        self._turn = asyncio.Lock()

    async def ask(self, module: str, arguments: Sequence[str], answer: type[T]) -> T:
        """The one JSON object that `python -m module` prints; its errors go to the run's log.

        The process is killed after TIMEOUT_S, or if the wait is cancelled. Raises LightChildError.
        """
        command = [sys.executable, "-P", "-m", module, *arguments]
        async with self._turn:
            try:
                output, code = await asyncio.wait_for(
                    run_subprocess(command, self._run, niceness=LOWEST), TIMEOUT_S
                )
            except TimeoutError:
                raise LightChildError(f"{module}: no answer within {TIMEOUT_S:g} s") from None
            except OSError as error:
                raise LightChildError(f"{module}: {error.strerror}") from None
        if code:
            raise LightChildError(f"{module}: exit code {code}, see {self._run.log}")
        try:
            return msgspec.json.decode(output, type=answer)
        except MALFORMED:
            raise LightChildError(f"{module}: its answer could not be decoded") from None
