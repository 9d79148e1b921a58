"""What the last verification of each of a run's backups found. To lose it is to know nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED

VERIFIED = "verified.json"


class Verified(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By the backups' ids: when each was last found whole (Unix), and what is wrong with some."""

    whole: dict[str, float] = {}
    damaged: dict[str, str] = {}


def read_verified(run: Path) -> Verified:
    """What is known of a run's folder of backups. Raises OSError."""
    try:
        return msgspec.json.decode((run / VERIFIED).read_bytes(), type=Verified)
    except (FileNotFoundError, NotADirectoryError, *MALFORMED):
        return Verified()


def record_whole(run: Path, ids: Iterable[str], now_s: float) -> None:
    """These backups were found whole. The caller holds the folder's lock. Raises OSError."""
    known = read_verified(run)
    found = dict.fromkeys(ids, now_s)
    damaged = {id_: text for id_, text in known.damaged.items() if id_ not in found}
    _write(run, Verified(known.whole | found, damaged))


def record_damaged(run: Path, id_: str, fault: str) -> None:
    """This backup was found damaged. The caller holds the folder's lock. Raises OSError."""
    known = read_verified(run)
    whole = {known_id: time_s for known_id, time_s in known.whole.items() if known_id != id_}
    _write(run, Verified(whole, known.damaged | {id_: fault}))


def _write(run: Path, verified: Verified) -> None:
    # Of those that were removed meanwhile nothing needs to be known.
    there = {path.name for path in run.iterdir()}
    kept = Verified(
        {id_: time_s for id_, time_s in verified.whole.items() if id_ in there},
        {id_: fault for id_, fault in verified.damaged.items() if id_ in there},
    )
    write_atomically(run / VERIFIED, msgspec.json.encode(kept) + b"\n")
