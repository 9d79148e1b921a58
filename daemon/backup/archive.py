"""Export and import of one backup as one tar file. Imported archives are untrusted.

The archive is an uncompressed tar of plain files only, ``<run>/<id>/<name>``, the record first::

    tar tf backup.tar
    20260131-140305-curriculum-ppo-1a2b/000012-600000-gate/backup.json
    20260131-140305-curriculum-ppo-1a2b/000012-600000-gate/model.zip
    ...

An import accepts only the files that the checksummed record lists, with the sizes it states. Of a
`config.json` of an earlier version it keeps what holds no secret (:mod:`daemon.backup.clean`).
Links, folders, devices, sparse files and extended headers are refused.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from daemon.backup.clean import clean_backup, without_secrets
from daemon.backup.content import create_private
from daemon.backup.imported import mark_imported
from daemon.backup.lock import backups_lock
from daemon.backup.record import CONFIG, RECORD, Backup, decode_backup, read_backup
from daemon.backup.verification.verify import find_faults, verify_backup
from daemon.base.failpoint import failpoint
from daemon.base.files import (
    commit_folder,
    fsync_path,
    make_private_folder,
    remove_unfinished,
    write_atomically,
)
from daemon.base.leftovers import temporary_beside
from daemon.checkpoint.manifest import DamagedCheckpointError, encode_record
from daemon.config.frozen import strip

MAX_RECORD_BYTES = (
    1_000_000  # a record has about 4 kB; more for logs of a run that was resumed often
)
_BLOCK = tarfile.BLOCKSIZE
_MAX_LONG_NAME_BYTES = 512  # a run's id, a backup's and a file's name
_MAX_PADDING_BYTES = tarfile.RECORDSIZE + 2 * _BLOCK
_CHUNK_BYTES = 1 << 20


class ArchiveError(Exception):
    """The file cannot be imported. The message is one line for the user."""


def export_backup(folder: Path, file: Path, *, overwrite: bool = False) -> Backup:
    """Verify a backup and write it into a tar file atomically.

    Raises DamagedCheckpointError, FileExistsError, OSError.
    """
    clean_backup(folder)
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
    """Import a backup from an archive into `directory`; returns it and whether it is new there.

    Files are written into a hidden folder, which is marked as imported and renamed only after every
    digest matches.
    Raises ArchiveError, DamagedCheckpointError and OSError; then nothing is left.
    """
    with file.open("rb") as stream:
        backup = _read_record(stream)
        run = directory / backup.run_id
        make_private_folder(directory, parents=True)
        with backups_lock(directory):
            if run.is_symlink() or (run / backup.id).is_symlink():
                raise ArchiveError(
                    f"{run}: is a link, or contains one; refused to write through it"
                )
            if (run / backup.id).exists():
                return _compare(run / backup.id, backup, stream), False
            is_new = not run.exists()
            make_private_folder(run)
            remove_unfinished(run)
            try:
                commit_folder(run / backup.id, lambda to: _extract(stream, backup, to, file))
            except BaseException:
                if is_new:
                    with suppress(OSError):
                        run.rmdir()
                raise
    failpoint("import.committed")
    return read_backup(run / backup.id), True


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
    """Return the existing backup if it equals the archive's and both are intact.

    One of them may be cleaned. Raises ArchiveError, DamagedCheckpointError, OSError.
    """
    different = ArchiveError(
        f"{folder}: is a different backup with the same id; move it away first"
    )
    existing = read_backup(folder)
    if _without_config(existing) != _without_config(backup):
        raise different
    config = b""
    for name, content in _other_members(stream, backup):
        sha256 = hashlib.sha256()
        for chunk in content:
            sha256.update(chunk)
            config += chunk if name == CONFIG else b""
        if sha256.hexdigest() != backup.files[name].sha256:
            raise ArchiveError(f"{name} does not match its SHA-256")
    existing = verify_backup(folder)
    if CONFIG in existing.files and strip((folder / CONFIG).read_bytes()) != strip(config):
        raise different
    return existing


def _without_config(backup: Backup) -> tuple[object, ...]:
    files = {name: file for name, file in backup.files.items() if name != CONFIG}
    return backup.created_s, backup.checkpoint, files, CONFIG in backup.files


def _read_record(stream: IO[bytes]) -> Backup:
    name, size_bytes = _next_member(stream)
    run_id, id_, file_name = _split(name)
    if file_name != RECORD:
        raise ArchiveError(f"its first file is {file_name!r}, not {RECORD}")
    if size_bytes > MAX_RECORD_BYTES:
        raise ArchiveError(f"its {RECORD} has {size_bytes} bytes, allowed {MAX_RECORD_BYTES}")
    content = b"".join(_content(stream, size_bytes))
    backup = decode_backup(content, RECORD)
    if (backup.run_id, backup.id) != (run_id, id_):
        raise ArchiveError(f"its {RECORD} belongs to {backup.run_id}/{backup.id}")
    if CONFIG in backup.files and backup.files[CONFIG].size_bytes > MAX_RECORD_BYTES:
        raise ArchiveError(f"its {CONFIG} has more than {MAX_RECORD_BYTES} bytes")
    return backup


def _extract(stream: IO[bytes], backup: Backup, folder: Path, archive: Path) -> None:
    """Copy the archive's other members into a hidden folder, verify and mark them there."""
    failpoint("import.begun")
    for name, content in _other_members(stream, backup):
        with create_private(folder / name) as output:
            for chunk in content:
                output.write(chunk)
    failpoint("import.copied")
    for fault in find_faults(folder, backup):
        raise DamagedCheckpointError(fault)
    if CONFIG in backup.files:
        backup, config = without_secrets(backup, (folder / CONFIG).read_bytes())
        write_atomically(folder / CONFIG, config)
    mark_imported(folder, archive)
    with create_private(folder / RECORD) as output:
        output.write(encode_record(backup))
    failpoint("import.recorded")


def _other_members(stream: IO[bytes], backup: Backup) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file that the record lists, once, in any order, with the chunks of its content.

    The caller must consume all chunks of one before the next. Raises ArchiveError on others.
    """
    missing = dict(backup.files)
    while missing:
        name, size_bytes = _next_member(stream)
        run_id, id_, file_name = _split(name)
        if (run_id, id_) != (backup.run_id, backup.id) or file_name not in missing:
            raise ArchiveError(
                f"contains {name!r}, which its {RECORD} does not list, or a duplicate of it"
            )
        if size_bytes != missing.pop(file_name).size_bytes:
            raise ArchiveError(
                f"{file_name} has {size_bytes} bytes, its {RECORD} states another size"
            )
        yield file_name, _content(stream, size_bytes)
    _read_end(stream)


def _next_member(stream: IO[bytes]) -> tuple[str, int]:
    """The name and size of the plain file whose content follows."""
    name, type_, size_bytes = _read_header(stream)
    long_name = None
    if type_ == tarfile.GNUTYPE_LONGNAME:
        if not 0 < size_bytes <= _MAX_LONG_NAME_BYTES:
            raise ArchiveError(f"contains a file name of {size_bytes} bytes")
        try:
            long_name = b"".join(_content(stream, size_bytes)).rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError:
            raise ArchiveError("contains a file name that is not ASCII") from None
        name, type_, size_bytes = _read_header(stream)
    if type_ not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise ArchiveError(f"{name!r} is not a plain file (type {type_!r})")
    if size_bytes < 0:
        raise ArchiveError(f"{name!r} has a negative size")
    return long_name or name, size_bytes


def _read_header(stream: IO[bytes]) -> tuple[str, bytes, int]:
    block = _read(stream, _BLOCK)
    try:
        header = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise ArchiveError(f"is not an archive of a backup: {error}") from None
    return header.name, header.type, header.size


def _split(name: str) -> tuple[str, str, str]:
    parts = name.split("/")
    if len(parts) != 3:
        raise ArchiveError(f"{name!r} is not <run>/<id>/<file>")
    return parts[0], parts[1], parts[2]


def _content(stream: IO[bytes], size_bytes: int) -> Iterator[bytes]:
    """Yield a member's content in chunks; then skip the zeros that fill its last block."""
    left_bytes = size_bytes
    while left_bytes:
        chunk = _read(stream, min(left_bytes, _CHUNK_BYTES))
        left_bytes -= len(chunk)
        yield chunk
    padding = _read(stream, -size_bytes % _BLOCK)
    if padding.strip(b"\0"):
        raise ArchiveError("contains data between its files")


def _read_end(stream: IO[bytes]) -> None:
    """Check the end: at least two blocks of zeros, at most a tape record, and nothing else."""
    end = stream.read(_MAX_PADDING_BYTES + 1)
    if len(end) < 2 * _BLOCK:
        raise ArchiveError("is truncated")
    if len(end) > _MAX_PADDING_BYTES or end.strip(b"\0"):
        raise ArchiveError("contains more than its record lists")


def _read(stream: IO[bytes], size_bytes: int) -> bytes:
    content = stream.read(size_bytes)
    if len(content) != size_bytes:
        raise ArchiveError("is truncated")
    return content
