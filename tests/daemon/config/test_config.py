"""Which configuration file is used, and its error messages."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import state_paths
from daemon.base.user import NoFolderError
from daemon.config import Config, ConfigError, Sources, find_sources, load_config


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ppo]\ngamma = 1.5\n", "ppo.gamma = 1.5: expected float <= 1.0"),
        ("[ppo]\ngama = 0.5\n", "unknown key ppo.gama = 0.5; did you mean 'gamma'?"),
        ("[run]\nmode = 'race'\n", "expected one of curriculum, demo, standard"),
        ("[supervision]\nstop_timeout_s = nan\n", "supervision.stop_timeout_s = nan: expected a"),
        ("[network]\nlog_std_init = -inf\n", "network.log_std_init = -inf: expected a finite"),
        ("[expected]\nsteps_per_s = [1.0, inf]\n", "expected.steps_per_s[1] = inf: expected a"),
        ("[fleet]\ndynamics_interval_s = 0.03\n", "must divide fleet.control_interval_s"),
        ("[run]\nwarm_start = 'reference'\nalgorithm = 'sac'\n", "only PPO learns from the pilot"),
        ("run = 5\n", "run = 5: expected object, got int"),
        ("[run", "is not valid TOML"),
        ("\xff", "is not UTF-8 text"),
    ],
)
def test_an_error_is_one_line_with_file_and_value(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert expected in message
    assert "\n" not in message


def test_a_frozen_configuration_round_trips() -> None:
    config = load_config(None).config
    assert msgspec.json.decode(msgspec.json.encode(config), type=Config) == config


def test_the_search_order_of_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    xdg = tmp_path / "xdg"
    places = {
        "explicit": tmp_path / "explicit.toml",
        "variable": tmp_path / "variable.toml",
        "recorded": tmp_path / "recorded.toml",
        "home": home / "config.toml",
        "user": xdg / "landerctl" / "config.toml",
    }
    for place in places.values():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    variable = {"LANDERCTL_CONFIG": str(places["variable"])}
    user = {"XDG_CONFIG_HOME": str(xdg)}
    recorded = Sources((str(places["recorded"]),))

    def found(*explicit: Path, **more: str) -> Path | None:
        sources = find_sources(explicit, home, user | more, recorded=recorded)
        return Path(sources.files[0]) if sources.files else None

    assert found(places["explicit"], **variable) == places["explicit"]
    assert found(**variable) == places["variable"]
    assert found() == places["recorded"]
    places["recorded"].unlink()
    assert found() == places["home"]
    places["home"].unlink()
    assert found() == places["user"]
    places["user"].unlink()
    assert found() is None
    with pytest.raises(ConfigError, match="no such file"):
        found(tmp_path / "missing.toml")


def test_a_relative_xdg_folder_is_ignored(tmp_path: Path) -> None:
    """The daemon runs in /, the operator anywhere: relative paths would differ."""
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config"}
    assert state_paths(None, environ).home == tmp_path / ".local/state/landerctl"
    file = tmp_path / ".config/landerctl/config.toml"
    file.parent.mkdir(parents=True)
    file.touch()
    assert find_sources((), tmp_path / "home", environ).files == (str(file),)


def test_a_folder_that_cannot_be_found_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoFolderError, match="~no-such-user/x: no such home folder"):
        state_paths(Path("~no-such-user/x"), {})
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for name in ("x", "."):
        with pytest.raises(NoFolderError, match="the current folder no longer exists"):
            state_paths(None, {"LANDERCTL_HOME": name})
    assert state_paths(tmp_path, {}).home == tmp_path
    monkeypatch.chdir(tmp_path)


def test_duplicate_target_names_are_refused(tmp_path: Path) -> None:
    table = '[[backup.targets]]\nname = "cloud"\nurl = "s3://b/{}"\n'
    file = tmp_path / "config.toml"
    file.write_text(table.format(1) + table.format(2))
    with pytest.raises(ConfigError, match=r"backup\.targets: the name 'cloud' is used twice"):
        load_config(file)


def test_a_trigger_needs_an_alert_rule_of_its_name(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[rollback.triggers]\nstage-regresing = 'rollback'\n")
    with pytest.raises(ConfigError, match=r"stage-regresing.*no alert rule has this name"):
        load_config(file)
    file.write_text("[rollback.triggers]\nstage-regressing = 'rollback'\nmemory-growing = 'off'\n")
    rules = {rule.name: rule.action for rule in load_config(file).config.alerts}
    assert rules["stage-regressing"] == "rollback"
    assert "memory-growing" not in rules
    assert rules["reward-diverged"] == "notify"


def test_an_alert_is_armed_by_a_value_at_which_it_does_not_fire(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    rule = (
        "[[alerts]]\nname = 'low'\nmetric = 'm'\ncomparison = 'below'\nthreshold = -450.0\n"
        "for_s = 0.0\nseverity = 'warning'\nsummary = 'See it'\narmed_at = "
    )
    file.write_text(f"{rule}-500.0\n")
    with pytest.raises(ConfigError, match=r"low\.armed_at = -500: expected -450 or a better value"):
        load_config(file)
    file.write_text(f"{rule}-400.0\n")
    assert load_config(file).config.alerts[0].armed_at == -400.0
