"""Sets the wall clock of processes that a test starts: libfaketime (Debian's package faketime)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest


class WallClock:
    """The wall clock of new and running child processes; their monotonic clocks stay true."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0.0)

    def set(self, off_s: float) -> None:
        """Set it to `off_s` from the true time."""
        self.off_s = off_s
        new = self._file.with_suffix(".new")
        new.write_text(f"{off_s:+.0f}")
        new.replace(self._file)

    def now_s(self) -> float:
        """Its time (Unix)."""
        return time.time() + self.off_s


@pytest.fixture
def wall_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """Skips the test if libfaketime is not installed."""
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if found is None:
        pytest.skip("needs libfaketime: apt-get install faketime")
    clock = WallClock(tmp_path / "wall-clock")
    monkeypatch.setenv("LD_PRELOAD", str(found))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(tmp_path / "wall-clock"))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    return clock
