"""Checkpoints are committed atomically, with kills, full disks and damage."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.paths import RunPaths
from daemon.checkpoint.catalog import find_newest, list_checkpoints, newest_whole
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.manifest import MANIFEST, verify
from tests.daemon.harness import ROOT, save_checkpoint

COMMIT_UNTIL_KILLED = """
import os, sys
from pathlib import Path
from daemon.checkpoint.commit import commit_checkpoint

def build(folder):
    for name in ("model.zip", "vecnormalize.npz", "training_state.json"):
        (folder / name).write_bytes(os.urandom(200_000))

while True:
    manifest = commit_checkpoint(Path(sys.argv[1]), build=build, run_id="r", kind="interval",
        created_s=1.0, algorithm="ppo", timesteps=1, stage=1, versions={})
    print(manifest.id, flush=True)
"""


def test_only_complete_checkpoints_are_visible_after_a_kill(run: RunPaths) -> None:
    chance = random.Random(7)
    acknowledged: list[str] = []
    command = [sys.executable, "-c", COMMIT_UNTIL_KILLED, str(run.checkpoints)]
    for _ in range(8):
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
            assert process.stdout is not None
            acknowledged.append(process.stdout.readline().strip())
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.0, 0.03))
            process.kill()
            acknowledged += process.stdout.read().split()
        listing = list_checkpoints(run.checkpoints)
        assert listing.damaged == []
        assert set(acknowledged) <= {manifest.id for manifest in listing.whole}
        for manifest in listing.whole:
            verify(run.checkpoints / manifest.id)
    save_checkpoint(run)
    assert not list(run.checkpoints.glob(".*"))


def test_the_sequence_grows_regardless_of_timesteps(run: RunPaths) -> None:
    first = save_checkpoint(run, timesteps=9000)
    second = save_checkpoint(run, timesteps=10, kind="rollback")
    assert [first.id, second.id] == ["000001-9000-interval", "000002-10-rollback"]
    (run.checkpoints / second.id / MANIFEST).unlink()
    assert save_checkpoint(run).sequence == 3


def test_file_modes(run: RunPaths) -> None:
    manifest = save_checkpoint(run)
    folder = run.checkpoints / manifest.id
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == {*manifest.files, MANIFEST}


def fails(build: object, run: RunPaths) -> None:
    commit_checkpoint(
        run.checkpoints,
        build=build,  # type: ignore[arg-type]
        run_id=run.id,
        kind="interval",
        created_s=1.0,
        algorithm="ppo",
        timesteps=1,
        stage=1,
        versions={},
    )


def test_a_full_disk_leaves_no_checkpoint(run: RunPaths) -> None:
    def build(folder: Path) -> None:
        (folder / "model.zip").write_bytes(b"first")
        Path("/dev/full").write_bytes(b"x")

    with pytest.raises(OSError) as error:
        fails(build, run)
    assert error.value.errno == errno.ENOSPC
    assert list(run.checkpoints.iterdir()) == []


@pytest.mark.parametrize("name", ["surprise.bin", MANIFEST])
def test_unknown_files_are_refused(run: RunPaths, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        fails(lambda folder: (folder / name).write_bytes(b""), run)
    assert list(run.checkpoints.iterdir()) == []


def test_an_empty_checkpoint_is_refused(run: RunPaths) -> None:
    with pytest.raises(ValueError, match="without files"):
        fails(lambda folder: None, run)


def test_files_of_a_running_process_are_not_removed(run: RunPaths) -> None:
    host = os.uname().nodename
    living = run.checkpoints / f".tmp-{os.getppid()}@{host}@000001-1-gate"
    elsewhere = run.checkpoints / ".tmp-999999999@elsewhere@000001-1-gate"
    dead = run.checkpoints / f".tmp-999999999@{host}@000001-1-gate"
    for folder in (living, elsewhere, dead):
        folder.mkdir()
        (folder / "model.zip").write_bytes(b"half")
    save_checkpoint(run)
    assert living.exists() and elsewhere.exists() and not dead.exists()


def test_newest_whole_skips_damaged_checkpoints(run: RunPaths) -> None:
    ids = [save_checkpoint(run, timesteps=number).id for number in range(4)]
    model = run.checkpoints / ids[3] / "model.zip"
    content = bytearray(model.read_bytes())
    content[100] ^= 1
    model.write_bytes(content)
    (run.checkpoints / ids[2] / "model.zip").unlink()
    newest = newest_whole(run.checkpoints)
    assert newest is not None and newest.id == ids[1]


def test_newest_whole_of_a_kind(run: RunPaths) -> None:
    assert newest_whole(run.checkpoints, "best") is None
    older = save_checkpoint(run, kind="best")
    damaged = save_checkpoint(run, kind="best")
    newest = save_checkpoint(run)
    (run.checkpoints / damaged.id / "model.zip").unlink()
    assert newest_whole(run.checkpoints, "best") == older
    assert newest_whole(run.checkpoints) == newest


def test_skipped_checkpoints_are_listed_with_their_reason(run: RunPaths) -> None:
    ids = [save_checkpoint(run, timesteps=number).id for number in range(4)]
    for id_ in (ids[0], ids[2]):
        (run.checkpoints / id_ / "model.zip").unlink()
    (run.checkpoints / ids[3] / MANIFEST).write_text("{")
    found = find_newest(run.checkpoints)
    assert found.whole is not None and found.whole.id == ids[1]
    # The oldest is not checked.
    assert [folder.name for folder, _ in found.skipped] == [ids[3], ids[2]]
    assert [MANIFEST in found.skipped[0][1], "model.zip" in found.skipped[1][1]] == [True] * 2


def test_no_checkpoints(run: RunPaths, tmp_path: Path) -> None:
    assert newest_whole(run.checkpoints) is None
    assert newest_whole(tmp_path / "absent") is None


def test_damage_is_listed_with_its_reason(run: RunPaths) -> None:
    ids = [save_checkpoint(run).id for _ in range(4)]
    (run.checkpoints / ids[0] / MANIFEST).unlink()
    (run.checkpoints / ids[1] / MANIFEST).write_text("{")
    (run.checkpoints / ids[2]).rename(run.checkpoints / "000099-1-gate")
    (run.checkpoints / "link").symlink_to(run.checkpoints / ids[3])
    (run.checkpoints / "notes.txt").write_text("mine")
    listing = list_checkpoints(run.checkpoints)
    assert [manifest.id for manifest in listing.whole] == [ids[3]]
    reasons = {folder.name: reason for folder, reason in listing.damaged}
    assert "missing" in reasons[ids[0]]
    assert MANIFEST in reasons[ids[1]]
    assert ids[2] in reasons["000099-1-gate"]
    assert "link" in reasons["link"]
    assert len(reasons) == 4
