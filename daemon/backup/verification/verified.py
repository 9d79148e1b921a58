"""The last verification result of each of a run's backups. Losing the file loses no backup."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED

VERIFIED = "verified.json"


class Verified(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By backup id: when it was last found whole (Unix), or what is wrong with it."""

    whole: dict[str, float] = {}
    damaged: dict[str, str] = {}


def read_verified(run: Path) -> Verified:
    """The results for a run's folder of backups; empty if missing or damaged. Raises OSError."""
    try:
        return msgspec.json.decode((run / VERIFIED).read_bytes(), type=Verified)
    except (FileNotFoundError, NotADirectoryError, *MALFORMED):
        return Verified()


def record_whole(run: Path, ids: Iterable[str], now_s: float) -> None:
    """Record that these backups were found whole. The caller holds the lock. Raises OSError."""
    known = read_verified(run)
    found = dict.fromkeys(ids, now_s)
    damaged = {id_: text for id_, text in known.damaged.items() if id_ not in found}
    _write(run, Verified(known.whole | found, damaged))


def record_damaged(run: Path, id_: str, fault: str) -> None:
    """Record that this backup was found damaged. The caller holds the lock. Raises OSError."""
    known = read_verified(run)
    whole = {known_id: time_s for known_id, time_s in known.whole.items() if known_id != id_}
    _write(run, Verified(whole, known.damaged | {id_: fault}))


def _write(run: Path, verified: Verified) -> None:
    # Forget backups that were removed in the meantime.
    existing = {path.name for path in run.iterdir()}
    current = Verified(
        {id_: time_s for id_, time_s in verified.whole.items() if id_ in existing},
        {id_: fault for id_, fault in verified.damaged.items() if id_ in existing},
    )
    write_atomically(run / VERIFIED, msgspec.json.encode(current) + b"\n")
