"""A file and its card are replaced together or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from daemon.trainer.commands.export import write_both


def test_without_room_for_the_file_its_old_card_stays(tmp_path: Path) -> None:
    file, card = tmp_path / "lander.c", tmp_path / "lander.c.md"
    write_both(file, b"old", card, b"old card")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_both(file, bytes(2000), card, b"new card")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (file.read_bytes(), card.read_bytes()) == (b"old", b"old card")
    assert len(list(tmp_path.iterdir())) == 2
