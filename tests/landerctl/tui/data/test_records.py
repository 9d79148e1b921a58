"""Records that are read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from landerctl.tui.data.records import RecordCache


class Reader:
    """Reads a folder's `record` and counts the reads."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, folder: Path) -> str:
        self.count += 1
        return (folder / "record").read_text()


def test_a_record_is_read_once_and_again_when_it_is_another(tmp_path: Path) -> None:
    (tmp_path / "record").write_text("one")
    reader = Reader()
    cache = RecordCache("record", reader)
    assert [cache(tmp_path), cache(tmp_path)] == ["one", "one"]
    assert reader.count == 1
    (tmp_path / "record").write_text("other")
    assert (cache(tmp_path), reader.count) == ("other", 2)
    (tmp_path / "record").unlink()
    with pytest.raises(FileNotFoundError):
        cache(tmp_path)
    (tmp_path / "record").write_text("third")
    assert cache(tmp_path) == "third"


def test_removed_records_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "record").write_text("one")
    reader = Reader()
    cache = RecordCache("record", reader)
    cache(tmp_path)
    cache.keep({tmp_path.name})
    cache(tmp_path)
    assert reader.count == 1
    cache.keep(set())
    cache(tmp_path)
    assert reader.count == 2
