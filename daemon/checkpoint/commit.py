"""Committing a checkpoint atomically."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from daemon.base.files import commit_folder, make_private_folder
from daemon.checkpoint.manifest import (
    FILE_NAMES,
    FORMAT,
    MANIFEST,
    Manifest,
    checkpoint_id,
    digest_file,
    encode_record,
    seal,
)
from daemon.config.schema import CheckpointKind

_SEQUENCE = re.compile(r"^(\d{6,})-")


def commit_checkpoint(
    folder: Path,
    *,
    build: Callable[[Path], None],
    run_id: str,
    kind: CheckpointKind,
    created_s: float,
    algorithm: str,
    timesteps: int,
    stage: int,
    ramp_step: int = 1,
    episodes: int = 0,
    versions: Mapping[str, str],
    success_rate: float | None = None,
    reward_mean: float | None = None,
) -> Manifest:
    """Write the next checkpoint of a run into its checkpoint folder.

    `build` writes the files (names of `FILE_NAMES`) into the hidden folder that it is given, which
    is renamed once they and the manifest are on the disk. Only one process may commit to a run.

    Raises OSError (no space, input/output error) and whatever `build` raises; then nothing
    visible is left. Raises ValueError if `build` wrote no file or one with an unknown name.
    """
    make_private_folder(folder)
    sequence = next_sequence(folder)
    manifests: list[Manifest] = []

    def fill(temporary: Path) -> None:
        build(temporary)
        names = sorted(path.name for path in temporary.iterdir())
        if unknown := set(names) - FILE_NAMES:
            raise ValueError(f"unknown file {sorted(unknown)[0]!r} in a checkpoint")
        if not names:
            raise ValueError("a checkpoint without files")
        manifest = seal(
            Manifest(
                format=FORMAT,
                id=checkpoint_id(sequence, timesteps, kind),
                sequence=sequence,
                run_id=run_id,
                kind=kind,
                created_s=created_s,
                algorithm=algorithm,
                timesteps=timesteps,
                stage=stage,
                ramp_step=ramp_step,
                episodes=episodes,
                success_rate=success_rate,
                reward_mean=reward_mean,
                restored_from=None,
                versions=dict(versions),
                files={name: digest_file(temporary / name) for name in names},
            )
        )
        (temporary / MANIFEST).write_bytes(encode_record(manifest))
        manifests.append(manifest)

    commit_folder(folder / checkpoint_id(sequence, timesteps, kind), fill)
    return manifests[0]


def next_sequence(folder: Path) -> int:
    """The highest sequence in use plus 1, damaged checkpoints included; the first is 1."""
    matches = (_SEQUENCE.match(entry.name) for entry in folder.iterdir())
    return 1 + max((int(match[1]) for match in matches if match), default=0)
