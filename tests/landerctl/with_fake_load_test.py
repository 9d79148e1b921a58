"""The real `landerctl`, whose load test reads the fake trainer's checkpoints instead of torch's."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

from daemon.base.paths import RunPaths
from daemon.processes.trainer_commands import RealTrainer
from landerctl.__main__ import main
from tests.daemon.supervise_fake import FakeTrainer


def _load_test(_: RealTrainer, run: RunPaths, folder: Path) -> tuple[str, ...]:
    return tuple(FakeTrainer(()).load_test(run, folder))


if __name__ == "__main__":
    with mock.patch.object(RealTrainer, "load_test", _load_test):
        sys.exit(main())
