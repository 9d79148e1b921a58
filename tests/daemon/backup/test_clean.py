"""Secrets in copies that earlier versions made: removed, and every digest still matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.backup.archive import ArchiveError, export_backup, import_backup
from daemon.backup.clean import clean, clean_backup, without_secrets
from daemon.backup.make import make_backup
from daemon.backup.record import CONFIG, RECORD, read_backup
from daemon.backup.restoring.find_state import verify_state
from daemon.backup.restoring.rebuild_run import rebuild
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.manifest import DamagedCheckpointError, encode_record
from daemon.config import Config, load_config
from daemon.config.frozen import encode_frozen, load_frozen, strip
from daemon.config.sections import FROZEN
from tests.daemon.backup.uncleaned import uncleaned, whole
from tests.daemon.harness import save_checkpoint
from tests.planted import TARGETS, leaked, leaks_below, plant


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(plant(tmp_path, TARGETS), {"run": {"n_envs": 7}}).config


@pytest.fixture
def old(run: RunPaths, paths: StatePaths, config: Config) -> Path:
    """A backup of an earlier version, of a run of that version."""
    made = make_backup(paths, run, save_checkpoint(run).id, paths.backups, created_s=5.0)
    folder = paths.backups / run.id / made.id
    run.config.write_bytes(whole(config))
    uncleaned(folder, whole(config))
    assert leaked((folder / CONFIG).read_bytes()) and verify_backup(folder)
    return folder


def test_a_run_keeps_what_it_needs_and_no_secret(run: RunPaths, config: Config) -> None:
    content = encode_frozen(config)
    assert leaked(content) == []
    run.config.write_bytes(content)
    frozen = load_frozen(run.config)
    assert all(getattr(frozen, name) == getattr(config, name) for name in FROZEN)
    assert strip(content) == content


def test_a_run_of_an_earlier_version_reads_the_same_before_and_after(
    run: RunPaths, config: Config
) -> None:
    run.config.write_bytes(whole(config))
    before = load_frozen(run.config)
    run.config.write_bytes(strip(whole(config)))
    assert load_frozen(run.config) == before
    assert run.config.read_bytes() == encode_frozen(config)


def test_runs_and_backups_are_cleaned_once(paths: StatePaths, run: RunPaths, old: Path) -> None:
    done = clean(paths, paths.backups)
    assert (done.runs, done.backups, done.kept) == ([run.id], [(run.id, old.name)], [])
    assert leaks_below(paths.home) == {}
    verify_backup(old)
    again = clean(paths, paths.backups)
    assert (again.runs, again.backups, again.kept) == ([], [], [])


def test_an_interrupted_cleaning_is_finished(paths: StatePaths, old: Path) -> None:
    """Killed after the record was written, before the configuration was."""
    backup, _ = without_secrets(read_backup(old), (old / CONFIG).read_bytes())
    (old / RECORD).write_bytes(encode_record(backup))
    with pytest.raises(DamagedCheckpointError):
        verify_backup(old)
    assert clean(paths, paths.backups).kept == []
    assert verify_backup(old) == backup
    assert leaks_below(paths.home) == {}


def test_a_damaged_backup_is_left_as_it_is_and_named(paths: StatePaths, old: Path) -> None:
    content = (old / CONFIG).read_bytes().replace(b"someone", b"nobody!")
    (old / CONFIG).write_bytes(content)
    [fault] = clean(paths, paths.backups).kept
    assert fault == f"{old}: {old.name}: {CONFIG} does not match its SHA-256"
    assert (old / CONFIG).read_bytes() == content


def test_a_new_backup_of_an_uncleaned_run_has_no_secret(
    paths: StatePaths, run: RunPaths, old: Path
) -> None:
    made = make_backup(paths, run, save_checkpoint(run).id, paths.backups, created_s=6.0)
    assert leaks_below(paths.backups / run.id / made.id) == {}
    verify_backup(paths.backups / run.id / made.id)


def test_an_export_has_no_secret(old: Path, tmp_path: Path) -> None:
    export_backup(old, tmp_path / "backup.tar")
    assert leaked((tmp_path / "backup.tar").read_bytes()) == []


@pytest.fixture
def archive(old: Path, tmp_path: Path) -> Path:
    """An export of an earlier version."""
    content = whole(load_config(tmp_path / "config.toml", {"run": {"n_envs": 7}}).config)
    export_backup(old, tmp_path / "new.tar")
    uncleaned(old, content)
    import tarfile

    with tarfile.open(tmp_path / "old.tar", "w", format=tarfile.GNU_FORMAT) as tar:
        for name in (RECORD, *read_backup(old).files):
            tar.add(old / name, f"{old.parent.name}/{old.name}/{name}")
    assert leaked((tmp_path / "old.tar").read_bytes()) != []
    clean_backup(old)
    return tmp_path / "old.tar"


def test_an_import_has_no_secret(archive: Path, old: Path, tmp_path: Path) -> None:
    made, is_new = import_backup(archive, tmp_path / "elsewhere")
    assert is_new and made == read_backup(old)
    folder = tmp_path / "elsewhere" / made.run_id / made.id
    assert leaks_below(folder) == {} and verify_backup(folder) == made


def test_an_old_export_of_a_cleaned_backup_is_the_same_backup(
    archive: Path, old: Path, paths: StatePaths
) -> None:
    assert import_backup(archive, paths.backups) == (read_backup(old), False)


def test_an_archive_with_another_configuration_is_another_backup(
    archive: Path, old: Path, paths: StatePaths, tmp_path: Path
) -> None:
    other = load_config(tmp_path / "config.toml", {"run": {"n_envs": 8}}).config
    uncleaned(old, encode_frozen(other))
    with pytest.raises(ArchiveError, match="is a different backup with the same id"):
        import_backup(archive, paths.backups)


def test_a_restored_run_has_no_secret(paths: StatePaths, old: Path, tmp_path: Path) -> None:
    new = StatePaths(tmp_path / "new")
    rebuild(new, verify_state(old), old.parent.name, created_s=7.0, after_sequence=0)
    assert leaks_below(new.home) == {}
    assert load_frozen(new.run(old.parent.name).config).run.n_envs == 7
