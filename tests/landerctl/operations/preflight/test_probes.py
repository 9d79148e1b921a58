"""The measurements, on this machine and on real targets."""

from __future__ import annotations

import json
import os
import resource
import socket
from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.config.schema import BackupTarget, Config, NotifyTarget
from daemon.store.records import ServerStatus
from landerctl.operations.preflight import disk
from landerctl.operations.preflight.clock import clock_synchronised
from landerctl.operations.preflight.disk import measure_disk
from landerctl.operations.preflight.system import (
    cache_fact,
    limit_facts,
    port_facts,
    scheduler_facts,
)
from landerctl.operations.preflight.targets import PROBE, try_notify, try_offsite
from tests.checks.evidence_samples import change, healthy

CONFIG = load_config(None).config


def offsite(*targets: BackupTarget) -> Config:
    backup = msgspec.structs.replace(CONFIG.backup, targets=list(targets))
    return msgspec.structs.replace(CONFIG, backup=backup)


def notify(*targets: NotifyTarget) -> Config:
    return msgspec.structs.replace(
        CONFIG, notify=msgspec.structs.replace(CONFIG.notify, targets=list(targets))
    )


def test_the_disk_is_measured_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "WRITTEN_BYTES", 1 << 20)
    found = measure_disk(tmp_path / "not" / "there")
    assert found.folder == str(tmp_path)
    assert found.write_mb_s is not None and found.write_mb_s > 0
    assert found.fsync_ms is not None and found.fsync_ms > 0
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_problem() -> None:
    # /dev/full is no folder; a folder of /proc takes no file.
    found = measure_disk(Path("/proc/self/none"))
    assert found.problem


def test_the_clock_is_read_without_changing_it() -> None:
    known, how = clock_synchronised()
    assert known in (True, False, None)
    assert how


def test_the_limits_are_this_process_own() -> None:
    assert limit_facts().descriptors == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_a_taken_port_names_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        prometheus = msgspec.structs.replace(CONFIG.prometheus, enabled=True, port=port)
        tensorboard = msgspec.structs.replace(CONFIG.tensorboard, enabled=False)
        config = msgspec.structs.replace(CONFIG, prometheus=prometheus, tensorboard=tensorboard)
        (found,) = port_facts(config, None, running=False)
    assert found.problem is not None
    assert str(os.getpid()) in found.problem
    assert not found.ours


def test_a_port_that_the_running_daemon_serves_is_fine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        prometheus = msgspec.structs.replace(CONFIG.prometheus, enabled=True, port=port)
        tensorboard = msgspec.structs.replace(CONFIG.tensorboard, enabled=False)
        config = msgspec.structs.replace(CONFIG, prometheus=prometheus, tensorboard=tensorboard)
        served = {"prometheus": ServerStatus(f"http://127.0.0.1:{port}/metrics", None)}
        status = change(healthy(), daemon__servers=served).status
        (ours,) = port_facts(config, status, running=True)
        (taken,) = port_facts(config, status, running=False)
    assert ours.ours and ours.problem is None
    assert taken.problem is not None


def test_a_cache_without_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a"))
    assert cache_fact().problem == ""
    (tmp_path / "a").write_text("a file", encoding="ascii")
    assert cache_fact().problem


def test_the_cron_line_names_the_state_folder(tmp_path: Path) -> None:
    assert str(tmp_path) in scheduler_facts(StatePaths(tmp_path)).command


def test_an_offsite_target_is_written_read_and_cleaned(tmp_path: Path) -> None:
    config = offsite(
        BackupTarget(name="disk", url=tmp_path.as_uri()),
        BackupTarget(name="gone", url=(tmp_path / "gone").as_uri()),
    )
    good, gone = try_offsite(config)
    assert good.problem is None and good.tried
    assert gone.problem is not None and "is its disk mounted?" in gone.problem
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(PROBE)] == []


def test_a_message_is_sent_on_request_only(tmp_path: Path) -> None:
    got = tmp_path / "got"
    config = notify(
        NotifyTarget(name="file", command=["tee", str(got)]),
        NotifyTarget(name="broken", command=["false"]),
    )
    assert [(one.problem, one.tried) for one in try_notify(config, send=False)] == [
        (None, False),
        (None, False),
    ]
    assert not got.exists()
    good, broken = try_notify(config, send=True)
    assert good.problem is None
    assert json.loads(got.read_bytes())["title"] == "landerctl preflight"
    assert broken.problem == "its command ended with 1"


def test_a_target_without_its_program_or_file_is_named(tmp_path: Path) -> None:
    config = notify(
        NotifyTarget(name="good", command=["true"]),
        NotifyTarget(name="none", command=["no-such-program"]),
        NotifyTarget(name="secret", url_file=str(tmp_path / "missing")),
    )
    good, none, secret = try_notify(config, send=True)
    assert good.problem is None and good.tried
    assert none.problem is not None and "no such program" in none.problem
    assert secret.problem is not None and "No such file" in secret.problem
