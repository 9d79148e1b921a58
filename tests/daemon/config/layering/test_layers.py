"""What overrides what, and where each setting comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.config import ConfigError, LoadedConfig, Sources, find_sources, load_sources
from daemon.config.layering.assign import Assignment
from daemon.config.layering.layers import GivenLayer

FIRST = "[ppo]\ngamma = 0.9\nvf_coef = 0.1\nclip_range = 0.3\n"
SECOND = "[ppo]\nvf_coef = 0.2\nclip_range = 0.4\n\n[reviews]\nweekly = false\n"


def layered(tmp_path: Path, *options: str, **environ: str) -> LoadedConfig:
    files = tmp_path / "first.toml", tmp_path / "second.toml"
    for file, text in zip(files, (FIRST, SECOND), strict=True):
        file.write_text(text)
    return load_sources(find_sources(files, tmp_path, environ, settings=options))


def test_the_order_of_precedence(tmp_path: Path) -> None:
    sources = layered(
        tmp_path,
        "ppo.ent_coef=0.02",
        "alerts.disk-low.threshold=7",
        LANDERCTL_PPO__CLIP_RANGE="0.5",
        LANDERCTL_PPO__ENT_COEF="0.01",
        LANDERCTL_HOME="/somewhere",
        LANDERCTL_RUN__ALGORITHM="sac",
    ).sources
    seed = GivenLayer("--seed", "option", Assignment("run.seed", 7))
    loaded = load_sources(sources, [seed])
    ppo, run = loaded.config.ppo, loaded.config.run
    assert (ppo.gamma, ppo.vf_coef, ppo.clip_range, ppo.ent_coef) == (0.9, 0.2, 0.5, 0.02)
    assert (run.algorithm, run.seed, run.n_envs) == ("sac", 7, 128)
    rules = [rule.name for rule in loaded.config.alerts]
    low = f"alerts[{rules.index('disk-low')}]"
    assert {
        path: str(loaded.layered.origin(path))
        for path in ("ppo.gamma", "ppo.vf_coef", "ppo.clip_range", "ppo.ent_coef", "ppo.n_steps")
    } == {
        "ppo.gamma": f"{tmp_path}/first.toml:2",
        "ppo.vf_coef": f"{tmp_path}/second.toml:2",
        "ppo.clip_range": "LANDERCTL_PPO__CLIP_RANGE",
        "ppo.ent_coef": "--set",
        "ppo.n_steps": "default",
    }
    assert str(loaded.layered.origin("run.seed")) == "--seed"
    assert str(loaded.layered.origin(f"{low}.threshold")) == "--set"
    assert str(loaded.layered.origin(f"{low}.metric")) == "default"


@pytest.mark.parametrize(
    ("option", "variable", "said"),
    [
        ("ppo.gama=1", None, "--set: unknown setting ppo.gama; did you mean 'gamma'?"),
        ("ppo.gamma=2", None, "--set: ppo.gamma = 2: expected float <= 1.0"),
        (None, ("LANDERCTL_PPO__GAMMA", "2"), "LANDERCTL_PPO__GAMMA: ppo.gamma = 2: expected"),
        (None, ("LANDERCTL_PPO__GAMA", "2"), "LANDERCTL_PPO__GAMA: unknown setting ppo.gama; did"),
        (None, ("LANDERCTL_PPPO__GAMMA", "2"), "LANDERCTL_PPPO__GAMMA: unknown section pppo; did"),
        (None, ("LANDERCTL_PPO_GAMMA", "2"), "is no setting; did you mean LANDERCTL_PPO__GAMMA?"),
        (None, ("LANDERCTL_NOTIFY__TARGETS", "hush"), "LANDERCTL_NOTIFY__TARGETS: notify.targets:"),
        (
            "supervision.backoff_max_s=0.5",
            None,
            "--set: supervision.backoff_initial_s = 1: must not exceed supervision.backoff_max_s",
        ),
        ("ppo.gamma=2", ("LANDERCTL_PPO__VF_COEF", "-1"), "2 faults: --set: ppo.gamma = 2: exp"),
    ],
)
def test_a_fault_names_its_layer(
    tmp_path: Path, option: str | None, variable: tuple[str, str] | None, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        layered(tmp_path, *([option] if option else []), **dict([variable] if variable else []))
    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_fault_of_the_second_of_two_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text("[reviews]\ntargets = ['phone']\n[ppo]\ngamma = 0.5\n")
    second.write_text("[ppo]\ngamma = 1.5\n")
    with pytest.raises(ConfigError) as caught:
        load_sources(find_sources([first, second], tmp_path, {}))
    assert [str(one.origin) for one in caught.value.faults] == [f"{second}:2", f"{first}:2"]


def test_other_variables_are_no_settings(tmp_path: Path) -> None:
    environ = {"LANDERCTL_CONFIG": "", "LANDERCTL_BACKUP_BUCKET": "mine", "PPO__GAMMA": "0.5"}
    assert find_sources((), tmp_path, environ) == Sources()


def test_a_file_is_named_from_where_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon runs in /."""
    monkeypatch.chdir(tmp_path)
    environ = {"LANDERCTL_CHECKS__PING_URL_FILE": "ping", "LANDERCTL_TERRAIN__HEIGHT_MAP": ""}
    sources = find_sources((), tmp_path, environ, settings=["terrain.height_map=a=b.npy"])
    config = load_sources(sources).config
    assert config.checks.ping_url_file == str(tmp_path / "ping")
    assert config.terrain.height_map == str(tmp_path / "a=b.npy")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_sources((), tmp_path, {"LANDERCTL_PPO__GAMMA": "0.5"}).variables
    with pytest.raises(ConfigError, match="the current folder no longer exists"):
        find_sources((), tmp_path, environ)
    monkeypatch.chdir(tmp_path)


def test_what_a_daemon_read_is_read_by_other_commands(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    lab = tmp_path / "lab.toml"
    lab.write_text("[ppo]\ngamma = 0.9\n")
    started = find_sources(
        [lab],
        paths.home,
        {"LANDERCTL_TUI__BELL": "true"},
        settings=["ppo.gamma=0.8", "tui.title=true"],
    )
    recorded = started.of_daemon()
    assert recorded.settings == ("tui.title=true",)  # the run keeps its own
    found = find_sources((), paths.home, {"LANDERCTL_TUI__THEME": "daylight"}, recorded=recorded)
    tui = load_sources(found).config.tui
    assert (tui.bell, tui.title, tui.theme) == (True, True, "daylight")
    assert load_sources(found).config.ppo.gamma == 0.9
    # A named file is another configuration.
    other = find_sources([lab], paths.home, {}, recorded=recorded)
    assert load_sources(other).config.tui.bell is False
    alone = Sources((), {"LANDERCTL_PPO__GAMMA": "0.7"}, ("ppo.vf_coef=0.1",)).without_variables()
    assert alone.arguments() == ["--set", "ppo.gamma=0.7", "--set", "ppo.vf_coef=0.1"]
