"""`python -m daemon.offsite.trial`: sends a backup to a target, reads it back, and removes it.

Standard input: a `Trial`; standard output: a `TrialResult`. All objects are below PREFIX, where
neither a mirror nor a restore looks; what a killed trial left there, the next one removes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import obstore
from obstore.store import LocalStore

from daemon.backup.record import RECORD, read_backup
from daemon.checkpoint.manifest import DamagedCheckpointError, FileDigest, digest_file
from daemon.offsite.protocol import Trial, TrialResult
from daemon.offsite.target import OffsiteTargetError, open_target, translate_errors
from daemon.offsite.transfer import (
    WrongContentError,
    fetch_file,
    list_sizes,
    opened,
    send_file,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PREFIX = "drills"


def main() -> int:
    """Carry one trial out; returns 0, or 1 if it failed."""
    os.umask(0o077)
    trial = msgspec.json.decode(sys.stdin.buffer.read(), type=Trial)
    began = time.monotonic()
    try:
        files = asyncio.run(_carry_out(trial))
    except (OffsiteTargetError, WrongContentError, DamagedCheckpointError) as error:
        result = TrialResult(str(error))
    except OSError as error:
        result = TrialResult(f"{error.filename}: {error.strerror}")
    else:
        size = sum(file.size_bytes for file in files.values())
        result = TrialResult("", len(files), size, time.monotonic() - began)
    sys.stdout.buffer.write(msgspec.json.encode(result))
    sys.stdout.buffer.flush()
    # obstore's threads keep running during a normal exit and can abort it.
    os._exit(1 if result.problem else 0)


async def _carry_out(trial: Trial) -> dict[str, FileDigest]:
    """Returns the files that came back."""
    folder, into = Path(trial.backup), Path(trial.into)
    backup = read_backup(folder)
    files = backup.files | {RECORD: digest_file(folder / RECORD)}
    options = Path(trial.options_file) if trial.options_file else None
    store = await opened(lambda: open_target(trial.url, options))
    await _remove(store)
    try:
        for name, expected in files.items():
            path = f"{PREFIX}/{backup.run_id}/{backup.id}/{name}"
            await send_file(store, path, folder / name, expected)
            await fetch_file(store, path, into / name, expected, lambda _: None)
    finally:
        await _remove(store)
    left = await list_sizes(store, PREFIX)
    if left:
        raise OffsiteTargetError(f"{len(left)} objects below {PREFIX}/ could not be removed")
    return files


async def _remove(store: ObjectStore) -> None:
    """Remove everything below PREFIX. Raises OffsiteTargetError."""
    paths = list(await list_sizes(store, PREFIX))
    with translate_errors():
        if paths:
            await obstore.delete_async(store, paths)
        if isinstance(store, LocalStore) and store.prefix is not None:
            # Its folders are no objects.
            await asyncio.to_thread(shutil.rmtree, store.prefix / PREFIX, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
