"""Damaged stores: readers fail with one line, and a start ends with a usable store."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from checks.gather import gather, with_config
from checks.registry import run_checks
from checks.verdict import render
from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.store.integrity import COMPANIONS, prepare_store
from daemon.store.reader import StoreReader
from daemon.store.records import (
    AlertRecord,
    Notice,
    RunRecord,
    Silence,
)
from daemon.store.schema import LATEST_VERSION, SCHEMA_VERSION, StoreError, StoreVersionError
from daemon.store.writer import StoreWriter
from landerctl.fast_path.status_report import lines, overview
from landerctl.fast_path.summary import summary
from tests.daemon.torture.mutation import INPUTS, damaged, generator
from tests.status_samples import daemon_status, progress, resources, trainer_status

NOW_S = 1.7e9
ALERT = AlertRecord("disk-low", "firing", NOW_S, 0.1, "disk/free_gb", "below", 1.0, "critical", "!")
SLOWEST_S = 5.0  # for one store, on a busy machine


def filled(paths: StatePaths) -> dict[str, bytes]:
    """The bytes of a store in use, by file, with some records only in the write-ahead log."""
    run = create_run(paths, load_config(None).config)
    writer = StoreWriter.open(paths.store)
    for part in range(2):
        with writer.transaction():
            writer.put_daemon(daemon_status(NOW_S))
            writer.put_trainer(trainer_status(NOW_S, run.id))
            writer.put_progress(progress(NOW_S))
            writer.put_resources(resources(NOW_S))
            writer.put_alerts([ALERT])
            writer.put_silences([Silence("disk-*", NOW_S, "me", "")])
            writer.put_outbox([Notice("me", "firing", "x", "info", "text", NOW_S)])
            writer.put_run(RunRecord(run.id, NOW_S, "demo", "ppo", 8))
            for k in range(50):
                writer.add_event("run.started", f"event {k}", time_s=NOW_S + k, body={"seed": k})
                writer.add_samples(NOW_S + 100 * part + k, {"a": float(k), "b": 1.0}, k)
        if part == 0:
            writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = {name: Path(f"{paths.store}{name}").read_bytes() for name in COMPANIONS}
    writer.close()
    return files


def put(path: Path, files: dict[str, bytes]) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    for name, content in files.items():
        Path(f"{path}{name}").write_bytes(content)


@pytest.fixture
def paths() -> Iterator[StatePaths]:
    """A state folder in memory if possible: disks are not tested here."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield StatePaths(Path(folder) / "home")


def read_all(path: Path) -> None:
    with StoreReader.open(path) as reader:
        reader.status()
        reader.events(limit=1000)
        reader.events(after_id=3, min_severity="warning", since_s=NOW_S)
        for name in reader.sample_names():
            reader.series(name)
            reader.series(name, max_points=10)


def test_any_damage_is_reported_and_a_start_succeeds(paths: StatePaths) -> None:
    draw = generator("store")
    whole = filled(paths)
    reported = set_aside = slowest_s = 0.0
    for number in range(INPUTS):
        files = dict(whole)
        for name in draw.choice((("",), ("",), ("-wal",), ("-shm",), ("", "-wal", "-shm"))):
            # Often in the first page: header and table definitions.
            much = draw.choice((100, 1000, len(files[name])))
            files[name] = damaged(draw, files[name][:much]) + files[name][much:]
            if draw.random() < 0.1:
                files[name] = files[name][: draw.randrange(len(files[name]))]
        if draw.random() < 0.5:
            # A clean stop leaves no -wal and -shm; a kill leaves both.
            files = {"": files[""]}
        put(paths.store, files)
        began_s = time.monotonic()
        try:
            read_all(paths.store)
        except StoreError as error:
            reported += 1
            assert str(error).startswith(f"{paths.store}: ") and str(error).isprintable(), error
        if number % 10 == 0:
            evidence = with_config(gather(paths, NOW_S), paths, (), {})
            line = render(run_checks(evidence))
            assert line.startswith("LANDERCTL ") and line.isprintable()
            view = overview(evidence, str(paths.home))
            assert lines(view) and summary(view)
            msgspec.json.encode(view)
        put(paths.store, files)
        try:
            aside = prepare_store(paths.store, NOW_S)
        except StoreVersionError:
            # The version number was damaged and looks like a newer landerctl's.
            version = int.from_bytes(files[""][60:64], "big")
            assert SCHEMA_VERSION < version <= LATEST_VERSION or "-wal" in files
            continue
        if aside is not None:
            set_aside += 1
            assert "-wal" in files or aside.read_bytes() == files[""]
        writer = StoreWriter.open(paths.store)
        writer.add_event("daemon.started", "after the damage", time_s=NOW_S)
        writer.close()
        read_all(paths.store)
        slowest_s = max(slowest_s, time.monotonic() - began_s)
    print(f"{INPUTS}: {reported:g} reported, {set_aside:g} set aside, slowest {slowest_s:.2f} s")
    assert set_aside
    assert slowest_s < SLOWEST_S
