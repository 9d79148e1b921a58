"""Copies at targets: complete, verified, resumed; a failure is reported once."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from daemon.backup.catalog import encode_tag, scan
from daemon.backup.lock import LOCK
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD, Backup, Tag
from daemon.backup.retention.prune_journal import JOURNAL
from daemon.backup.verification.verified import VERIFIED
from daemon.base.clocks.record import confirm_clock
from daemon.base.clocks.trust import look
from daemon.base.paths import RunPaths, StatePaths
from daemon.offsite.mirror import FIRST_RETRY_S, LONGEST_RETRY_S, retry_delay_s
from daemon.protocol.control import BackupRequest, Done
from daemon.store.reader import StoreReader
from tests.daemon.faulty_link import GOOD, Link
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.daemon.object_store import (
    ACCESS_KEY,
    SECRET_KEY,
    TOKEN,
    Bucket,
    bucket,
)
from tests.waiting import eventually


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[Bucket]:
    with bucket(tmp_path) as found:
        yield found


def made(paths: StatePaths, run: RunPaths, id_: str) -> Backup:
    """A backup created now: an older one would be removed by retention before it is sent."""
    return make_backup(paths, run, id_, paths.backups, created_s=time.time())


def configure(home: Home, *targets: tuple[str, str, Path | None], sweep_s: float = 300.0) -> None:
    tables = [f"[backup]\nsweep_interval_s = {sweep_s}\nautomatic = ['manual', 'stop']\n"]
    for name, url, options in targets:
        tables.append(f'[[backup.targets]]\nname = "{name}"\nurl = "{url}"\n')
        if options is not None:
            tables.append(f'options_file = "{options}"\n')
    home.config.write_text(config_text() + "".join(tables))


def local(home: Home) -> dict[str, bytes]:
    """The local backups and their tags, without the folder's own records."""
    root = home.paths.backups
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and ".tmp-" not in str(path)
        and path.name not in (LOCK, VERIFIED, JOURNAL)
    }


def arrives(home: Home, s3: Bucket) -> None:
    """Wait until the bucket holds exactly the local backups."""
    eventually(lambda: s3.objects() == local(home), "the bucket is a copy")


def unsent(home: Home) -> float | None:
    with StoreReader.open(home.paths.store) as reader:
        samples = reader.series("backup/unsent")
    return samples[-1].value if samples else None


def back_up(home: Home, **options: str | bool) -> str:
    home.trainer_state("RUNNING")
    [*_, answer] = home.ask(BackupRequest(**options))  # type: ignore[arg-type]
    assert isinstance(answer, Done), answer
    return max(b.id for b in scan(home.paths.backups).whole if b.checkpoint)


def target_processes(daemon_pid: int) -> list[psutil.Process]:
    children = psutil.Process(daemon_pid).children()
    return [child for child in children if "daemon.offsite" in child.cmdline()]


def test_old_and_new_backups_and_tags_are_sent_once(home: Home, s3: Bucket) -> None:
    for _ in range(3):
        made(home.paths, home.run, save_checkpoint(home.run).id)
    configure(home, ("cloud", s3.url, s3.options_file))
    daemon = home.started()
    arrives(home, s3)
    id_ = back_up(home, note="before", pinned=True)
    arrives(home, s3)
    assert f"{home.run.id}/{id_}.tag" in s3.objects()
    eventually(lambda: unsent(home) == 0.0, "nothing is left to send")
    assert len(home.events("backup.sent")) == 4
    assert home.event("backup.sent", 4).body == {
        "target": "cloud",
        "id": id_,
        "bytes": scan(home.paths.backups).whole[-1].size_bytes,
    }
    home.stop(daemon)  # creates one more
    assert s3.objects() == local(home)
    assert len(home.events("backup.sent")) == 5
    before = s3.link.sent_bytes
    home.started()
    back_up(home)
    home.event("backup.sent", 6)
    assert s3.link.sent_bytes - before < 4 * sum(map(len, local(home).values()))
    assert len(home.events("backup.sent")) == 6


def test_another_checkpoints_copy_with_the_same_id_is_not_replaced(home: Home, s3: Bucket) -> None:
    """The machine's disk was lost; the run, restored by hand, has used an id again."""
    lost = save_checkpoint(home.run)
    made(home.paths, home.run, lost.id)
    configure(home, ("cloud", s3.url, s3.options_file), sweep_s=0.2)
    daemon = home.started()
    arrives(home, s3)
    home.stop(daemon)
    there = {path: content for path, content in s3.objects().items() if lost.id in path}
    for model_bytes, count in ((500, 1), (700, 2)):  # as large as the lost one, and larger
        shutil.rmtree(home.paths.backups / home.run.id)
        shutil.rmtree(home.run.checkpoints)
        own = save_checkpoint(home.run, model_bytes=model_bytes)
        assert own.id == lost.id
        made(home.paths, home.run, own.id)
        daemon = home.started()
        event = home.event("backup.unsent", count)
        assert "another checkpoint with this id" in event.text
        home.stop(daemon)
        assert {path: s3.objects()[path] for path in there} == there


def test_a_changed_tag_is_sent(home: Home, s3: Bucket) -> None:
    configure(home, ("cloud", s3.url, s3.options_file), sweep_s=0.2)
    home.started()
    id_ = back_up(home, note="first")
    arrives(home, s3)
    (home.paths.backups / home.run.id / f"{id_}.tag").write_bytes(
        b'{"note":"other","pinned":false}\n'
    )
    arrives(home, s3)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Link(status=507), "HTTP 507: storage is full"),
        (Link(status=403), "HTTP 403"),
        (Link(cut_after_bytes=2000), "cannot be reached|connection lost|Connection reset"),
    ],
)
def test_a_failure_is_reported_once_without_secrets_and_recovered_from(
    home: Home, s3: Bucket, fault: Link, message: str
) -> None:
    import re

    configure(home, ("cloud", s3.url, s3.options_file))
    s3.link.become(fault)
    home.started()
    back_up(home)
    failed = home.event("backup.target_failed")
    assert re.search(message, str((failed.body or {})["error"])), failed
    back_up(home)
    eventually(lambda: unsent(home) == 2.0, "two wait")
    assert home.status().trainer.state == "RUNNING"  # type: ignore[union-attr]
    s3.link.become(GOOD)
    home.event("backup.target_recovered")
    arrives(home, s3)
    assert len(home.events("backup.target_failed")) == 1
    shown = repr(home.events()) + (home.paths.home / "supervisor.log").read_text()
    for secret in (ACCESS_KEY, SECRET_KEY, TOKEN):
        assert secret not in shown


def test_slow_and_dead_targets_delay_neither_others_nor_the_stop(
    home: Home, s3: Bucket, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    s3.link.become(Link(silent=True))
    configure(
        home,
        ("silent", s3.url, s3.options_file),
        ("absent", f"file://{tmp_path}/not-mounted", None),
        ("disk", f"file://{disk}", None),
    )
    daemon = home.started()
    id_ = back_up(home)
    assert home.event("backup.sent").body["target"] == "disk"
    failed = home.event("backup.target_failed")
    assert "is its disk mounted?" in failed.text
    assert (disk / home.run.id / id_ / RECORD).exists()
    home.stop(daemon)
    times_s = [event.time_s for event in home.events("trainer.exited", "daemon.stopped")]
    assert times_s[-1] - times_s[0] < 10.0
    assert scan(disk).whole == scan(home.paths.backups).whole


def test_an_interrupted_upload_resumes(home: Home, s3: Bucket) -> None:
    large = save_checkpoint(home.run, model_bytes=12_000_000)
    made(home.paths, home.run, large.id)
    configure(home, ("cloud", s3.url, s3.options_file))
    s3.link.become(Link(bytes_per_s=0.8e6))
    daemon = home.started()
    eventually(lambda: s3.link.sent_bytes > 3_000_000, "half of it is sent")
    [process] = target_processes(daemon.pid)
    daemon.kill()
    daemon.wait()
    eventually(lambda: not process.is_running(), "no orphan is left")
    objects = s3.objects()
    assert f"{home.run.id}/{large.id}/{RECORD}" not in objects
    s3.link.become(GOOD)
    home.started()
    eventually(lambda: f"{home.run.id}/{large.id}/{RECORD}" in s3.objects(), "the backup is whole")
    arrives(home, s3)


def test_lost_or_unverified_objects_are_sent_again(home: Home, s3: Bucket) -> None:
    configure(home, ("cloud", s3.url, s3.options_file), sweep_s=0.2)
    home.started()
    id_ = back_up(home)
    arrives(home, s3)
    folder = f"{home.run.id}/{id_}"
    s3.delete(f"{folder}/model.zip")
    arrives(home, s3)
    # State after an interrupted upload: no record, and a file with other content.
    damaged = os.urandom(len(local(home)[f"{folder}/model.zip"]))
    # The record last: with a record, a file of the right size is not read again.
    s3.put(f"{folder}/model.zip", damaged)
    s3.delete(f"{folder}/{RECORD}")
    arrives(home, s3)


def test_a_damaged_backup_is_reported_and_the_others_are_sent(home: Home, s3: Bucket) -> None:
    ids = [made(home.paths, home.run, save_checkpoint(home.run).id).id for _ in range(3)]
    model = home.paths.backups / home.run.id / ids[1] / "model.zip"
    model.write_bytes(bytes(model.stat().st_size))
    configure(home, ("cloud", s3.url, s3.options_file), sweep_s=0.2)
    home.started()
    home.event("backup.sent", 2)
    event = home.event("backup.unsent")
    assert "model.zip does not match" in event.text
    eventually(lambda: unsent(home) == 1.0, "it counts as unsent")
    assert f"{home.run.id}/{ids[1]}/{RECORD}" not in s3.objects()
    shutil.rmtree(model.parent)  # as pruning does
    eventually(lambda: unsent(home) == 0.0, "nothing waits any more")
    assert len(home.events("backup.unsent")) == 1
    assert home.events("backup.target_failed") == []


def test_an_options_file_readable_by_others_is_refused(home: Home, s3: Bucket) -> None:
    s3.options_file.chmod(0o640)
    configure(home, ("cloud", s3.url, s3.options_file))
    home.started()
    assert "open to others (mode 640); run `chmod 600 " in home.event("backup.target_failed").text
    s3.options_file.chmod(0o600)
    home.event("backup.target_recovered")


def test_the_supervisor_loads_no_object_store(home: Home, s3: Bucket) -> None:
    configure(home, ("cloud", s3.url, s3.options_file))
    daemon = home.started()
    back_up(home)
    home.event("backup.sent")
    maps = Path(f"/proc/{daemon.pid}/maps").read_text()
    assert "_obstore" not in maps
    [process] = target_processes(daemon.pid)
    assert process.nice() == 19
    assert SECRET_KEY not in " ".join(process.cmdline())


def test_a_large_file_is_sent_in_bounded_memory(home: Home, s3: Bucket) -> None:
    large = save_checkpoint(home.run, model_bytes=60_000_000)
    made(home.paths, home.run, large.id)
    configure(home, ("cloud", s3.url, s3.options_file))
    daemon = home.started()
    [process] = eventually(lambda: target_processes(daemon.pid), "its process is started")
    eventually(lambda: home.events("backup.sent"), "it is sent", 60.0)
    peak = Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
    assert int(peak) < 80_000  # kB
    assert psutil.Process(daemon.pid).memory_info().rss < 60e6


def test_a_killed_process_is_restarted(home: Home, s3: Bucket) -> None:
    configure(home, ("cloud", s3.url, s3.options_file))
    daemon = home.started()
    back_up(home)
    home.event("backup.sent")
    [process] = target_processes(daemon.pid)
    process.kill()
    assert "SIGKILL" in home.event("backup.target_failed").text
    back_up(home)
    home.event("backup.sent", 2)
    home.event("backup.target_recovered")
    arrives(home, s3)


def test_retries_back_off_with_jitter() -> None:
    assert retry_delay_s(1, lambda: 1.0) == FIRST_RETRY_S
    assert retry_delay_s(3, lambda: 1.0) == 4 * FIRST_RETRY_S
    assert retry_delay_s(1000, lambda: 1.0) == LONGEST_RETRY_S
    assert retry_delay_s(1000, lambda: 0.0) == LONGEST_RETRY_S / 2


def test_expired_backups_are_removed_at_the_target_unless_local(
    home: Home, s3: Bucket, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    old_s = time.time() - 90 * 86_400.0
    old, pinned, best = (
        save_checkpoint(home.run, success_rate=rate, episodes=100).id for rate in (0.1, 0.2, 0.9)
    )
    made(home.paths, home.run, save_checkpoint(home.run).id)
    for id_ in (old, pinned, best):
        make_backup(home.paths, home.run, id_, elsewhere, created_s=old_s)
        shutil.rmtree(home.run.checkpoints / id_)
        for path in (elsewhere / home.run.id / id_).iterdir():
            s3.put(str(path.relative_to(elsewhere)), path.read_bytes())
    s3.put(f"{home.run.id}/{pinned}.tag", encode_tag(Tag(pinned=True)))
    s3.put(f"{home.run.id}/000077-1-gate/model.zip", b"its sending was given up")
    s3.put("another-run/000001-1-gate/model.zip", b"another daemon sends it")
    configure(home, ("cloud", s3.url, s3.options_file), sweep_s=0.2)
    home.started()

    def ids() -> set[str]:
        return {path.split("/")[1] for path in s3.objects()}

    home.event("backup.sent")
    home.trainer_state("RUNNING")
    home.ask(BackupRequest())
    home.event("backup.sent", 2)
    assert old in ids(), "the clock of a new state folder is not known yet"
    confirm_clock(home.paths.clock, look())
    pruned = home.event("backup.pruned")
    assert (pruned.body["target"], pruned.body["count"]) == ("cloud", 1)
    assert old not in ids()
    assert {pinned, f"{pinned}.tag", best, "000001-1-gate"} <= ids()
    assert "000077-1-gate" not in ids()
