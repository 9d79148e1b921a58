"""`landerctl status --at` on a home with a known history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.status_report import Overview, lines
from landerctl.fast_path.status_then import overview_then
from tests.landerctl.tui.data.past.known_history import KnownHistory
from tests.landerctl.tui.state_folder import StateFolder


@pytest.fixture
def history(tmp_path: Path) -> Iterator[KnownHistory]:
    folder = StateFolder(tmp_path / "home", time.time())
    history = KnownHistory(folder)
    history.write()
    yield history
    folder.close()


def then(history: KnownHistory, after_s: float) -> Overview:
    # Half a second later: ages are cut to whole seconds.
    moment = datetime.fromtimestamp(history.start_s + after_s + 0.5).isoformat()
    return overview_then(history.folder.paths, moment)


@pytest.mark.parametrize(
    ("after_s", "code", "daemon", "stage"),
    [
        (150.0, Exit.OK, "was running for 2 min, pid 1", '1 of 5 "hover"'),
        (280.0, Exit.OK, "was running for 4 min, pid 1", '2 of 5 "approach"'),
        (450.0, Exit.NOT_RUNNING, "had stopped 50 s before (on request)", '1 of 5 "hover"'),
        (650.0, Exit.FAILED, "had died 52 s before", '1 of 5 "hover"'),
    ],
)
def test_the_state_at_a_time(
    history: KnownHistory, after_s: float, code: Exit, daemon: str, stage: str
) -> None:
    view = then(history, after_s)
    rows = dict(line.split(maxsplit=1) for line in lines(view))
    assert view.exit_code == code
    assert rows["then"].startswith("20")
    assert rows["daemon"] == daemon
    assert rows["stage"].startswith(stage)


def test_alerts_and_the_newest_checkpoint_are_those_of_then(history: KnownHistory) -> None:
    view = then(history, 150.0)
    assert any("WARNING speed-low for 50 s: Slow" in line for line in lines(view))
    assert view.checkpoint is not None
    assert (view.checkpoint.id, view.checkpoint.timesteps) == (history.first.id, 90_000)
    assert view.checkpoint.age_s == pytest.approx(60.5, abs=0.01)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("soon", Exit.USAGE, "is not a time"),
        ("2990-01-01", Exit.USAGE, "is in the future"),
        ("9h", Exit.UNKNOWN, "nothing is recorded before"),
    ],
)
def test_a_moment_that_cannot_be_shown(
    history: KnownHistory, text: str, code: Exit, message: str
) -> None:
    with pytest.raises(Failure, match=message) as failed:
        overview_then(history.folder.paths, text)
    assert failed.value.code == code
