"""A sweep's folder appears whole or not at all, and holds no secret."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import Config, ConfigError, load_sources
from daemon.config.load import check_values
from daemon.sweeps.creation import SweepNameError, create_sweep, read_base, read_spec, sweep_names
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.base import base_sources
from daemon.sweeps.spec.load import parse_sweep
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore, SweepStoreError
from daemon.sweeps.trial_config import trial_config

TEXT = """
limits.steps = 300_000
parameters = [{ setting = "ppo.gamma", values = [0.98, 0.99] }]
"""
SECRET = "json://user:secret-word-1234@example.org/"
BASE = {
    "run": {"n_envs": 16},
    "notify": {"targets": [{"name": "phone", "url": SECRET}]},
    "rollback": {"triggers": {"disk-low": "off"}},
}


def parsed(text: str) -> SweepSpec:
    return parse_sweep(Path("sweep.toml"), text)


def base() -> Config:
    return check_values(BASE, "mine.toml")


def created(home: Path, name: str = "first", text: str = TEXT) -> SweepPaths:
    return create_sweep(StatePaths(home), name, text, parsed(text), base())


def test_a_sweep_is_read_back_as_it_was_created(tmp_path: Path) -> None:
    sweep = created(tmp_path / "home")
    assert sweep.spec.read_text() == TEXT
    spec, kept = read_spec(sweep), read_base(sweep)
    assert spec == parsed(TEXT)
    values = {"ppo.gamma": 0.98}
    assert trial_config(kept, spec, values, 3) == trial_config(base(), spec, values, 3)
    with SweepStore.open(sweep.store) as store:
        assert store.trials() == []
    assert sweep_names(StatePaths(tmp_path / "home")) == ["first"]


def test_only_its_user_reads_it_and_it_holds_no_secret(tmp_path: Path) -> None:
    sweep = created(tmp_path)
    for path in (sweep.folder, *sweep.folder.iterdir()):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
        assert path.is_dir() or b"secret" not in path.read_bytes()
    kept = f"{TEXT}trial.notify = true\n"
    with pytest.raises(
        ConfigError, match=r"sweep\.toml: line 4: trial.notify: notify.targets.phone"
    ):
        created(tmp_path, "second", kept)


def test_names(tmp_path: Path) -> None:
    made_up = created(tmp_path, "").id
    assert sweep_names(StatePaths(tmp_path)) == [made_up]
    with pytest.raises(SweepNameError, match=f"{made_up} exists already.*sweep resume {made_up}"):
        created(tmp_path, made_up)
    with pytest.raises(SweepNameError, match=r"'\.\./x' is no name for a sweep: expected a letter"):
        created(tmp_path, "../x")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '[[objectives]]\nmetric = "success"\nstage = 6\n',
            "line 6: objectives: success: stage = 6: allowed 1 to 5",
        ),
        (
            'set."curriculum.stages.touchdwn.relief" = 0.1\n',
            "line 4: curriculum.stages: none is named touchdwn; did you mean 'touchdown'",
        ),
        ("set.run.stage = 9\n", "the base configuration with set: seed 1: run.stage = 9: allowed"),
    ],
)
def test_what_does_not_fit_the_base_configuration(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        created(tmp_path, "first", f"{TEXT}{text}")
    assert str(caught.value).startswith(f"{tmp_path}/sweeps/first/sweep.toml: {fault}")
    assert not (tmp_path / "sweeps").exists()


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise SweepStoreError(f"{path}: disk full")

    monkeypatch.setattr(SweepStore, "create", refused)
    with pytest.raises(SweepStoreError):
        created(tmp_path)
    assert list((tmp_path / "sweeps").iterdir()) == []


def test_what_a_kill_left_is_removed_by_the_next_creation(tmp_path: Path) -> None:
    script = (
        "import os, signal; from pathlib import Path; from daemon.base.leftovers import *\n"
        f"folder = temporary_beside(Path({str(tmp_path / 'sweeps' / 'x')!r}))\n"
        "(folder / 'trials').mkdir(parents=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    assert sweep_names(StatePaths(tmp_path)) == []
    assert len(list((tmp_path / "sweeps").iterdir())) == 1
    created(tmp_path)
    assert [path.name for path in (tmp_path / "sweeps").iterdir()] == ["first"]


def test_the_base_is_read_beside_the_sweeps_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("run.n_envs = 24\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text("run.n_envs = 48\n")
    for text, n_envs in (('base = ["mine.toml"]\n', 24), ("", 48)):
        spec = parsed(text + TEXT)
        found = base_sources(spec, tmp_path / "sweep.toml", tmp_path / "home", {})
        assert load_sources(found).config.run.n_envs == n_envs
