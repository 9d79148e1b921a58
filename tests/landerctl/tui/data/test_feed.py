from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from landerctl.tui.data.feed import shows_more
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot
from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def shown(tmp_path: Path) -> Snapshot:
    folder = StateFolder(tmp_path / "home", time.time())
    folder.everything()
    folder.writer.put_alerts([folder.alert()])
    folder.hold_lock()
    clock = time.monotonic
    return SnapshotReader(folder.paths, (), now=lambda: folder.now_s, monotonic=clock).read()


def later(snapshot: Snapshot, seconds: float, **changes: object) -> Snapshot:
    status = msgspec.structs.replace(snapshot.status, **changes)
    situation = replace(snapshot.situation, data_age_s=seconds)
    return replace(snapshot, read_s=snapshot.read_s + seconds, situation=situation, status=status)


def test_what_only_grew_older_is_shown_every_ten_seconds(shown: Snapshot) -> None:
    assert not shows_more(later(shown, 3.0), shown)
    assert shows_more(later(shown, 10.0), shown)


def test_what_is_old_is_shown_every_minute(shown: Snapshot) -> None:
    hour = later(shown, 3600.0)
    assert not shows_more(replace(hour, read_s=shown.read_s + 50.0), shown)
    assert shows_more(replace(hour, read_s=shown.read_s + 60.0), shown)


def test_figures_are_shown_every_two_seconds(shown: Snapshot) -> None:
    assert shown.status.progress is not None
    progress = msgspec.structs.replace(shown.status.progress, timesteps=1)
    assert not shows_more(later(shown, 1.0, progress=progress), shown)
    assert shows_more(later(shown, 2.0, progress=progress), shown)


def test_news_is_shown_at_once(shown: Snapshot) -> None:
    assert shown.status.trainer is not None
    trainer = msgspec.structs.replace(shown.status.trainer, state="BACKOFF")
    assert shows_more(later(shown, 0.1, trainer=trainer), shown)
    assert shows_more(later(shown, 0.1, alerts=[]), shown)
    assert shows_more(replace(later(shown, 0.1), restorables=()), shown)
    assert shows_more(replace(later(shown, 0.1), events=shown.events[1:]), shown)


def test_a_clock_that_was_set_back_does_not_stop_the_screen(shown: Snapshot) -> None:
    assert shows_more(later(shown, -3600.0), shown)
