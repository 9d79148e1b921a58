"""A trial's process over the fake trainer, whose behaviour is in FAKE_TRAINER; with arguments it is
the supervisor below such a trial.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon.base.paths import RunPaths
from daemon.supervisor.__main__ import main as supervise
from daemon.sweeps.trial.__main__ import main
from daemon.sweeps.trial.evaluation import Flight
from daemon.sweeps.trial.leg import Programs
from tests.daemon.supervise_fake import FakeTrainer


def evaluate(run: RunPaths, checkpoint: Path, flight: Flight) -> Sequence[str]:
    assert flight == (None, 100, 1_000_000)
    return FakeTrainer([]).evaluate(run, checkpoint)


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(supervise(sys.argv[1:], FakeTrainer(os.environ["FAKE_TRAINER"].split())))
    fake = Programs((sys.executable, __file__), evaluate, poll_s=0.05)
    sys.exit(main(programs=fake))
