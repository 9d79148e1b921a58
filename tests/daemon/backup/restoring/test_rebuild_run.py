"""What an interrupted restore leaves, and a damaged journal of it."""

from __future__ import annotations

from daemon.backup.restoring.rebuild_run import clear_unfinished, unfinished_run
from daemon.base.paths import StatePaths


def test_a_journal_that_is_no_text_names_no_run(paths: StatePaths) -> None:
    staging = paths.runs / ".restore"
    staging.mkdir(parents=True)
    (staging / "journal").write_bytes(b"\xff\xfe")
    assert unfinished_run(paths) is None
    assert clear_unfinished(paths) is None
    assert not staging.exists()
