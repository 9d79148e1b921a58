"""The theme that the screen begins in."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.store.reader import StoreReader
from landerctl.tui.app import _theme
from landerctl.tui.display.theme import MOON


def test_a_folder_that_cannot_be_read_still_opens_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> StoreReader:
        raise PermissionError(13, "Permission denied", "store.db")

    monkeypatch.setattr(StoreReader, "open", refuse)
    assert _theme(StatePaths(tmp_path), ()) == MOON.name
