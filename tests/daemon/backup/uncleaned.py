"""Copies of a configuration as earlier versions made them: with every section."""

from __future__ import annotations

from pathlib import Path

import msgspec

from daemon.backup.record import CONFIG, RECORD, read_backup
from daemon.checkpoint.manifest import digest_file, encode_record, seal
from daemon.config import Config


def whole(config: Config) -> bytes:
    """The `config.json` of an earlier version."""
    return msgspec.json.format(msgspec.json.encode(config), indent=2) + b"\n"


def uncleaned(folder: Path, content: bytes) -> None:
    """Give a backup the `config.json` of an earlier version, and the record that it had then."""
    (folder / CONFIG).write_bytes(content)
    backup = read_backup(folder)
    files = backup.files | {CONFIG: digest_file(folder / CONFIG)}
    record = seal(msgspec.structs.replace(backup, files=files))
    (folder / RECORD).write_bytes(encode_record(record))
