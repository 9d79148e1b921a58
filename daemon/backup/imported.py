"""The mark of a backup that came in an archive: digests show that it is whole, not who made it.

The mark is a file in the backup's folder and no part of its record: an export does not contain it.
"""

from __future__ import annotations

from pathlib import Path

MARK = "imported"


def mark_imported(folder: Path, archive: Path) -> None:
    """Mark the folder of a backup that is being imported. Raises OSError."""
    from daemon.backup.content import create_private  # noqa: PLC0415 - `check` needs no zstd

    with create_private(folder / MARK) as output:
        output.write(f"{archive.name}\n".encode(errors="replace"))


def is_imported(folder: Path) -> bool:
    """Whether a backup came in an archive."""
    return (folder / MARK).exists()
