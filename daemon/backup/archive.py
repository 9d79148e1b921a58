"""One backup as one tar file, to carry elsewhere. What comes in is trusted in nothing.

The archive is an uncompressed tar of plain files alone, ``<run>/<id>/<name>``, the record first::

    tar tf backup.tar
    20260131-140305-curriculum-ppo-1a2b/000012-600000-gate/backup.json
    20260131-140305-curriculum-ppo-1a2b/000012-600000-gate/model.zip
    ...

Reading it, no more is believed than a record allows that vouches for itself: which files there
are, and how large each is. Links, folders, devices, sparse files and extended headers are refused.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from daemon.backup.content import create_private
from daemon.backup.lock import backups_lock
from daemon.backup.record import RECORD, Backup, decode_backup, read_backup
from daemon.backup.verification.verify import find_faults, verify_backup
from daemon.base.failpoint import failpoint
from daemon.base.files import commit_folder, fsync_path, make_private_folder, remove_unfinished
from daemon.base.leftovers import temporary_beside
from daemon.checkpoint.manifest import DamagedCheckpointError

MAX_RECORD_BYTES = 1_000_000  # a record has some 4 kB; logs of a run that was resumed often, more
_BLOCK = tarfile.BLOCKSIZE
_MAX_LONG_NAME_BYTES = 512  # a run's id, a backup's and a file's name
_MAX_PADDING_BYTES = tarfile.RECORDSIZE + 2 * _BLOCK
_CHUNK_BYTES = 1 << 20


class ArchiveError(Exception):
    """The file is no archive that an import can take. The message is one line for the user."""


def export_backup(folder: Path, file: Path, *, overwrite: bool = False) -> Backup:
    """Write a backup, verified, into a tar file; `file` appears as a whole or not at all.

    Raises DamagedCheckpointError, FileExistsError, OSError.
    """
    backup = verify_backup(folder)
    if file.exists() and not overwrite:
        raise FileExistsError(f"{file} exists")
    temporary = temporary_beside(file)
    try:
        with create_private(temporary) as stream:
            _write_archive(folder, backup, stream)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_path(file.parent)
    return backup


def import_backup(file: Path, directory: Path) -> tuple[Backup, bool]:
    """Take a backup out of an archive into `directory`; whether it was not there yet.

    Nothing gets its name before every digest matches, and nothing is written but into a hidden
    folder. Raises ArchiveError, DamagedCheckpointError and OSError; then nothing is left.
    """
    with file.open("rb") as stream:
        backup, record = _read_record(stream)
        run = directory / backup.run_id
        with backups_lock(directory):
            if run.is_symlink() or (run / backup.id).is_symlink():
                raise ArchiveError(f"{run}: is a link, or holds one; nothing is written through it")
            if (run / backup.id).exists():
                return _compare(run / backup.id, backup, stream), False
            is_new = not run.exists()
            make_private_folder(run)
            remove_unfinished(run)
            try:
                commit_folder(run / backup.id, lambda to: _take_in(stream, backup, record, to))
            except BaseException:
                if is_new:
                    with suppress(OSError):
                        run.rmdir()
                raise
    failpoint("import.committed")
    return backup, True


def _write_archive(folder: Path, backup: Backup, stream: IO[bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in (RECORD, *backup.files):
            with (folder / name).open("rb") as source:
                member = tarfile.TarInfo(f"{backup.run_id}/{backup.id}/{name}")
                member.size = os.fstat(source.fileno()).st_size
                member.mtime = int(backup.created_s)
                member.mode = 0o600
                archive.addfile(member, source)


def _compare(folder: Path, backup: Backup, stream: IO[bytes]) -> Backup:
    """The backup that is there already, if it and the archive's are the same, and both whole.

    Raises ArchiveError, DamagedCheckpointError, OSError.
    """
    if read_backup(folder) != backup:
        raise ArchiveError(f"{folder}: is another backup of this id; move it away first")
    for name, content in _other_members(stream, backup):
        sha256 = hashlib.sha256()
        for chunk in content:
            sha256.update(chunk)
        if sha256.hexdigest() != backup.files[name].sha256:
            raise ArchiveError(f"{name} does not match its SHA-256")
    return verify_backup(folder)


def _read_record(stream: IO[bytes]) -> tuple[Backup, bytes]:
    name, size_bytes = _next_member(stream)
    run_id, id_, file_name = _split(name)
    if file_name != RECORD:
        raise ArchiveError(f"begins with {file_name!r}, not with {RECORD}")
    if size_bytes > MAX_RECORD_BYTES:
        raise ArchiveError(f"its {RECORD} has {size_bytes} bytes, {MAX_RECORD_BYTES} at most")
    content = b"".join(_content(stream, size_bytes))
    backup = decode_backup(content, RECORD)
    if (backup.run_id, backup.id) != (run_id, id_):
        raise ArchiveError(f"its {RECORD} is that of {backup.run_id}/{backup.id}")
    return backup, content


def _take_in(stream: IO[bytes], backup: Backup, record: bytes, folder: Path) -> None:
    """Copy the archive's other members into a hidden folder, and verify them there."""
    failpoint("import.begun")
    for name, content in _other_members(stream, backup):
        with create_private(folder / name) as output:
            for chunk in content:
                output.write(chunk)
    failpoint("import.copied")
    for fault in find_faults(folder, backup):
        raise DamagedCheckpointError(fault)
    with create_private(folder / RECORD) as output:
        output.write(record)
    failpoint("import.recorded")


def _other_members(stream: IO[bytes], backup: Backup) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each file that the record lists, once, in any order, with the chunks of its content.

    The caller takes all chunks of one before the next. Then nothing else may follow.
    """
    missing = dict(backup.files)
    while missing:
        name, size_bytes = _next_member(stream)
        run_id, id_, file_name = _split(name)
        if (run_id, id_) != (backup.run_id, backup.id) or file_name not in missing:
            raise ArchiveError(f"holds {name!r}, which its {RECORD} does not list, or twice")
        if size_bytes != missing.pop(file_name).size_bytes:
            raise ArchiveError(f"{file_name} has {size_bytes} bytes, not what its {RECORD} says")
        yield file_name, _content(stream, size_bytes)
    _read_end(stream)


def _next_member(stream: IO[bytes]) -> tuple[str, int]:
    """The name and size of the plain file whose content follows."""
    name, type_, size_bytes = _read_header(stream)
    long_name = None
    if type_ == tarfile.GNUTYPE_LONGNAME:
        if not 0 < size_bytes <= _MAX_LONG_NAME_BYTES:
            raise ArchiveError(f"a name of {size_bytes} bytes")
        try:
            long_name = b"".join(_content(stream, size_bytes)).rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError:
            raise ArchiveError("a name that no backup's file has") from None
        name, type_, size_bytes = _read_header(stream)
    if type_ not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise ArchiveError(f"{name!r} is no plain file (type {type_!r})")
    if size_bytes < 0:
        raise ArchiveError(f"{name!r} has a size below zero")
    return long_name or name, size_bytes


def _read_header(stream: IO[bytes]) -> tuple[str, bytes, int]:
    block = _read(stream, _BLOCK)
    try:
        header = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise ArchiveError(f"is no archive of a backup: {error}") from None
    return header.name, header.type, header.size


def _split(name: str) -> tuple[str, str, str]:
    parts = name.split("/")
    if len(parts) != 3:
        raise ArchiveError(f"{name!r} is not <run>/<id>/<file>")
    return parts[0], parts[1], parts[2]


def _content(stream: IO[bytes], size_bytes: int) -> Iterator[bytes]:
    """A member's content in chunks, and the zeros that fill its last block."""
    left_bytes = size_bytes
    while left_bytes:
        chunk = _read(stream, min(left_bytes, _CHUNK_BYTES))
        left_bytes -= len(chunk)
        yield chunk
    padding = _read(stream, -size_bytes % _BLOCK)
    if padding.strip(b"\0"):
        raise ArchiveError("something lies between its files")


def _read_end(stream: IO[bytes]) -> None:
    """Two blocks of zeros or more, up to a whole record of the tape, and nothing else."""
    end = stream.read(_MAX_PADDING_BYTES + 1)
    if len(end) < 2 * _BLOCK:
        raise ArchiveError("is cut short")
    if len(end) > _MAX_PADDING_BYTES or end.strip(b"\0"):
        raise ArchiveError("holds more than its record lists")


def _read(stream: IO[bytes], size_bytes: int) -> bytes:
    content = stream.read(size_bytes)
    if len(content) != size_bytes:
        raise ArchiveError("is cut short")
    return content
