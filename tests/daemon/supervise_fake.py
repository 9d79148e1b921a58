"""The real supervisor with the fake trainer: SUPERVISOR OPTIONS -- FAKE TRAINER OPTIONS.

LANDERCTL_TEST_SPEEDUP: the factor by which its clock runs faster than the machine's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.supervisor.__main__ import main
from daemon.supervisor.aio.clock import Instant, running_clock


class FakeTrainer:
    """The fake trainer's commands."""

    def __init__(self, behaviour: Sequence[str]) -> None:
        self._behaviour = behaviour

    def train(self, run: RunPaths) -> Sequence[str]:
        return [*_script("fake_trainer.py"), str(run.folder), *self._behaviour]

    def load_test(self, run: RunPaths, folder: Path) -> Sequence[str]:
        return [*_script("fake_commands.py"), "load-test", str(folder)]

    def evaluate(self, run: RunPaths, checkpoint: Path) -> Sequence[str]:
        return [*_script("fake_commands.py"), "evaluate", str(checkpoint)]


def _script(name: str) -> Sequence[str]:
    return [sys.executable, str(Path(__file__).with_name(name))]


if __name__ == "__main__":
    split = sys.argv.index("--")
    behaviour = sys.argv[split + 1 :]
    speedup = float(os.environ.get("LANDERCTL_TEST_SPEEDUP", "1"))

    def clock() -> Instant:
        now = running_clock()
        # Scaled since boot, so consistent with a supervisor started later.
        return Instant(now.monotonic_s * speedup, now.unix_s + now.monotonic_s * (speedup - 1.0))

    sys.exit(
        main(
            sys.argv[1:split],
            FakeTrainer(behaviour),
            clock,
        )
    )
