"""Whether two checkpoints hold the same training state, to the bit. Loads no torch.

A tensor's bytes are a member of the archive that torch writes, so comparing members compares the
tensors; what names a file's time or a process's wall time is left out.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from daemon.checkpoint.measured import STATE_FILE

ARRAYS = ("vecnormalize.npz", "fleet.npz", "replay_buffer.npz")
_TENSORS = ".pth"
_WALL_TIME = "started_wall_s"


def differences(first: Path, second: Path) -> list[str]:
    """The names of the tensors, arrays and counters in which two checkpoints differ.

    Raises OSError, zipfile.BadZipFile and msgspec.DecodeError.
    """
    one, other = contents(first), contents(second)
    return sorted(name for name in one | other if one.get(name) != other.get(name))


def contents(folder: Path) -> dict[str, str]:
    """A digest of each tensor, array and counter of a checkpoint, by its name."""
    found: dict[str, str] = {}
    with zipfile.ZipFile(folder / "model.zip") as archive:
        for name in archive.namelist():
            if name.endswith(_TENSORS):
                found |= _members(name, io.BytesIO(archive.read(name)))
    for name in ARRAYS:
        if (folder / name).exists():
            found |= _members(name, folder / name)
    state: dict[str, Any] = msgspec.json.decode((folder / STATE_FILE).read_bytes())
    for part in ("record", "random", "measured"):
        for name, value in state.get(part, {}).items():
            if name != _WALL_TIME:
                found[f"{part} {name}"] = _digest(msgspec.json.encode(value))
    return found


def _members(name: str, file: Path | io.BytesIO) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        return {
            f"{name} {member.partition('/')[2] or member}": _digest(archive.read(member))
            for member in archive.namelist()
            # Of torch's archives: a digest that does not depend on the tensors alone.
            if not member.endswith("serialization_id")
        }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
