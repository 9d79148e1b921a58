"""How long each step of a start took on this machine: the estimate for the next one.

State of the machine, not of a run, so it is in the user's cache folder, beside numba's cache. A
start with a full compilation cache and one with an empty one differ tenfold and are kept apart.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import xdg_folder
from daemon.protocol.trainer import Seconds

Cache = Literal["full", "empty"]
_Durations = dict[str, dict[str, Seconds]]  # by command and cache, then by step, s


def learnt_file() -> Path:
    """Where this user's durations are kept."""
    folder = xdg_folder("XDG_CACHE_HOME", ".cache", os.environ)
    # Without a home folder a place where nothing can be, so that none are kept.
    return (folder or Path(os.devnull)) / "landerctl" / "startup.json"


def load_durations(file: Path, command: str, cache: Cache) -> Mapping[str, float]:
    """Durations by step, s; empty if there are none or the file cannot be read."""
    return _load(file).get(_key(command, cache), {})


def save_durations(file: Path, command: str, cache: Cache, durations: Mapping[str, float]) -> None:
    """Keep the durations of a complete start; of steps that it had not, those kept stay.

    A file that cannot be written is no error.
    """
    known, key = _load(file), _key(command, cache)
    content = known | {key: {**known.get(key, {}), **durations}}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, msgspec.json.encode(content))
    except OSError:
        return


def _load(file: Path) -> _Durations:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Durations)
    except (OSError, *MALFORMED):
        return {}


def _key(command: str, cache: Cache) -> str:
    return f"{command}, {cache} cache"
