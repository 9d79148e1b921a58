"""What trials are forked from is backed up and pinned, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.backup.catalog import scan
from daemon.base.paths import StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.runs.creation import create_run
from daemon.sweeps.coordinator.pinning import pin_newest
from daemon.sweeps.records import Trial, TrialState
from tests.daemon.harness import save_checkpoint
from tests.daemon.sweeps.coordinator.samples import base


def test_the_newest_checkpoint_is_backed_up_and_pinned_once(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    run = create_run(paths, base())
    trial = Trial(
        number=2,
        group=2,
        values={},
        seed=1,
        state=TrialState.PAUSED,
        target_steps=2000,
        place=str(tmp_path),
        run_id=run.id,
    )
    with pytest.raises(DamagedCheckpointError, match="no whole checkpoint"):
        pin_newest(trial)
    save_checkpoint(run, timesteps=1000)
    newest = save_checkpoint(run, timesteps=2000)
    origin = pin_newest(trial)
    assert origin == f"{tmp_path}:{run.id}/{newest.id}"
    assert pin_newest(trial) == origin
    listing = scan(paths.backups)
    (backup,) = listing.whole
    assert (backup.id, listing.tag(backup).pinned) == (newest.id, True)
