"""No secret leaves the configuration and its files: outputs, logs, events, arguments, copies."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from daemon.backup.clean import without_secrets
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD, read_backup
from daemon.backup.verification.verify import verify_backup
from daemon.checkpoint.manifest import encode_record
from daemon.config import load_config
from daemon.protocol.control import BackupRequest, Done, TestNotifyRequest
from daemon.runs.run_folder import write_run_config
from tests.daemon.backup.uncleaned import uncleaned, whole
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.landerctl.operator_side import landerctl
from tests.planted import BREAKS, FILES, TARGETS, Break, leaked, leaks_below, plant

DISK = '[[backup.targets]]\nname = "disk"\nurl = "file://{}"\n'


def configuration(disk: Path) -> str:
    return config_text() + TARGETS + DISK.format(disk)


def own_files(home: Home) -> list[Path]:
    return [home.config, *(home.paths.home / name for name in FILES)]


@contextmanager
def arguments_seen(daemon: int) -> Iterator[set[str]]:
    """The command lines of a daemon and its children, collected until the block ends."""
    seen: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            for process in [psutil.Process(daemon), *psutil.Process(daemon).children(True)]:
                try:
                    seen.add(" ".join(process.cmdline()))
                except psutil.Error:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def verbs(home: Home) -> str:
    """All that the operator's verbs print."""
    folder = home.paths.home
    lines = [
        ["status"], ["status", "--json"], ["check"], ["check", "--json", "--ping"], ["alerts"],
        ["alerts", "--json"], ["alerts", "test"], ["events"], ["events", "--json"], ["backups"],
        ["backup", "prune", "--dry-run"], ["restore", "cloud", "--dry-run"], ["service", "show"],
        ["restore", "careless", "--dry-run"], ["start"], ["start", "--resume"], ["metrics"],
    ]  # fmt: skip
    ended = [landerctl(folder, *line) for line in lines]
    assert not [one for one in ended if "internal error" in one.stderr]
    return "".join(one.stdout + one.stderr for one in ended)


def test_a_broken_file_shows_no_secret_to_a_running_daemon(home: Home, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    good = configuration(tmp_path / "disk")
    plant(home.paths.home, good)
    daemon = home.started()
    with arguments_seen(daemon.pid) as seen:
        for number, how in enumerate(BREAKS, start=1):
            plant(home.paths.home, how.change(good), files=[])
            assert leaked(home.event("config.refused", number).text) == []
        assert leaked(verbs(home)) == []
    assert leaked("\n".join(seen)) == []
    home.stop(daemon)
    assert leaks_below(home.paths.home, *own_files(home)) == {}


@pytest.mark.parametrize("how", BREAKS[::4], ids=lambda how: how.name)
def test_a_start_with_a_broken_file_shows_no_secret(tmp_path: Path, how: Break) -> None:
    home = tmp_path / "home"
    home.mkdir()
    config = plant(home, how.change(TARGETS))
    ended = landerctl(home, "start", "--no-wait")
    assert ended.returncode == 78, ended.stderr
    assert leaked(ended.stdout + ended.stderr) == []
    assert leaks_below(home, config, *(home / name for name in FILES)) == {}


def test_a_working_daemon_keeps_every_secret_out_of_its_folder_and_its_copies(
    home: Home, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    plant(home.paths.home, configuration(disk))
    # As `start` does it.
    write_run_config(home.run, load_config(home.config).config)
    daemon = home.started("--interval=25")
    with arguments_seen(daemon.pid) as seen:
        home.ask(TestNotifyRequest())
        failed = [home.event("notify.tested", number) for number in (1, 2, 3)]
        careless = home.event("backup.target_failed", 2)
        answer = home.ask(BackupRequest())[-1]
        assert isinstance(answer, Done)
        home.event("backup.sent")
        printed = verbs(home)
    assert {event.body["target"] for event in failed} == {"mail", "page", "phone"}
    assert careless.severity == "warning"
    # The operator's own command is the one process whose arguments are not ours.
    ours = [line for line in seen if not line.startswith("sh -c exit 1")]
    assert any("apprise_delivery" in line for line in ours)
    assert any("daemon.offsite" in line for line in ours)
    assert leaked("\n".join(ours)) == []
    assert leaked(printed) == []
    export = tmp_path / "export.tar"
    ended = landerctl(home.paths.home, "backup", "export", str(answer.data["id"]), str(export))
    assert ended.returncode == 0, ended.stderr
    home.stop(daemon)
    assert list(disk.rglob("backup.json")), "the target has a backup"
    assert leaks_below(tmp_path, *own_files(home)) == {}
    assert leaked((home.paths.home / "supervisor.log").read_bytes()) == []


def test_a_file_that_others_can_read_is_not_used_and_named(home: Home, tmp_path: Path) -> None:
    plant(home.paths.home, configuration(tmp_path))
    for name in FILES:
        (home.paths.home / name).chmod(0o644)
    daemon = home.started()
    faults = {home.event("config.secret_file", number).text for number in (1, 2, 3)}
    for name in FILES:
        path = home.paths.home / name
        fault = f"{path}: holds a secret and is open to others (mode 644); run `chmod 600 {path}`"
        assert fault in faults
    home.ask(TestNotifyRequest())
    texts = {home.event("notify.tested", number).text for number in (1, 2, 3)}
    phone = home.paths.home / "phone"
    assert any(f"phone: {phone}: holds a secret and is open to others" in text for text in texts)
    cloud = [event.text for event in home.events("backup.target_failed")]
    assert any(f"{home.paths.home / 'options'}: holds a secret and is open" in t for t in cloud)
    ping = landerctl(home.paths.home, "check", "disk", "--ping", "--quiet").stderr
    assert f"{home.paths.home / 'ping'}: holds a secret and is open to others (mode 644)" in ping
    (home.paths.home / "phone").chmod(0o600)
    home.config.write_text(home.config.read_text() + "\n[expected]\nsteps_per_s = [1.0, 2.0]\n")
    home.event("config.reloaded")
    home.stop(daemon)


@pytest.mark.parametrize("interrupted", [False, True])
def test_copies_of_earlier_versions_are_cleaned_by_a_start(
    home: Home, tmp_path: Path, interrupted: bool
) -> None:
    """`interrupted`: the last daemon was killed when it had sent the target only the record."""
    disk = tmp_path / "disk"
    disk.mkdir()
    plant(home.paths.home, configuration(disk))
    checkpoint = save_checkpoint(home.run)
    now_s = time.time()
    made = make_backup(home.paths, home.run, checkpoint.id, home.paths.backups, created_s=now_s)
    folder = home.paths.backups / home.run.id / made.id
    content = whole(load_config(home.config).config)
    home.run.config.write_bytes(content)
    uncleaned(folder, content)
    shutil.copytree(home.paths.backups, disk, dirs_exist_ok=True)
    if interrupted:
        cleaned, _ = without_secrets(read_backup(folder), content)
        (disk / home.run.id / made.id / RECORD).write_bytes(encode_record(cleaned))
    daemon = home.started()
    removed = home.event("config.secrets_removed")
    assert removed.body == {"runs": 1, "backups": 1}
    home.event("trainer.resumed")
    home.event("backup.sent")
    assert leaks_below(tmp_path, *own_files(home)) == {}
    verify_backup(folder)
    verify_backup(disk / home.run.id / made.id)
    home.stop(daemon)
    daemon = home.started()
    home.stop(daemon)
    assert len(home.events("config.secrets_removed")) == 1
