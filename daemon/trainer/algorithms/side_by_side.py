"""Two computations at a time, each on half of torch's threads.

Two threads that share every matrix product wait for each other a hundred times in a minibatch, and
for long where another process takes a processor; two that compute something of their own wait once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

import torch

First = TypeVar("First")
Second = TypeVar("Second")


class SideBySide:
    """Computes in this thread and in one of its own; one after the other with one thread.

    `threads_each`: torch's threads for each of the two, which the caller sets for its own thread.
    """

    def __init__(self, threads: int) -> None:
        self._parallel = threads > 1
        self.threads_each = max(threads // 2, 1)

    def both(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """Their results. Raises what either raises, once both have ended."""
        if not self._parallel:
            return first(), second()
        future = self._executor.submit(second)
        try:
            result = first()
        finally:
            error = future.exception()
        if error is not None:
            raise error
        return result, future.result()

    @cached_property
    def _executor(self) -> ThreadPoolExecutor:
        # A thread keeps the number that was set when it first computed.
        return ThreadPoolExecutor(1, "learner", torch.set_num_threads, (self.threads_each,))
