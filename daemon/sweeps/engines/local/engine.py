"""The engine of this machine: a process for each trial that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from daemon.base.cgroup import read_limits, usable_cpus
from daemon.base.files import make_private_folder
from daemon.config.layering.sources import is_setting
from daemon.sweeps.engines.engine import EngineError, TrialOrder, TrialReport
from daemon.sweeps.engines.local.capacity import Machine, slots
from daemon.sweeps.engines.local.child import TrialChild
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import SweepSpec

NICENESS = 10
PROGRAM = (sys.executable, "-P", "-m", "daemon.sweeps.trial")
# A trial saves within supervision.stop_timeout_s and kills what does not.
CLOSE_S = 300.0


class LocalEngine:
    """Runs trials as processes below the coordinator's; they end with it."""

    name = "local"

    def __init__(
        self,
        sweep: SweepPaths,
        spec: SweepSpec,
        *,
        program: Sequence[str] = PROGRAM,
        niceness: int = NICENESS,
    ) -> None:
        self._sweep, self._spec, self._program, self._niceness = sweep, spec, program, niceness
        self._children: dict[int, TrialChild] = {}
        self._last: list[TrialReport] = []  # of those that `close` has ended

    def slots(self) -> int:
        """How many trials fit on this machine. Raises EngineError: none."""
        return slots(_machine(), self._spec.limits)

    def start(self, order: TrialOrder) -> None:
        """Start a trial's process. The order of a trial that runs changes nothing.

        Raises EngineError.
        """
        running = self._children.get(order.trial)
        if running is not None and running.order.epoch == order.epoch:
            return
        if running is not None:
            raise EngineError(f"trial {order.trial} still runs in epoch {running.order.epoch}")
        environ = {name: value for name, value in os.environ.items() if not is_setting(name)}
        try:
            make_private_folder(self._sweep.trials)
            child = TrialChild(order, self._program, environ, self._niceness)
        except OSError as error:
            what = error.filename or self._program[0]
            raise EngineError(
                f"trial {order.trial} cannot be started: {what}: {error.strerror}"
            ) from None
        self._children[order.trial] = child

    def observe(self) -> Sequence[TrialReport]:
        """The newest report of each trial that has made one since the last call."""
        reports, self._last = self._last, []
        for trial, child in list(self._children.items()):
            report = child.look()
            if report is None:
                continue
            reports.append(report)
            if report.ended is not None:
                # Its supervisor has ended; what is left to do takes no time.
                child.stop()
                child.wait()
                child.close()
                del self._children[trial]
        return reports

    def stop(self, trial: int) -> None:
        """Ask a trial to save and end; nothing if it does not run."""
        if trial in self._children:
            self._children[trial].stop()

    def close(self) -> None:
        """Stop all, together, and wait; kill what has not ended in time."""
        for child in self._children.values():
            child.stop()
        for child in self._children.values():
            if child.wait(CLOSE_S):
                report = child.look()
                self._last += [report] if report is not None else []
            else:
                child.kill()
                child.wait()
            child.close()
        self._children.clear()


def _machine() -> Machine:
    limits = read_limits()
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = total if limits.memory is None else min(total, limits.memory.limit)
    return Machine(usable_cpus(limits), memory)
