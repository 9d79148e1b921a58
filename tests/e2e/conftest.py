from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.mission import Mission


@pytest.fixture
def mission(short_folder: Path) -> Iterator[Mission]:
    """An empty state folder."""
    mission = Mission(short_folder / "state")
    yield mission
    mission.close()


@pytest.fixture(scope="session")
def trained_home() -> Iterator[Path]:
    """A state folder whose training was stopped after a few checkpoints; only to be copied."""
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        mission = Mission(Path(folder) / "state")
        try:
            mission.done("start")
            mission.saved(4)
            mission.done("stop")
            yield mission.paths.home
        finally:
            mission.close()


@pytest.fixture
def trained(trained_home: Path, short_folder: Path) -> Iterator[Mission]:
    """A stopped training with a few checkpoints, each test's own."""
    mission = Mission.copy(trained_home, short_folder / "state")
    yield mission
    mission.close()
