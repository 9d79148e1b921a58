"""What is exposed of a state folder's files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from daemon.backup.make import make_backup
from daemon.backup.record import RECORD
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import MANIFEST
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from daemon.supervisor.monitoring.exposition import read_exposed


def test_times_are_those_of_the_newest_intact_states(paths: StatePaths, run: RunPaths) -> None:
    with closing(StoreWriter.open(paths.store)) as writer:
        writer.put_run(RunRecord(run.id, 0.0, "curriculum", "ppo", 128))

    def times_s() -> tuple[float | None, float | None]:
        found = read_exposed(paths, paths.backups, values={})
        return found.checkpoint_s, found.backup_s

    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(b"model")

    assert times_s() == (None, None)
    states: list[tuple[Path, Path]] = []
    for created_s in (1.0, 2.0, 3.0):
        manifest = commit_checkpoint(
            run.checkpoints,
            build=build,
            run_id=run.id,
            kind="interval",
            created_s=created_s,
            algorithm="ppo",
            timesteps=1,
            stage=1,
            versions={},
        )
        id_ = manifest.id
        make_backup(paths, run, id_, paths.backups, created_s=created_s + 10.0)
        states.append((run.checkpoints / id_ / MANIFEST, paths.backups / run.id / id_ / RECORD))
    assert times_s() == (3.0, 13.0)
    for records, expected in zip(reversed(states), [(2.0, 12.0), (1.0, 11.0)], strict=False):
        for record in records:
            record.write_bytes(b"{")
        assert times_s() == expected
