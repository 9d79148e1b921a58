"""The real supervisor with the fake trainer: SUPERVISOR OPTIONS -- FAKE TRAINER OPTIONS.

LANDERCTL_TEST_HASTE makes its clock run so many times as fast as the machine's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from daemon.supervisor.__main__ import main
from daemon.supervisor.clock import Instant, system_clock

if __name__ == "__main__":
    split = sys.argv.index("--")
    behaviour = sys.argv[split + 1 :]
    fake = str(Path(__file__).with_name("fake_trainer.py"))
    haste = float(os.environ.get("LANDERCTL_TEST_HASTE", "1"))

    def clock() -> Instant:
        now = system_clock()
        # Fast from the boot on: the same for a supervisor that is started later.
        return Instant(now.monotonic_s * haste, now.unix_s + now.monotonic_s * (haste - 1.0))

    sys.exit(
        main(
            sys.argv[1:split],
            lambda run: [sys.executable, fake, str(run.folder), *behaviour],
            clock,
        )
    )
