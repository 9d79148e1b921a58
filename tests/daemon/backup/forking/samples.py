"""A state to fork, written by the checkpoints' own writer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from daemon.backup.restoring.find_state import State, find_state
from daemon.base.paths import RunPaths
from daemon.checkpoint.commit import commit_checkpoint
from daemon.checkpoint.environment_version import environment_versions

STATE = {
    "timesteps": 5000,
    "trained_s": 12.5,
    "record": {"stage": 2, "ramp_step": 2, "episodes": 2, "successes": [True, False]},
    "best": [2, 0.5, 100.0],
    "divergence": {"kl_above": 3},
}
BINARY = ("model.zip", "vecnormalize.npz", "vecnormalize.pkl", "fleet.npz", "replay_buffer.npz")


def save_state(run: RunPaths, state: Any = STATE) -> State:
    """A checkpoint of stage 2 whose arrays nobody reads."""

    def build(folder: Path) -> None:
        for name in BINARY:
            (folder / name).write_bytes(name.encode() * 100)
        (folder / "training_state.json").write_bytes(msgspec.json.encode(state))

    manifest = commit_checkpoint(
        run.checkpoints,
        build=build,
        run_id=run.id,
        kind="gate",
        created_s=1.0,
        algorithm="ppo",
        timesteps=5000,
        stage=2,
        ramp_step=2,
        episodes=2,
        success_rate=0.5,
        versions=environment_versions(),
    )
    return find_state(run, run.folder.parent / "no-backups", manifest.id)


def digest_of(folder: Path) -> str:
    """Of names, modes, times and contents of all that is in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found = path.stat()
        digest.update(f"{path} {found.st_mode} {found.st_mtime_ns} {found.st_ctime_ns}".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()
