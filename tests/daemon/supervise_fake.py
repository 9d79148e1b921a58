"""The real supervisor with the fake trainer: SUPERVISOR OPTIONS -- FAKE TRAINER OPTIONS."""

from __future__ import annotations

import sys
from pathlib import Path

from daemon.supervisor.__main__ import main

if __name__ == "__main__":
    split = sys.argv.index("--")
    behaviour = sys.argv[split + 1 :]
    fake = str(Path(__file__).with_name("fake_trainer.py"))
    sys.exit(
        main(sys.argv[1:split], lambda run: [sys.executable, fake, str(run.folder), *behaviour])
    )
