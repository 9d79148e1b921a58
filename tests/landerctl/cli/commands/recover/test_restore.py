"""Restoring a run from a copy elsewhere: completely or not at all, never from invalid data."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from daemon.backup.catalog import scan, write_tag
from daemon.backup.make import back_up_logs, make_backup
from daemon.backup.record import RECORD, Backup, Tag, read_backup
from daemon.backup.restoring.find_state import verify_state
from daemon.backup.restoring.rebuild_run import rebuild
from daemon.base.failpoint import FAILPOINTS
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import FileDigest, digest_file, encode_record, seal, verify
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.metadata import Parent, read_metadata, write_metadata
from daemon.runs.names import made_up_name
from daemon.runs.run_folder import current_run
from daemon.store.reader import StoreReader
from landerctl.exitcodes import Exit
from tests.daemon.faulty_link import GOOD, Link
from tests.daemon.object_store import SECRET_KEY, Bucket, bucket
from tests.landerctl.operator_side import landerctl, lock_held, make_checkpoint, make_run

EVENTS = random.Random(1).randbytes(1_200_000)
POINTS = [name for name in FAILPOINTS if name.startswith("restore.")]


@dataclass(frozen=True)
class Lost:
    """A run whose machine is lost, and the copy of its backups."""

    run_id: str
    ids: list[str]  # of its backed up checkpoints, ascending
    copy: Path

    def folder(self, number: int) -> Path:
        return self.copy / self.run_id / self.ids[number]


@pytest.fixture
def lost(tmp_path: Path) -> Lost:
    home = tmp_path / "lost"
    run = make_run(home)
    paths = StatePaths(home)
    run.notes.write_text("flown by me")
    run.curves.write_text("{}")
    parent = Parent("20250101-000000-demo-ppo-0000", "000001-9-stop", 9)
    named = msgspec.structs.replace(read_metadata(run), name="flagship", tags=("a",), parent=parent)
    write_metadata(run, named)
    paths.incidents.write_text("went back once")
    events = run.tensorboard / "events.out.tfevents.1.host"
    events.write_bytes(EVENTS)
    ids = []
    for number, steps in enumerate((50_000, 100_000, 150_000)):
        checkpoint = make_checkpoint(run, steps)
        backup = make_backup(paths, run, checkpoint.id, paths.backups, created_s=1e9 + number)
        ids.append(backup.id)
    write_tag(paths.backups, backup, Tag(note="the last", pinned=True))
    back_up_logs(run, paths.backups, created_s=1e9)
    copy = tmp_path / "disk"
    paths.backups.rename(copy)
    shutil.rmtree(home)
    return Lost(run.id, ids, copy)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[Bucket]:
    with bucket(tmp_path) as found:
        yield found


def upload(copy: Path, s3: Bucket) -> None:
    for path in copy.rglob("*"):
        if path.is_file():
            s3.put(str(path.relative_to(copy)), path.read_bytes())


def is_whole(home: Path, lost: Lost, number: int = 2) -> RunPaths:
    """Whether the run is current and has everything that was copied."""
    paths = StatePaths(home)
    run = current_run(paths)
    assert run is not None and run.id == lost.run_id
    [manifest] = list_checkpoints(run.checkpoints).whole
    verify(run.checkpoints / manifest.id)
    assert (manifest.kind, manifest.restored_from) == ("rollback", lost.ids[number])
    # With a higher sequence than any in the copy, so that it is the newest there too.
    assert manifest.sequence == 4
    assert run.notes.read_text() == "flown by me"
    assert run.curves.read_text() == "{}"
    metadata = read_metadata(run)
    assert (metadata.name, metadata.tags) == ("flagship", ("a",))
    assert metadata.parent is not None and metadata.parent.timesteps == 9
    assert paths.incidents.read_text() == "went back once"
    [events] = run.tensorboard.iterdir()
    assert events.read_bytes() == EVENTS
    assert not (paths.runs / ".restore").exists()
    assert {path.name for path in paths.runs.iterdir()} == {run.id}
    kept = scan(paths.backups)
    assert lost.ids[number] in {backup.id for backup in kept.whole}
    assert kept.damaged == []
    return run


@pytest.mark.parametrize(
    ("written", "restored"),
    [("flagship", "flagship-2"), ("current", None), ("a\nb", None)],
    ids=["taken", "reserved", "invalid"],
)
def test_a_name_that_cannot_be_given_again_is_changed(
    tmp_path: Path, written: str, restored: str | None
) -> None:
    lost = StatePaths(tmp_path / "lost")
    run = make_run(lost.home)
    write_metadata(run, msgspec.structs.replace(read_metadata(run), name=written))
    checkpoint = make_checkpoint(run, 1000)
    backup = make_backup(lost, run, checkpoint.id, lost.backups, created_s=1e9)
    new = StatePaths(tmp_path / "new")
    create_run(new, load_config(None).config, name="flagship")
    state = verify_state(lost.backups / run.id / backup.id)
    rebuild(new, state, run.id, created_s=1e9, after_sequence=1)
    name = read_metadata(new.run(run.id)).name
    assert name == (restored or made_up_name(run.id))


def test_from_a_folder_into_an_empty_one(lost: Lost, new: Path) -> None:
    ended = landerctl(new, "restore", str(lost.copy), "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    run = is_whole(new, lost)
    assert f"Run {run.id} restored to {lost.ids[2]}" in ended.stdout
    [backup] = [b for b in scan(StatePaths(new).backups).whole if b.checkpoint]
    assert scan(StatePaths(new).backups).tag(backup) == Tag(note="the last", pinned=True)
    with StoreReader.open(StatePaths(new).store) as store:
        [event] = store.events(names=["run.restored"])
    assert (event.body or {})["id"] == lost.ids[2]
    shown = landerctl(new, "status")
    assert shown.returncode == Exit.NOT_RUNNING
    assert shown.stdout.splitlines() == [
        f"daemon      run {run.id} restored from {lost.copy} at {lost.ids[2]}; not started since, "
        "start it with `landerctl start`",
        f"checkpoint  {list_checkpoints(run.checkpoints).whole[-1].id}",
    ]
    checked = landerctl(new, "check", "daemon")
    assert (checked.returncode, "not started since" in checked.stdout) == (1, True)
    again = landerctl(new, "restore", str(lost.copy), "--yes", "--no-start")
    assert again.returncode == Exit.FAILED
    assert "`landerctl rollback --to ID`" in again.stderr


def test_an_older_state_and_a_dry_run_that_does_nothing(lost: Lost, new: Path) -> None:
    ended = landerctl(new, "restore", str(lost.copy), "--to", lost.ids[0], "--dry-run", "--json")
    assert ended.returncode == Exit.OK, ended
    plan = json.loads(ended.stdout)
    assert (plan["run"], plan["id"], plan["checkpoint"]) == (lost.run_id, lost.ids[0], None)
    assert not new.exists()
    arguments = ("--to", lost.ids[0], "--run", lost.run_id, "--yes", "--no-start", "--json")
    ended = landerctl(new, "restore", str(lost.copy), *arguments)
    assert json.loads(ended.stdout)["checkpoint"].startswith("000004-50000-")
    is_whole(new, lost, 0)


def test_from_an_object_store_by_name_and_by_url(lost: Lost, new: Path, s3: Bucket) -> None:
    upload(lost.copy, s3)
    new.mkdir(mode=0o700)
    (new / "config.toml").write_text(
        f'[[backup.targets]]\nname = "cloud"\nurl = "{s3.url}"\noptions_file = "{s3.options_file}"'
    )
    ended = landerctl(new, "restore", "cloud", "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    is_whole(new, lost)
    elsewhere = new.with_name("elsewhere")
    file = ("--options-file", str(s3.options_file))
    ended = landerctl(elsewhere, "restore", s3.url, *file, "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    is_whole(elsewhere, lost)


@pytest.mark.parametrize("trouble", [Link(cut_answer_after_bytes=200_000), Link(status=403)])
def test_a_failing_object_store_changes_nothing(
    trouble: Link, lost: Lost, new: Path, s3: Bucket
) -> None:
    upload(lost.copy, s3)
    arguments = ("restore", s3.url, "--options-file", str(s3.options_file), "--yes", "--no-start")
    s3.link.become(trouble)
    ended = landerctl(new, *arguments)
    assert ended.returncode == Exit.FAILED, ended
    assert len(ended.stderr.splitlines()[-1:]) == 1
    assert "nothing was changed" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert SECRET_KEY not in ended.stderr
    assert current_run(StatePaths(new)) is None
    s3.link.become(GOOD)
    assert landerctl(new, *arguments).returncode == Exit.OK
    is_whole(new, lost)


def test_damaged_states_are_skipped_and_named(lost: Lost, new: Path) -> None:
    (lost.folder(2) / RECORD).write_bytes(b"{}")
    model = lost.folder(1) / "model.zip"
    model.write_bytes(os.urandom(model.stat().st_size))
    asked = landerctl(new, "restore", str(lost.copy), "--to", lost.ids[1], "--yes", "--no-start")
    assert asked.returncode == Exit.FAILED
    assert "model.zip does not match its SHA-256" in asked.stderr
    assert current_run(StatePaths(new)) is None
    ended = landerctl(new, "restore", str(lost.copy), "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    for id_ in lost.ids[1:]:
        assert re.search(f"skipped: {id_}", ended.stderr)
    is_whole(new, lost, 0)


def test_a_damaged_local_copy_is_replaced(lost: Lost, new: Path) -> None:
    new.mkdir(mode=0o700)
    shutil.copytree(lost.copy, new / "backups")
    local = new / "backups" / lost.run_id / lost.ids[2] / "model.zip"
    local.write_bytes(b"half")
    assert landerctl(new, "restore", str(lost.copy), "--yes", "--no-start").returncode == Exit.OK
    is_whole(new, lost)
    assert read_backup(local.parent).files["model.zip"] == digest_file(local)


def test_the_folder_that_backups_go_to_is_a_source_too(lost: Lost, new: Path) -> None:
    new.mkdir(mode=0o700)
    lost.copy.rename(new / "backups")
    ended = landerctl(new, "restore", str(new / "backups"), "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    is_whole(new, lost)


def test_of_several_runs_the_one_with_the_newest_backup(lost: Lost, new: Path) -> None:
    older = lost.copy / "20990101-000000-older"
    shutil.copytree(lost.copy / lost.run_id, older)
    for folder in older.iterdir():
        if folder.is_dir():
            old = read_backup_as(folder, lost.run_id)
            moved = seal(msgspec.structs.replace(old, run_id=older.name, created_s=5.0))
            (folder / RECORD).write_bytes(encode_record(moved))
    plan = json.loads(landerctl(new, "restore", str(lost.copy), "--dry-run", "--json").stdout)
    assert plan["run"] == lost.run_id


def read_backup_as(folder: Path, run_id: str) -> Backup:
    assert run_id
    return msgspec.json.decode((folder / RECORD).read_bytes(), type=Backup)


@pytest.mark.parametrize("action", ["kill", "enospc", "eio"])
@pytest.mark.parametrize("point", POINTS)
def test_an_interrupted_restore_is_complete_or_absent(
    point: str, action: str, lost: Lost, new: Path
) -> None:
    arguments = ("restore", str(lost.copy), "--yes", "--no-start")
    broken = landerctl(new, *arguments, LANDERCTL_FAILPOINT=f"{point}:{action}")
    assert broken.returncode == (-9 if action == "kill" else Exit.CANNOT_WRITE), broken
    if point == "restore.pointed":
        assert current_run(StatePaths(new)) is not None
    else:
        assert current_run(StatePaths(new)) is None
        status = landerctl(new, "status")
        assert status.returncode == Exit.UNKNOWN
    ended = landerctl(new, *arguments)
    assert ended.returncode == Exit.OK, ended
    is_whole(new, lost)
    hidden = list(StatePaths(new).backups.rglob(".*"))
    assert hidden == []


def test_existing_runs_are_not_touched(lost: Lost, new: Path) -> None:
    other = make_run(new)
    with lock_held(new):
        ended = landerctl(new, "restore", str(lost.copy), "--yes")
    assert ended.returncode == Exit.ALREADY_RUNNING
    assert "a daemon is running" in ended.stderr
    StatePaths(new).incidents.write_text("of this machine")
    ended = landerctl(new, "restore", str(lost.copy), "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    assert StatePaths(new).incidents.read_text() == "of this machine"
    assert other.folder.is_dir()
    current = current_run(StatePaths(new))
    assert current is not None and current.id == lost.run_id


@pytest.mark.parametrize(
    ("arguments", "code", "reported"),
    [
        (["{copy}"], Exit.USAGE, "with --yes"),
        (["{copy}", "--run", "another", "--yes"], Exit.NOT_FOUND, "no backup of run another"),
        (["{copy}", "--to", "000009-9-gate", "--yes"], Exit.NOT_FOUND, "no backup 000009"),
        (["nowhere", "--yes"], Exit.NOT_FOUND, "not a target"),
        (["{empty}", "--yes"], Exit.NOT_FOUND, "no backup of a checkpoint"),
        (["ftp://host/x", "--yes"], Exit.FAILED, "must begin with one of s3://"),
        (["s3://key:secret@host/x", "--yes"], Exit.FAILED, "must not contain a user"),
    ],
)
def test_refusals(arguments: list[str], code: Exit, reported: str, lost: Lost, new: Path) -> None:
    empty = new.with_name("empty")
    empty.mkdir()
    places = {"copy": lost.copy, "empty": empty}
    ended = landerctl(new, "restore", *(word.format(**places) for word in arguments))
    assert ended.returncode == code, ended
    assert reported in ended.stderr
    assert not new.exists()


def longer(folder: Path) -> None:
    with (folder / "model.zip").open("ab") as stream:
        stream.write(b"more")


def of_another_run(folder: Path) -> None:
    record = msgspec.json.decode((folder / RECORD).read_bytes(), type=Backup)
    forged = seal(msgspec.structs.replace(record, run_id="../../escape"))
    (folder / RECORD).write_bytes(encode_record(forged))


def endless(folder: Path) -> None:
    (folder / RECORD).write_bytes(b" " * 2_000_000)


def strange_name(folder: Path) -> None:
    record = msgspec.json.decode((folder / RECORD).read_bytes(), type=Backup)
    files = record.files | {"../../config.toml": FileDigest(1, "0" * 64)}
    (folder / RECORD).write_bytes(encode_record(seal(msgspec.structs.replace(record, files=files))))


def no_configuration(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text('{"run": {"mode": "piracy"}}')
    record = msgspec.json.decode((folder / RECORD).read_bytes(), type=Backup)
    files = record.files | {"config.json": digest_file(config)}
    (folder / RECORD).write_bytes(encode_record(seal(msgspec.structs.replace(record, files=files))))


@pytest.mark.parametrize("forge", [longer, of_another_run, endless, strange_name, no_configuration])
def test_a_forged_state_is_not_taken(forge: Callable[[Path], None], lost: Lost, new: Path) -> None:
    forge(lost.folder(2))
    arguments = ("restore", str(lost.copy), "--to", lost.ids[2], "--yes", "--no-start")
    ended = landerctl(new, *arguments)
    assert ended.returncode in (Exit.FAILED, Exit.NOT_FOUND), ended
    assert "internal error" not in ended.stderr
    assert lost.ids[2] in ended.stderr
    assert current_run(StatePaths(new)) is None
    assert list(StatePaths(new).runs.glob("*")) == []


def test_logs_that_would_fill_the_disk_are_skipped(lost: Lost, new: Path) -> None:
    from backports import zstd

    [folder] = (lost.copy / lost.run_id).glob("logs-*")
    [events] = folder.glob("events*.zst")
    events.write_bytes(zstd.compress(bytes(100_000_000)))
    record = msgspec.json.decode((folder / RECORD).read_bytes(), type=Backup)
    files = {events.name: digest_file(events)}
    (folder / RECORD).write_bytes(encode_record(seal(msgspec.structs.replace(record, files=files))))
    ended = landerctl(new, "restore", str(lost.copy), "--yes", "--no-start")
    assert ended.returncode == Exit.OK, ended
    assert "skipped: logs-" in ended.stderr
    assert "unpacks to more than" in ended.stderr
    run = current_run(StatePaths(new))
    assert run is not None
    assert list(run.tensorboard.iterdir()) == []
