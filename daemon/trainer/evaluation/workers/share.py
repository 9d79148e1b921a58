"""Shares work among processes forked from this one, and returns what they send.

Forked, they need no second start, which takes seconds, and hold in common what this one imported
and compiled. It must be done before this process has threads that compute: it builds no fleet, and
lets torch use one thread.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from daemon.processes.lifeline import end_with

Work = Callable[[Callable[[bytes], None]], None]
"""Called in each process with a function that sends to the first one."""


class WorkerLostError(Exception):
    """A process ended before its work did. The message is one line for the user."""


def share(work: Work, workers: int) -> Generator[bytes, None, None]:
    """Let `workers` processes do `work` at a time; yields what they send, in the order received.

    They are killed when the iterator is closed or garbage, and end when this process does. They
    leave Ctrl-C to it. Raises WorkerLostError.
    """
    lifeline, held = os.pipe()
    processes: dict[Connection, BaseProcess] = {}
    try:
        for _ in range(workers):
            _start(work, processes, (lifeline, held))
        while processes:
            for connection in wait(list(processes)):
                assert isinstance(connection, Connection)
                try:
                    message = connection.recv_bytes()
                except (EOFError, OSError):  # the latter if it was killed while it sent
                    _reap(processes.pop(connection))
                else:
                    yield message
    finally:
        for process in processes.values():
            process.kill()
            process.join()
        for descriptor in (lifeline, held):
            os.close(descriptor)


def _start(work: Work, processes: dict[Connection, BaseProcess], lifeline: tuple[int, int]) -> None:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_do, args=(work, theirs, lifeline), daemon=True
    )
    with _interrupts_blocked(), warnings.catch_warnings():
        # Python 3.12 warns of threads: there are only those that wait, here and in OpenBLAS.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()
    processes[ours] = process


def _do(work: Work, send_to: Connection, lifeline: tuple[int, int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours, held = lifeline
    os.close(held)
    end_with(ours, lambda: os._exit(1))
    work(send_to.send_bytes)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """So that no new process is interrupted before it ignores this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reap(process: BaseProcess) -> None:
    process.join()
    code = process.exitcode or 0
    if code < 0:
        name = signal.Signals(-code).name
        memory = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        raise WorkerLostError(f"a process that flew was ended by {name}{memory}")
    if code > 0:
        raise WorkerLostError(f"a process that flew failed with code {code}, for the reason above")
