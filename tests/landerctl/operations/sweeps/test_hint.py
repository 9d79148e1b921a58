"""The line about a sweep that runs: none without a coordinator, why it is paused."""

from __future__ import annotations

from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.sweeps.records import Note
from landerctl.operations.sweeps.hint import running_sweep
from tests.landerctl.tui.sweeps.sample import SampleSweep


def test_the_newest_sweep_that_runs(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    assert running_sweep(paths) is None
    sweep = SampleSweep(paths)
    sweep.trials()
    assert running_sweep(paths) is None
    sweep.run()
    found = running_sweep(paths)
    assert found is not None
    assert found.text == "Sweep rates runs; trials: 2 running, 4 ended"
    sweep.write(notes=[Note(time_s=1.0, kind="paused", text="paused: 1 GB free")])
    found = running_sweep(paths)
    assert found is not None
    assert found.text == "Sweep rates paused: 1 GB free; trials: 2 running, 4 ended"
    sweep.close()
    assert running_sweep(paths) is None
    SampleSweep(paths, "damaged").paths.store.write_bytes(b"no database")
    assert running_sweep(paths) is None
