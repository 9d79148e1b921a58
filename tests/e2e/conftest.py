from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.mission import Mission


@pytest.fixture
def mission() -> Iterator[Mission]:
    # pytest's own folders have paths too long for a socket.
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        mission = Mission(Path(folder) / "state")
        yield mission
        mission.close()
