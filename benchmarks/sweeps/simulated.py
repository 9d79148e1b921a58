"""An engine whose trials are simulated by one child process.

`python -m benchmarks.sweeps.simulated FOLDER` is a coordinator with this engine. Its settings are
in the environment: SIMULATED_STEPS_PER_S of one trial, SIMULATED_STORE, a store.db for every home.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from daemon.sweeps.coordinator.__main__ import main
from daemon.sweeps.engines.engine import EngineError, TrialOrder, TrialReport, encode_order
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import SweepSpec

STEPS_PER_S, STORE = "SIMULATED_STEPS_PER_S", "SIMULATED_STORE"


class SimulatedEngine:
    """Trials that train as fast as they are told to, and write nothing but their steps."""

    name = "simulated"

    def __init__(self, sweep: SweepPaths, spec: SweepSpec, _address: str | None = None) -> None:
        self._slots = spec.limits.parallel or 1
        store = [os.environ[STORE]] if STORE in os.environ else []
        steps_per_s = os.environ.get(STEPS_PER_S, "100000")
        command = [sys.executable, "-m", "benchmarks.sweeps.child", str(sweep.folder), steps_per_s]
        self._child = subprocess.Popen(
            [*command, *store], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._child.stdout is not None
        os.set_blocking(self._child.stdout.fileno(), False)
        self._buffer = b""

    def slots(self) -> int:
        """How many trials at once."""
        return self._slots

    def start(self, order: TrialOrder) -> None:
        """Begin a leg."""
        self._tell(encode_order(order))

    def stop(self, trial: int) -> None:
        """Ask a trial to save and end."""
        self._tell(b"%d\n" % trial)

    def observe(self) -> Sequence[TrialReport]:
        """What the child has written."""
        assert self._child.stdout is not None
        parts = [self._buffer]
        while part := self._child.stdout.read(1 << 20):
            parts.append(part)
        *lines, self._buffer = b"".join(parts).split(b"\n")
        return [msgspec.json.decode(line, type=TrialReport) for line in lines]

    def close(self) -> None:
        """End the child, which saves every trial."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.close()
        os.set_blocking(self._child.stdout.fileno(), True)
        self._buffer += self._child.stdout.read()
        os.set_blocking(self._child.stdout.fileno(), False)
        self._child.wait()

    def _tell(self, line: bytes) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(line)
            self._child.stdin.flush()
        except BrokenPipeError:
            raise EngineError("the simulated trials' process has ended") from None


if __name__ == "__main__":
    sys.exit(main(engines={"simulated": SimulatedEngine}))
