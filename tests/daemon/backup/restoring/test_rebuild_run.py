"""What an interrupted restore leaves, and a damaged journal of it."""

from __future__ import annotations

from pathlib import Path

from daemon.backup.make import make_backup
from daemon.backup.restoring.find_state import verify_state
from daemon.backup.restoring.rebuild_run import clear_unfinished, rebuild, unfinished_run
from daemon.base.paths import RunPaths, StatePaths
from daemon.runs.curves import Row, RunCurves, extended, read_curves, write_curves
from tests.daemon.harness import save_checkpoint


def test_a_journal_that_is_no_text_names_no_run(paths: StatePaths) -> None:
    staging = paths.runs / ".restore"
    staging.mkdir(parents=True)
    (staging / "journal").write_bytes(b"\xff\xfe")
    assert unfinished_run(paths) is None
    assert clear_unfinished(paths) is None
    assert not staging.exists()


def test_a_rebuilt_run_has_its_curves(paths: StatePaths, run: RunPaths, tmp_path: Path) -> None:
    curves = extended(RunCurves(), [Row(1e9, 1000, 1.0, {"time/fps": 5.0})])
    write_curves(run, curves)
    state = save_checkpoint(run)
    make_backup(paths, run, state.id, paths.backups, created_s=2.0)
    found = verify_state(paths.backups / run.id / state.id)
    elsewhere = StatePaths(tmp_path / "elsewhere")
    rebuild(elsewhere, found, run.id, created_s=3.0, after_sequence=0)
    assert read_curves(elsewhere.run(run.id)) == curves
