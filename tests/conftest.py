"""What holds for all tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code under test.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder; pytest's own have paths too long for a socket."""
    with tempfile.TemporaryDirectory(prefix="landerctl-") as folder:
        yield Path(folder)
