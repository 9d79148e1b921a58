from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.base.paths import RunPaths, StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from tests.daemon.harness import Home


@pytest.fixture
def paths(tmp_path: Path) -> StatePaths:
    return StatePaths(tmp_path / "home")


@pytest.fixture
def run(paths: StatePaths) -> RunPaths:
    return create_run(paths, load_config(None).config)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    yield home
    home.close()
