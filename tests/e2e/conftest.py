from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.mission import Mission


@pytest.fixture
def mission(short_folder: Path) -> Iterator[Mission]:
    mission = Mission(short_folder / "state")
    yield mission
    mission.close()
