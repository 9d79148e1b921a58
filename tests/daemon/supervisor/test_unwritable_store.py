"""A store that cannot be written, or is damaged while it is in use: who says so, and recovery."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from checks.verdict import Level
from daemon.processes.ping import ping
from daemon.store.reader import StoreReader
from landerctl.cli.shared.startup_progress import watch_startup
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.daemon.harness import NOTICES_IN_A_FILE, Home, config_text, save_checkpoint
from tests.daemon.small_disk import small_disk, thin_disk
from tests.landerctl.operator_side import landerctl
from tests.waiting import PATIENCE_S, eventually

RULES = (
    NOTICES_IN_A_FILE
    + """\
[[alerts]]
name = "store-failing"
metric = "store/failing"
comparison = "above"
threshold = 0.0
for_s = 0.0
severity = "critical"
summary = "The store cannot be written"
"""
)
Daemon = subprocess.Popen[bytes]
# A function that begins the fault, and one that ends it.
Fault = tuple[Callable[[Daemon], object], Callable[[Daemon], object]]


@contextmanager
def full_disk() -> Iterator[tuple[Path, Fault]]:
    with small_disk(24) as disk:
        yield disk.folder, (lambda _: disk.fill(), lambda _: disk.free())


def limit_file_size(daemon: Daemon, size_bytes: int) -> None:
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


@contextmanager
def file_size_limit() -> Iterator[tuple[Path, Fault]]:
    with small_disk(24) as disk:
        yield (
            disk.folder,
            (
                lambda daemon: limit_file_size(daemon, 4096),
                lambda daemon: limit_file_size(daemon, resource.RLIM_INFINITY),
            ),
        )


def make_home(folder: Path, aside: Path) -> Home:
    """A state folder whose configuration and notices are not on its disk."""
    home = Home(folder)
    home.config = aside / "config.toml"
    config = config_text().replace("alerts = []", "")
    home.config.write_text(config + RULES.format(notices=aside / "notices"))
    return home


def checked(home: Home) -> dict[str, Any]:
    """The verdict of `check store`."""
    ended = landerctl(home.paths.home, "check", "store", "--json")
    verdict: dict[str, Any] = json.loads(ended.stdout)["verdicts"][0]
    return verdict


def assert_named(home: Home, notices: Path, what: str) -> None:
    """The alert, `check`, `status` and `events` name the store and this problem."""
    eventually(
        lambda: notices.exists() and "CRITICAL store-failing" in notices.read_text(),
        "a notice is sent",
    )
    found = checked(home)
    assert found["level"] == Level.CRITICAL
    assert str(home.paths.store) in found["text"] and what in found["text"]
    status = landerctl(home.paths.home, "status")
    assert found["text"] in status.stdout, status


def assert_well(home: Home, notices: Path) -> None:
    eventually(lambda: "RESOLVED store-failing" in notices.read_text(), "a notice is sent")
    eventually(lambda: checked(home)["level"] == Level.OK, "the check is OK")


@pytest.mark.parametrize("broken", [full_disk, file_size_limit])
def test_a_store_that_cannot_be_written_is_named_until_it_can(
    broken: Callable[[], AbstractContextManager[tuple[Path, Fault]]], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        folder, (begin, end) = stack.enter_context(broken())
        home = make_home(folder / "home", tmp_path)
        stack.callback(home.close)
        daemon = home.started("--interval", "10")
        home.event("checkpoint.saved")
        begin(daemon)
        assert_named(home, tmp_path / "notices", "cannot be written")
        # The events that only the daemon knows.
        events = landerctl(home.paths.home, "events", "--name", "alert.*", "--json")
        assert events.returncode == Exit.OK
        assert "cannot be written" in events.stderr
        [firing] = [json.loads(line) for line in events.stdout.splitlines()]
        assert (firing["name"], firing["body"]["alert"]) == ("alert.firing", "store-failing")

        end(daemon)
        assert_well(home, tmp_path / "notices")
        [stored] = home.events("alert.firing")
        assert (stored.time_s, stored.text) == (firing["time_s"], firing["text"])
        home.stop(daemon)
        assert not home.events("trainer.crashed", "trainer.hung")
        with StoreReader.open(home.paths.store) as reader:
            reader.check()


def test_a_device_that_fails_writes_is_named(tmp_path: Path) -> None:
    # Not its recovery: the kernel may have lost what it could not write.
    with thin_disk(24) as disk:
        home = make_home(disk.folder / "home", tmp_path)
        try:
            home.started("--interval", "10")
            home.event("checkpoint.saved")
            disk.fill()
            assert_named(home, tmp_path / "notices", "cannot be written")
        finally:
            home.close()


def test_a_disk_that_became_read_only_is_named_until_it_is_replugged(tmp_path: Path) -> None:
    with thin_disk(24) as disk:
        home = make_home(disk.folder / "home", tmp_path)
        try:
            daemon = home.started("--interval", "10")
            home.event("checkpoint.saved")
            disk.fail()
            assert_named(home, tmp_path / "notices", "Read-only file system")
            home.stop(daemon)
            home.daemons.clear()
            disk.replug()
            home.started()
            assert checked(home)["level"] == Level.OK
        finally:
            home.close()


def damage_a_page(store: Path) -> bytes:
    """Overwrite a page of samples with garbage in the file itself; returns what was there."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'series' AND type = 'table'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with store.open("r+b") as stream:
        stream.seek((page - 1) * size)
        content = stream.read(size)
        stream.seek((page - 1) * size)
        stream.write(b"\xa5" * size)
    return content


def test_garbage_in_a_store_in_use_is_named(tmp_path: Path, short_folder: Path) -> None:
    home = make_home(short_folder / "home", tmp_path)
    try:
        home.started("--interval", "10")
        home.event("checkpoint.saved")
        damage_a_page(home.paths.store)
        assert_named(home, tmp_path / "notices", "is damaged")
    finally:
        home.close()


def test_a_store_that_was_removed_while_in_use_is_named(tmp_path: Path, short_folder: Path) -> None:
    home = make_home(short_folder / "home", tmp_path)
    try:
        daemon = home.started("--interval", "10")
        home.event("checkpoint.saved")
        for path in home.paths.home.glob("store.db*"):
            path.unlink()
        assert_named(home, tmp_path / "notices", "was removed")
        home.stop(daemon)
        home.started()
        asked = ping(home.paths)
        assert (asked.answered, asked.store_problem) == (True, None)
    finally:
        home.close()


@pytest.mark.parametrize("limit_kb", [8, 36, 44, 52, 64, 160])
def test_a_start_is_recorded_or_refused(tmp_path: Path, short_folder: Path, limit_kb: int) -> None:
    home = make_home(short_folder / "home", tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb << 10, hard))
        daemon, ready = home.start()
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        if ready.ok:
            status = home.status()
            assert status.daemon is not None and status.daemon.pid == daemon.pid
            home.stop(daemon)
        else:
            assert daemon.wait(PATIENCE_S) == 1
            assert str(ready.error).startswith(f"{home.paths.store}: ")
            assert "ulimit -f" in str(ready.error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        home.close()


def test_who_waits_for_a_start_learns_that_the_store_cannot_be_written(
    tmp_path: Path, short_folder: Path
) -> None:
    home = make_home(short_folder / "home", tmp_path)
    try:
        patient = home.config.read_text().replace("startup_timeout_s = 10.0", "")
        home.config.write_text(patient)
        save_checkpoint(home.run)
        daemon = home.started("--slow-kind", "interval")
        limit_file_size(daemon, 4096)
        with pytest.raises(Failure, match="cannot be written") as failure:
            watch_startup(home.paths, home.run)
        assert failure.value.code == Exit.CANNOT_WRITE
    finally:
        home.close()
