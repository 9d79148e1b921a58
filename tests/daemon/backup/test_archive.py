"""Export and import of backups as archives, untrusted archives included."""

from __future__ import annotations

import io
import random
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from daemon.backup.archive import ArchiveError, export_backup, import_backup
from daemon.backup.catalog import scan
from daemon.backup.imported import MARK
from daemon.backup.lock import LOCK
from daemon.backup.make import back_up_logs, make_backup
from daemon.backup.record import RECORD, Backup
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, FileDigest, encode_record, seal
from tests.daemon.harness import save_checkpoint

TRIALS = 1000
REFUSED = (ArchiveError, DamagedCheckpointError)
Member = tuple[tarfile.TarInfo, bytes]


@pytest.fixture
def folder(run: RunPaths, paths: StatePaths) -> Path:
    made = make_backup(paths, run, save_checkpoint(run).id, paths.backups, created_s=5.0)
    return paths.backups / run.id / made.id


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    export_backup(folder, tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def tree(root: Path) -> dict[str, bytes | None]:
    """Everything in a folder, hidden or not, except the lock."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if path.name != LOCK
    }


def members(archive: Path) -> list[Member]:
    with tarfile.open(archive) as tar:
        found = []
        for info in tar.getmembers():
            stream = tar.extractfile(info)
            assert stream is not None
            found.append((info, stream.read()))
        return found


def plain(name: str, content: bytes = b"x") -> Member:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def special(name: str, type_: bytes, target: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type_, target
    return info, b""


def packed(archive: Path, found: list[Member], format_: int = tarfile.GNU_FORMAT) -> Path:
    with tarfile.open(archive, "w", format=format_) as tar:
        for info, content in found:
            tar.addfile(info, io.BytesIO(content))
    return archive


def with_record(found: list[Member], change: Callable[[Backup], Backup]) -> list[Member]:
    """The archive with a forged record whose checksum is valid."""
    (info, content), *rest = found
    record = msgspec.json.decode(content, type=Backup)
    return [plain(info.name, encode_record(seal(change(record)))), *rest]


def refuses(archive: Path, root: Path, match: str | None = None) -> None:
    """Assert that an import is refused and changes nothing below `root`."""
    elsewhere = root / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    before = tree(root)
    with pytest.raises(REFUSED, match=match):
        import_backup(archive, elsewhere)
    assert tree(root) == before


def test_export_and_import(folder: Path, archive: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    made, is_new = import_backup(archive, elsewhere)
    assert is_new and scan(elsewhere).whole == [made]
    assert verify_backup(elsewhere / made.run_id / made.id) == made == verify_backup(folder)
    mark = {MARK: b"backup.tar\n"}
    assert tree(elsewhere / made.run_id / made.id) == tree(folder) | mark
    assert scan(elsewhere).imported == {(made.run_id, made.id)}
    export_backup(elsewhere / made.run_id / made.id, tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == archive.read_bytes()
    modes = {path.stat().st_mode & 0o777 for path in (elsewhere / made.run_id / made.id).iterdir()}
    assert modes == {0o600} == {archive.stat().st_mode & 0o777}
    names = [info.name for info, _ in members(archive)]
    assert names[0] == f"{made.run_id}/{made.id}/{RECORD}"


def test_logs_with_long_names_are_exported_and_imported(
    run: RunPaths, paths: StatePaths, tmp_path: Path
) -> None:
    name = f"events.out.tfevents.1.{'host' * 40}.0"
    (run.tensorboard / name).write_bytes(bytes(2_000_000))
    made = back_up_logs(run, paths.backups, created_s=5.0)
    assert made is not None
    export_backup(paths.backups / run.id / made.id, tmp_path / "logs.tar")
    assert import_backup(tmp_path / "logs.tar", tmp_path / "elsewhere") == (made, True)


def test_a_second_import_changes_nothing(folder: Path, archive: Path, paths: StatePaths) -> None:
    before = tree(paths.backups)
    made, is_new = import_backup(archive, paths.backups)
    assert not is_new and made.id == folder.name
    assert tree(paths.backups) == before
    whole = archive.read_bytes()
    model = (folder / "model.zip").read_bytes()
    changed = whole.replace(model, model[:-1] + bytes([model[-1] ^ 1]))
    for content in (whole[:-9000], changed):
        archive.write_bytes(content)
        with pytest.raises(ArchiveError):
            import_backup(archive, paths.backups)
    archive.write_bytes(whole)
    (folder / "model.zip").write_bytes(b"x")
    with pytest.raises(DamagedCheckpointError, match=r"model\.zip"):
        import_backup(archive, paths.backups)


def test_a_different_backup_with_the_same_id_is_refused(
    folder: Path, archive: Path, tmp_path: Path
) -> None:
    found = members(archive)
    other = with_record(found, lambda b: msgspec.structs.replace(b, created_s=6.0))
    import_backup(packed(archive, other), tmp_path / "elsewhere")
    export_backup(folder, archive, overwrite=True)
    refuses(archive, tmp_path, "a different backup with the same id")


def test_an_export_overwrites_no_file_and_refuses_a_damaged_backup(
    folder: Path, archive: Path
) -> None:
    content = archive.read_bytes()
    with pytest.raises(FileExistsError):
        export_backup(folder, archive)
    (folder / "model.zip").write_bytes(b"x")
    with pytest.raises(DamagedCheckpointError, match=r"model\.zip"):
        export_backup(folder, archive, overwrite=True)
    assert archive.read_bytes() == content
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []


def prefix(found: list[Member]) -> str:
    return found[0][0].name.removesuffix(RECORD)


def replace_model(found: list[Member], member: Member) -> list[Member]:
    return [member if info.name.endswith("model.zip") else (info, c) for info, c in found]


FORGERIES: dict[str, Callable[[list[Member]], list[Member]]] = {
    "symbolic link": lambda f: replace_model(
        f, special(f"{prefix(f)}model.zip", tarfile.SYMTYPE, "/etc/passwd")
    ),
    "hard link": lambda f: replace_model(
        f, special(f"{prefix(f)}model.zip", tarfile.LNKTYPE, f"{prefix(f)}backup.json")
    ),
    "device": lambda f: replace_model(f, special(f"{prefix(f)}model.zip", tarfile.CHRTYPE)),
    "pipe": lambda f: replace_model(f, special(f"{prefix(f)}model.zip", tarfile.FIFOTYPE)),
    "folder": lambda f: replace_model(f, special(f"{prefix(f)}model.zip", tarfile.DIRTYPE)),
    "sparse": lambda f: replace_model(f, special(f"{prefix(f)}model.zip", tarfile.GNUTYPE_SPARSE)),
    "absolute": lambda f: replace_model(f, plain("/tmp/model.zip")),
    "parent": lambda f: replace_model(f, plain(f"{prefix(f)}../model.zip")),
    "parent in three": lambda f: replace_model(f, plain("../../model.zip")),
    "another run": lambda f: replace_model(f, plain(f"other/{prefix(f).split('/')[1]}/model.zip")),
    "not listed": lambda f: [*f[:2], plain(f"{prefix(f)}evil.sh"), *f[2:]],
    "twice": lambda f: [*f[:2], f[1], *f[2:]],
    "the record twice": lambda f: [f[0], f[0], *f[1:]],
    "after the end": lambda f: [*f, plain(f"{prefix(f)}evil.sh")],
    "one missing": lambda f: f[:-1],
    "nothing but the record": lambda f: f[:1],
    "nothing": lambda f: [],
    "no record": lambda f: f[1:],
    "the record last": lambda f: [*f[1:], f[0]],
    "larger": lambda f: replace_model(f, plain(f"{prefix(f)}model.zip", bytes(10_000_000))),
    "smaller": lambda f: replace_model(f, plain(f"{prefix(f)}model.zip", b"")),
    "other content": lambda f: replace_model(f, plain(f"{prefix(f)}model.zip", bytes(500))),
    "a huge record": lambda f: [plain(f"{prefix(f)}{RECORD}", b" " * 1_000_001), *f[1:]],
    "an empty record": lambda f: [plain(f"{prefix(f)}{RECORD}", b""), *f[1:]],
    "a hidden run": lambda f: [plain(f".x/{name.split('/', 1)[1]}", c) for (i, c) in f
                               for name in [i.name]],
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_archives_are_refused(forgery: str, archive: Path, tmp_path: Path) -> None:
    refuses(packed(archive, FORGERIES[forgery](members(archive))), tmp_path)


STRANGE_NAMES = ["../escape", "/etc/passwd", "a/b", "..", ".", "", "evil.sh", "x" * 300, "é.zip"]


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_record_with_unsafe_names_is_refused(name: str, archive: Path, tmp_path: Path) -> None:
    content = b"x"
    digest = FileDigest(1, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    found = members(archive)
    listed = with_record(
        found, lambda b: msgspec.structs.replace(b, files=b.files | {name: digest})
    )
    refuses(packed(archive, [*listed, plain(f"{prefix(found)}{name}", content)]), tmp_path)
    for change in ("id", "run_id"):
        forged = with_record(found, lambda b, c=change: msgspec.structs.replace(b, **{c: name}))  # type: ignore[misc]
        refuses(packed(archive, forged), tmp_path)


def test_extended_headers_are_refused(archive: Path, tmp_path: Path) -> None:
    found = members(archive)
    for info, _ in found:
        info.pax_headers = {"comment": "x" * 1000}
    refuses(packed(archive, found, tarfile.PAX_FORMAT), tmp_path, "not a plain file")


def test_an_overlong_file_name_is_refused(archive: Path, tmp_path: Path) -> None:
    found = members(archive)
    name = f"{prefix(found)}{'x' * 5000}"
    refuses(packed(archive, replace_model(found, plain(name))), tmp_path, "a file name of 5")


def test_compressed_and_other_files_are_refused(archive: Path, tmp_path: Path) -> None:
    for content in (b"", b"x", bytes(10_240), b"\x1f\x8b" + bytes(600), b"\xff" * 2048):
        archive.write_bytes(content)
        refuses(archive, tmp_path)


def test_a_truncated_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    used = len(whole.rstrip(b"\0")) + 1024
    for size in [*range(0, used - 1024, 97), used - 1025]:
        archive.write_bytes(whole[:size])
        refuses(archive, tmp_path)


def test_nothing_is_written_through_a_link(archive: Path, tmp_path: Path) -> None:
    run_id = prefix(members(archive)).split("/")[0]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "elsewhere" / run_id).symlink_to(tmp_path / "outside")
    refuses(archive, tmp_path, "link")


def test_a_corrupted_archive_is_imported_intact_or_refused(
    folder: Path, archive: Path, tmp_path: Path
) -> None:
    draw = random.Random(11)
    whole = archive.read_bytes()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    as_made = tree(folder)
    before, outcomes = tree(tmp_path), {True: 0, False: 0}
    for trial in range(TRIALS):
        changed = bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 8))):
            position = draw.randrange(len(whole))
            match trial % 4:
                case 0:
                    changed[position] ^= 1 << draw.randrange(8)
                case 1:  # mostly headers
                    changed[position % 512 + 512 * draw.randrange(8)] = draw.randrange(256)
                case 2:
                    changed[position : position + draw.randrange(600)] = b""
                case _:
                    changed[position:position] = draw.randbytes(draw.randrange(1, 600))
        archive.write_bytes(changed)
        before["backup.tar"] = bytes(changed)
        try:
            made, _ = import_backup(archive, elsewhere)
        except REFUSED:
            assert tree(tmp_path) == before, trial
            outcomes[False] += 1
        else:
            # Some header fields are ignored: owner, mode, time.
            place = elsewhere / made.run_id
            assert tree(place / made.id) == as_made | {MARK: b"backup.tar\n"}, trial
            assert [path.name for path in place.iterdir()] == [made.id]
            shutil.rmtree(place)
            assert tree(tmp_path) == before, trial
            outcomes[True] += 1
    assert outcomes[False] > TRIALS / 2
