"""Configuration files and manifests of any content: used, or refused in one line that names it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from checks.gather import gather
from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.backup.record import RECORD
from daemon.backup.verification.verify import verify_backup
from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.catalog import list_checkpoints
from daemon.checkpoint.manifest import MANIFEST, DamagedCheckpointError, read_manifest, verify
from daemon.config import ConfigError, load_config
from daemon.config.frozen import load_frozen
from daemon.config.load import default_config_path
from tests.daemon.harness import SPEED_LOW, Home, config_text, save_checkpoint
from tests.daemon.torture.mutation import INPUTS, generator, mutated
from tests.waiting import eventually


def test_a_configuration_is_loaded_or_refused_in_one_line(tmp_path: Path) -> None:
    draw, path = generator("config"), tmp_path / "config.toml"
    samples = [default_config_path().read_bytes(), (config_text() + SPEED_LOW).encode()]
    refused = 0
    for _ in range(INPUTS):
        path.write_bytes(mutated(draw, samples))
        try:
            load_config(path)
        except ConfigError as error:
            refused += 1
            assert str(error).startswith(f"{path}: ") and str(error).isprintable(), error
    print(f"{refused} of {INPUTS} refused")
    assert 0 < refused < INPUTS


def test_a_frozen_configuration_is_loaded_or_refused_in_one_line(tmp_path: Path) -> None:
    draw, path = generator("frozen"), tmp_path / "config.json"
    samples = [msgspec.json.encode(load_config(None).config)]
    for _ in range(INPUTS):
        path.write_bytes(mutated(draw, samples))
        try:
            load_frozen(path)
        except ConfigError as error:
            assert str(error).startswith(f"{path}: ") and str(error).isprintable(), error


def test_a_running_supervisor_survives_any_configuration(home: Home) -> None:
    draw, daemon = generator("reload"), home.started()
    home.trainer_state("RUNNING")
    sound = config_text().encode()
    for number in range(1, max(INPUTS // 100, 3) + 1):
        new = home.config.with_name("new")
        new.write_bytes(mutated(draw, [sound, (config_text() + SPEED_LOW).encode()]))
        new.replace(home.config)
        # A final valid file that differs, so that a reload is recorded in any case.
        new.write_text(config_text() + f"[expected]\nsteps_per_s = [1.0, {number + 1.0}]\n")
        new.replace(home.config)
        eventually(
            lambda n=number: home.status().daemon.steps_per_s_expected == (1.0, n + 1.0),  # type: ignore[misc,union-attr]
            f"configuration {number} is in force",
        )
    assert daemon.poll() is None
    home.stop(daemon)


def test_a_manifest_is_read_or_its_checkpoint_is_reported_as_damaged(run: RunPaths) -> None:
    draw = generator("manifest")
    folder = run.checkpoints / save_checkpoint(run).id
    backups = run.folder.parents[1] / "backups"
    paths = StatePaths(run.folder.parents[1])
    backup = backups / run.id / make_backup(paths, run, folder.name, backups, created_s=1.0).id
    for path in (folder / MANIFEST, backup / MANIFEST, backup / RECORD):
        whole = path.read_bytes()
        for _ in range(INPUTS):
            path.write_bytes(mutated(draw, [whole]))
            for judge in (read_manifest, verify, verify_backup):
                try:
                    judge(path.parent)
                except DamagedCheckpointError as error:
                    assert str(error).startswith(f"{path.parent.name}: "), error
                    assert str(error).isprintable(), error
            found = [*list_checkpoints(run.checkpoints).damaged, *scan(backups).damaged]
            assert all(text.isprintable() for _, text in found)
        path.write_bytes(whole)


@pytest.mark.parametrize("name", ["identity", "current"])
def test_identity_files_may_have_any_content(paths: StatePaths, name: str) -> None:
    draw = generator(name)
    paths.home.mkdir()
    for _ in range(INPUTS):
        getattr(paths, name).write_bytes(
            mutated(draw, [b'{"pid":1,"started_s":1.0,"boot_id":"x"}', b"20240101-demo-ppo-ab12\n"])
        )
        gather(paths, 1.0)
