from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from daemon.sweeps.trial.below import Surroundings


@pytest.fixture
def nothing_below(tmp_path: Path) -> Surroundings:
    """For a trial below which nothing runs."""
    return Surroundings({}, tmp_path / "trial.log", Event())
