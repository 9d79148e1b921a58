"""Fills the compilation cache by processes that work beside the caller.

Numba compiles one function at a time in a process: two are almost twice as fast, and the caller is
free to import, and to report what is done.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from types import TracebackType
from typing import IO, Any, Self

from env.base.compilation_cache import (
    WORKERS_CACHE,
    compilation_cache,
    remove_old_versions,
)
from env.compilation.functions import compiled_count, needed_functions
from env.compilation.parts import BESIDE_KERNEL, KERNEL, PARTS, SHARES

POLL_S = 0.2
_BUILDING = "building"

Report = Callable[[int, int], None]


def compile_environment(report: Report) -> None:
    """Compile all that a fleet needs and the cache lacks, or wait for a process that does.

    Calls `report(compiled, needed)`, counts of functions, a few times a second, at least once.
    """
    with Compilation() as compilation:
        compilation.wait(report)


class Compilation:
    """A compilation in progress: enter it early, do other things, then wait for it.

    A worker that fails leaves its functions to the first call that needs them, which raises the
    error. Leaving the context ends the workers.
    """

    def __init__(self) -> None:
        self._lock = (compilation_cache() / _BUILDING).open("ab")
        self._workers: list[subprocess.Popen[bytes]] = []
        self._answers = selectors.DefaultSelector()
        self._left: set[str] = set()
        self._given: list[set[str]] = []  # each worker's parts
        self._found = 0  # functions in the cache at the beginning

    def __enter__(self) -> Self:
        self._found = compiled_count()
        self._start_workers()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._answers.close()
        for worker in self._workers:
            worker.kill()
            with worker:  # closes its pipes and reaps it
                pass
        self._lock.close()

    def wait(self, report: Report) -> None:
        """Return when nothing is missing, or when the workers have done what they could.

        The first report is of what was there at the beginning.
        """
        pause = Event()
        report(self._found, len(needed_functions()))
        while not is_complete() and not (self._workers and self._is_over()):
            report(compiled_count(), len(needed_functions()))
            if self._workers:
                self._read_answers()
            else:  # another process compiles
                pause.wait(POLL_S)
                self._start_workers()
        report(compiled_count(), len(needed_functions()))
        if self._workers:
            with suppress(OSError):  # another process may clean too, and no start fails by this
                remove_old_versions()

    def _start_workers(self) -> None:
        """Start the workers, unless nothing is missing or another process compiles."""
        if is_complete() or not _try_lock(self._lock):
            return
        processes = min(len(SHARES), len(os.sched_getaffinity(0)))
        for _ in range(processes):
            worker = subprocess.Popen(
                [sys.executable, "-P", "-m", "env.compilation.worker"],
                env={**os.environ, WORKERS_CACHE: str(compilation_cache())},
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,  # Ctrl-C is the caller's to handle
            )
            self._answers.register(_pipe(worker.stdout), selectors.EVENT_READ, len(self._workers))
            self._workers.append(worker)
            self._given.append(set())
        self._left = set(PARTS)
        for k, share in enumerate(SHARES):
            for part in share:
                self._send(k % processes, part)

    def _send(self, worker: int, part: str) -> None:
        """Give a part to a worker, or to another if it has failed; to nobody if all have."""
        working = [key.data for key in self._answers.get_map().values()]
        if not working:
            return
        chosen = worker if worker in working else working[0]
        self._given[chosen].add(part)
        with suppress(BrokenPipeError):  # it has just failed: its output ends as well
            _pipe(self._workers[chosen].stdin).write(f"{part}\n".encode())

    def _read_answers(self) -> None:
        for key, _ in self._answers.select(POLL_S):
            stream: Any = key.fileobj
            line: bytes = stream.readline()
            if not line:
                self._answers.unregister(stream)
                for part in sorted(self._given[key.data] & self._left):
                    self._send(key.data, part)
                continue
            self._left.discard(line.decode().strip())
            if self._left == {KERNEL, *BESIDE_KERNEL}:
                self._send(0, KERNEL)
                for part in BESIDE_KERNEL:
                    self._send(len(self._workers) - 1, part)

    def _is_over(self) -> bool:
        """Whether everything is done, or no worker is left to do the rest."""
        return not self._left or not self._answers.get_map()


def is_complete() -> bool:
    """Whether the cache holds all that a fleet needs."""
    return compiled_count() == len(needed_functions())


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
