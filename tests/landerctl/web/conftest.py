from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    """An empty state folder, closed at the end."""
    folder = StateFolder(tmp_path / "home", time.time())
    yield folder
    folder.close()
