"""The gates of a run: what was recorded as they were passed, and the statistics saved then.

`vecnormalize.npz` is a zip file of plain .npy arrays (numpy's NEP 1): no numpy is needed to read
one number, and nothing is unpickled.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

from checks.checklist.burn_in.evidence import GateCount, PassedGate
from checks.checklist.burn_in.sessions import fingerprint_at
from daemon.backup.catalog import list_folders
from daemon.checkpoint.manifest import DamagedCheckpointError, Manifest, read_manifest
from daemon.store.records import Event

STATISTICS = "vecnormalize.npz"
_MEMBER = "observation_count.npy"
_MAGIC = b"\x93NUMPY"
_MOST_BYTES = 4096
GATE = "gate"


def passed_gates(events: Sequence[Event]) -> tuple[PassedGate, ...]:
    """The newest `stage.passed` of each stage, ascending."""
    found: dict[int, PassedGate] = {}
    for event in events:
        if event.name != "stage.passed":
            continue
        stage, success, reward = (
            event.body.get(name) for name in ("stage", "success_rate", "reward_mean")
        )
        if (
            isinstance(stage, int)
            and isinstance(success, int | float)
            and isinstance(reward, int | float)
        ):
            of = fingerprint_at(events, event.id)
            found[stage] = PassedGate(stage, event.time_s, float(success), float(reward), of)
    return tuple(found[stage] for stage in sorted(found))


def gate_counts(*folders: Path) -> tuple[GateCount, ...]:
    """The count in each stage's newest gate checkpoint, ascending by stage.

    `folders`: the run's checkpoints and its backups, in which those removed from the run are.
    """
    places: dict[str, Path] = {}
    for folder in folders:
        for found in list_folders(folder):
            if found.name.endswith(f"-{GATE}"):
                places.setdefault(found.name, found)
    counts: dict[int, GateCount] = {}
    for _, folder in sorted(places.items()):  # ids sort by sequence
        try:
            manifest = read_manifest(folder)
        except (OSError, DamagedCheckpointError):
            continue  # the line of the checkpoints reports it
        counts[manifest.stage] = _count(folder, manifest)
    return tuple(counts[stage] for stage in sorted(counts))


def _count(folder: Path, manifest: Manifest) -> GateCount:
    about = manifest.stage, folder.name, manifest.timesteps
    try:
        return GateCount(*about, observation_count(folder / STATISTICS))
    except OSError as error:
        problem = os.strerror(error.errno or 0)
    except (ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        problem = str(error)
    return GateCount(*about, None, f"{folder.name}: {STATISTICS}: {problem}")


def observation_count(path: Path) -> float | None:
    """The number of observations in VecNormalize's statistics; None if it has none.

    Raises OSError, zipfile.BadZipFile, NotImplementedError, and ValueError for what is not a
    64-bit float.
    """
    with zipfile.ZipFile(path) as archive:
        if _MEMBER not in archive.namelist():
            return None
        with archive.open(_MEMBER) as stream:
            content = stream.read(_MOST_BYTES)
    if content[:6] != _MAGIC or b"'<f8'" not in content or len(content) < 8:
        raise ValueError(f"{_MEMBER} is not a 64-bit float")
    (count,) = struct.unpack("<d", content[-8:])
    return float(count)
