"""A checkpoint's manifest: it commits a folder of files and states their digests.

The folder's layout::

    <sequence>-<timesteps>-<kind>/
        model.zip             stable-baselines3's archive
        vecnormalize.pkl      statistics as stable-baselines3 pickles them, for other tools
        vecnormalize.npz      the same statistics as plain arrays, for us
        fleet.npz             every lander in mid-flight, as plain arrays
        replay_buffer.npz     off-policy algorithms only
        training_state.json   curriculum, counters, random number generators' states
        manifest.json         this file, written last

The sequence number grows by one with each checkpoint of a run, regardless of its timesteps: the
newest checkpoint is the one with the highest sequence. A rollback appends a copy of an older
checkpoint as the newest, so it deletes nothing and can itself be rolled back.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.text.one_line import one_line
from daemon.config.schema import CheckpointKind

MANIFEST = "manifest.json"
FORMAT = 2
FILE_NAMES = frozenset(
    {
        "model.zip",
        "vecnormalize.pkl",
        "vecnormalize.npz",
        "fleet.npz",
        "replay_buffer.npz",
        "training_state.json",
    }
)


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record with its own CRC-32, 8 hexadecimal digits, computed with this field empty.

    It detects damage, not forgery, and needs no OpenSSL.
    """

    crc32: str = ""


_Record = TypeVar("_Record", bound=Sealed)
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class _Format(msgspec.Struct):
    """The field that manifests of all formats have."""

    format: int


class FileDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file's size and SHA-256 (hexadecimal)."""

    size_bytes: int
    sha256: str


class Manifest(Sealed, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Metadata of a checkpoint, and the digest of each of its files."""

    format: int
    id: str
    sequence: int
    run_id: str
    kind: CheckpointKind
    created_s: float  # Unix time
    algorithm: str
    timesteps: int
    stage: int  # counted from 1
    ramp_step: int  # of the stage's ramp, from 1
    episodes: int  # number averaged in success_rate and reward_mean
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
    """A checkpoint that does not match its manifest. The message, one line, names the file."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


def checkpoint_id(sequence: int, timesteps: int, kind: CheckpointKind) -> str:
    """The folder's name: sorts by sequence."""
    return f"{sequence:06d}-{timesteps}-{kind}"


def sequence_of(id_: str) -> int:
    """The sequence in a checkpoint's id. Raises ValueError for what is no id."""
    return int(id_.partition("-")[0])


def digest_file(path: Path) -> FileDigest:
    """Size and SHA-256 of a file. Raises OSError."""
    import hashlib  # noqa: PLC0415 - loads OpenSSL, not needed to list checkpoints

    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileDigest(stream.tell(), sha256)


def seal(record: _Record) -> _Record:
    """The record with its CRC-32 set."""
    return msgspec.structs.replace(record, crc32=_checksum(record))


def encode_record(record: Sealed) -> bytes:
    """A sealed record as its file stores it. Deterministic: equal records have equal bytes."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def decode_record(content: bytes, where: str, kind: type[_Record]) -> _Record:
    """Decode a record; `where` names its file in errors.

    Raises DamagedCheckpointError if any byte has changed.
    """
    record = _decode(content, where, kind)
    # Whitespace and key order may change without changing the record, so compare the bytes.
    if record.crc32 != _checksum(record) or encode_record(record) != content:
        raise DamagedCheckpointError(f"{where} does not match its checksum")
    return record


def read_record_file(folder: Path, name: str) -> bytes:
    """The content of a folder's record. Raises OSError; DamagedCheckpointError if it is missing."""
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise DamagedCheckpointError(f"{folder.name}: {name} is missing") from None


def read_manifest(folder: Path) -> Manifest:
    """Read and validate a committed folder's manifest. Raises DamagedCheckpointError, OSError."""
    where = f"{folder.name}: {MANIFEST}"
    manifest = decode_manifest(read_record_file(folder, MANIFEST), where)
    if manifest.id != folder.name:
        raise DamagedCheckpointError(f"{where} belongs to {manifest.id}")
    return manifest


def decode_manifest(content: bytes, where: str) -> Manifest:
    """Decode a manifest; `where` names its file in errors. Raises DamagedCheckpointError."""
    found = _decode(content, where, _Format).format
    if found != FORMAT:
        raise DamagedCheckpointError(f"{where}: format {found}, this version reads {FORMAT}")
    manifest = decode_record(content, where, Manifest)
    if unknown := set(manifest.files) - FILE_NAMES:
        raise DamagedCheckpointError(f"{where}: lists an unknown file {sorted(unknown)[0]!r}")
    return manifest


def _decode(content: bytes, where: str, kind: type[_Struct]) -> _Struct:
    try:
        return msgspec.json.decode(content, type=kind)
    except MALFORMED as error:
        raise DamagedCheckpointError(f"{where}: {error}") from None


def _checksum(record: Sealed) -> str:
    return f"{zlib.crc32(encode_record(msgspec.structs.replace(record, crc32=''))):08x}"


def verify(folder: Path) -> Manifest:
    """Check every listed file's size and digest. Raises DamagedCheckpointError naming the file."""
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    return manifest


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Check size and digest of every file that a manifest lists.

    Raises DamagedCheckpointError naming the file, OSError.
    """
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
