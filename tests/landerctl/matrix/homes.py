"""State folders in each condition, and a small program in place of the heavy ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.backup.archive import export_backup
from daemon.base.paths import StatePaths
from daemon.protocol.control import BackupRequest, Done
from daemon.protocol.flight import FlightReport, encode_flight_line
from tests.daemon.harness import SPEED_LOW, Home
from tests.daemon.small_disk import small_disk
from tests.landerctl.flight.flight_samples import BEGAN, LANDED, descent
from tests.landerctl.operations.sweeps.made_sweep import TEXT, made_sweep
from tests.waiting import eventually

# What the program starts: a supervisor that reports its start, a flight, an evaluation.
PROGRAM = """#!/bin/sh
case "$*" in
  *daemon.supervisor*) echo '{"ok":true}' >"/proc/self/fd/${*##* }" ;;
  *load-test*) echo '{"ok":true,"text":"loaded"}' ;;
  *" evaluate "*|*" evaluate-pair "*|*" export "*|*" film "*|*" selftest "*)
    echo '{}' 2>/dev/null || { echo 'landerctl: the output is incomplete' >&2; exit 74; } ;;
  *" fly "*) /bin/cat FLIGHT ;;
  *) exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Prepared:
    """A state folder that had a daemon, with one backup and the sweep `rates`."""

    folder: Path
    id: str
    tar: Path

    @property
    def backups(self) -> Path:
        return StatePaths(self.folder).backups


def write_program(folder: Path) -> Path:
    """The small program; beside it a sweep's file."""
    (folder / "rates.toml").write_text(TEXT)
    flight = folder / "flight.jsonl"
    reports: list[FlightReport] = [BEGAN, *descent(), LANDED]
    flight.write_bytes(b"".join(map(encode_flight_line, reports)))
    program = folder / "python"
    program.write_text(PROGRAM.replace("FLIGHT", str(flight)))
    program.chmod(0o755)
    return program


@contextmanager
def prepared_homes(folder: Path) -> Iterator[dict[str, Prepared]]:
    """`stopped`, `dead` and `running`."""
    with ExitStack() as stack:
        homes = {}
        for name in ("stopped", "dead", "running"):
            home = Home(folder / name)
            home.config.write_text(home.config.read_text().replace("alerts = []\n", "") + SPEED_LOW)
            stack.callback(home.close)
            homes[name] = home, home.spawn("--interval=25")[0]
        made = {name: _prepare(home, folder / f"{name}.tar") for name, (home, _) in homes.items()}
        stopped, daemon = homes["stopped"]
        stopped.stop(daemon)
        dead, daemon = homes["dead"]
        daemon.kill()
        daemon.wait()
        eventually(lambda: not dead.trainer_lives(), "the trainer ends with its supervisor")
        yield made


def _prepare(home: Home, tar: Path) -> Prepared:
    home.event("alert.firing")
    answer = home.ask(BackupRequest("before", pinned=True))[-1]
    assert isinstance(answer, Done), answer
    backup = next(home.paths.backups.glob(f"{home.run.id}/[!.]*/"))
    export_backup(backup, tar, overwrite=False)
    made_sweep(home.paths)
    return Prepared(home.paths.home, backup.name, tar)


@contextmanager
def on_disk(stopped: Path, *, full: bool) -> Iterator[Path]:
    """A copy on a full, or on a read-only, disk. Skips the test where none can be mounted."""
    with small_disk(16) as disk:
        home = disk.folder / "home"
        shutil.copytree(stopped, home)
        if full:
            disk.fill()
        else:
            disk.remount("ro")
        yield home


def owned_by(home: Path, user: int) -> None:
    """Give a folder to another user."""
    for path in (home, *home.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
