"""Makes checkpoints of a drill bad, as a training that diverges does. Digests match afterwards."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import msgspec

from daemon.checkpoint.manifest import (
    MANIFEST,
    Manifest,
    digest_file,
    encode_record,
    read_manifest,
    seal,
)

STATISTICS, STATE = "vecnormalize.npz", "training_state.json"
_NAN = struct.pack("<d", float("nan"))


def make_not_finite(folder: Path) -> Manifest:
    """Make the last number of each of the normaliser's arrays NaN. Raises OSError."""
    content = io.BytesIO()
    with zipfile.ZipFile(folder / STATISTICS) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            array = old.read(name)
            is_double = b"'<f8'" in array[:128]  # in the header of the npy format
            new.writestr(name, array[: -len(_NAN)] + _NAN if is_double else array)
    return _replace(folder, STATISTICS, content.getvalue())


def make_worse(folder: Path) -> Manifest:
    """Make every episode of the state's window a failure. Raises OSError."""
    state = msgspec.json.decode((folder / STATE).read_bytes())
    state["record"]["successes"] = [False] * len(state["record"]["successes"])
    return _replace(folder, STATE, msgspec.json.encode(state), success_rate=0.0)


def _replace(folder: Path, name: str, content: bytes, **changes: float) -> Manifest:
    (folder / name).write_bytes(content)
    manifest = read_manifest(folder)
    files = manifest.files | {name: digest_file(folder / name)}
    manifest = seal(msgspec.structs.replace(manifest, files=files, **changes))
    (folder / MANIFEST).write_bytes(encode_record(manifest))
    return manifest
