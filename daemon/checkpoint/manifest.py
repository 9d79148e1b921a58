"""A checkpoint's manifest: the commit of a folder of files, and what vouches for them.

The folder's layout::

    <sequence>-<timesteps>-<kind>/
        model.zip             stable-baselines3's archive
        vecnormalize.pkl      statistics as stable-baselines3 pickles them, for other tools
        vecnormalize.npz      the same statistics as plain arrays, for us
        fleet.npz             every lander in mid-flight, as plain arrays
        replay_buffer.npz     off-policy algorithms only
        training_state.json   curriculum, counters, random number generators' states
        manifest.json         this, written last

A sequence number grows by one with each checkpoint of a run, whatever its timesteps: the newest
checkpoint is the one with the highest sequence. A rollback appends a copy of an older checkpoint
as the newest, so it deletes nothing and can itself be rolled back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from daemon.config.schema import CheckpointKind
from daemon.malformed import MALFORMED
from daemon.one_line import one_line

_Record = TypeVar("_Record", bound=msgspec.Struct)

MANIFEST = "manifest.json"
FORMAT = 1
FILE_NAMES = frozenset(
    {
        "model.zip",
        "vecnormalize.pkl",
        "vecnormalize.npz",
        "fleet.npz",
        "replay_buffer.npz",
        "replay_buffer.pkl",  # of older versions, which can still be evaluated
        "training_state.json",
    }
)


class FileDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file's size and SHA-256 (hexadecimal)."""

    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a checkpoint is, and the digest of each of its files."""

    format: int
    id: str
    sequence: int
    run_id: str
    kind: CheckpointKind
    created_s: float  # Unix time
    algorithm: str
    timesteps: int
    stage: int  # counted from 1
    success_rate: float | None
    reward_mean: float | None
    restored_from: str | None  # the checkpoint or backup that a rollback copied
    versions: dict[str, str]
    files: dict[str, FileDigest]

    @property
    def size_bytes(self) -> int:
        """Sum of the files' sizes."""
        return sum(file.size_bytes for file in self.files.values())


class DamagedCheckpointError(Exception):
    """A checkpoint that its manifest does not vouch for. The message, one line, names the file."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


def checkpoint_id(sequence: int, timesteps: int, kind: CheckpointKind) -> str:
    """The folder's name: sorts by sequence."""
    return f"{sequence:06d}-{timesteps}-{kind}"


def digest_file(path: Path) -> FileDigest:
    """Size and SHA-256 of a file. Raises OSError."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which listing checkpoints can do without

    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileDigest(stream.tell(), sha256)


def read_record(folder: Path, name: str, kind: type[_Record]) -> _Record:
    """Read a folder's JSON file as a `kind`. Raises DamagedCheckpointError."""
    try:
        return msgspec.json.decode((folder / name).read_bytes(), type=kind)
    except FileNotFoundError:
        raise DamagedCheckpointError(f"{folder.name}: {name} is missing") from None
    except MALFORMED as error:
        raise DamagedCheckpointError(f"{folder.name}: {name}: {error}") from None


def read_manifest(folder: Path) -> Manifest:
    """Read and validate a folder's manifest. Raises DamagedCheckpointError."""
    manifest = read_record(folder, MANIFEST, Manifest)
    if manifest.format != FORMAT:
        raise DamagedCheckpointError(
            f"{folder.name}: {MANIFEST}: format {manifest.format}, this version reads {FORMAT}"
        )
    if strange := set(manifest.files) - FILE_NAMES:
        raise DamagedCheckpointError(
            f"{folder.name}: {MANIFEST}: lists {sorted(strange)[0]!r}, which no checkpoint has"
        )
    return manifest


def verify(folder: Path) -> Manifest:
    """Check every listed file's size and digest. Raises DamagedCheckpointError naming the file."""
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise DamagedCheckpointError(f"{folder.name}: {name} is missing or not a plain file")
        found = digest_file(path)
        if found.size_bytes != expected.size_bytes:
            raise DamagedCheckpointError(
                f"{folder.name}: {name} has {found.size_bytes} bytes, "
                f"its manifest says {expected.size_bytes}"
            )
        if found.sha256 != expected.sha256:
            raise DamagedCheckpointError(f"{folder.name}: {name} does not match its SHA-256")
    return manifest
