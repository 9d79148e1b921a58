"""A configuration that sets a plugin's alert rule, read by what knows of no plugin yet."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from checks.gather import gather, with_config
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, Sources
from daemon.plugins.loading import load_with_plugins
from daemon.processes.state_folder import ClaimError, refuse_foreign
from landerctl.config_file import config_in_use
from landerctl.operations.configuring.validation import all_faults
from tests.daemon.plugins.packages import install
from tests.daemon.plugins.test_data import rule

TRIGGERS = '[rollback.triggers]\nown = "off"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration in a fresh state folder."""
    (tmp_path / "home").mkdir()
    file = tmp_path / "home" / "config.toml"
    file.write_text(TRIGGERS)
    return file


@pytest.fixture
def _plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "lunar", {"alert_rules": {"mine": "lunar:rules"}}, {"lunar/rules.toml": rule()})
    (site / "lunar" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(site))


def problems(file: Path, *, named: bool) -> list[str | None]:
    """What each reader finds wrong: `check`, the other verbs, `config validate`."""
    paths, explicit = StatePaths(file.parent), [file] if named else []
    checked = with_config(gather(paths, 0.0), paths, explicit, {}).config_problem
    faults, _ = all_faults([file])
    try:
        assert config_in_use(paths, explicit, {}).sources.plugins
    except ConfigError as error:
        return [checked, str(error), *(one.text for one in faults)]
    return [checked, None, *(one.text for one in faults)]


@pytest.mark.parametrize("named", [False, True], ids=["of the folder", "named"])
@pytest.mark.usefixtures("_plugin")
def test_all_readers_know_an_installed_plugins_rule(file: Path, named: bool) -> None:
    assert problems(file, named=named) == [None, None]


@pytest.mark.parametrize("named", [False, True], ids=["of the folder", "named"])
def test_without_the_plugin_all_readers_refuse_it(file: Path, named: bool) -> None:
    found = problems(file, named=named)
    assert len(found) == 3
    assert all(one and "rollback.triggers.own" in one for one in found)


@pytest.mark.usefixtures("_plugin")
def test_only_what_is_wrong_besides_is_said(file: Path) -> None:
    file.write_text(f'{TRIGGERS}owm = "off"\n[ppo]\ngamma = 7.0\n')
    with pytest.raises(ConfigError) as caught:
        load_with_plugins(Sources((str(file),)))
    assert sorted(one.origin.line or 0 for one in caught.value.faults) == [3, 5]
    assert "did you mean 'own'?" in str(caught.value)


@pytest.mark.usefixtures("_plugin")
def test_an_option_that_changes_the_rule() -> None:
    loaded = load_with_plugins(Sources(settings=("alerts.own.threshold=3",)))
    assert loaded.config.alerts[-1].threshold == 3.0


def test_nothing_is_looked_for_where_no_rule_is_unknown(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "daemon.plugins.data", None)  # importing it would raise
    file.write_text("[ppo]\ngamma = 7.0\n")
    with pytest.raises(ConfigError, match=r"ppo\.gamma"):
        load_with_plugins(Sources((str(file),)))


def test_a_fresh_folder_with_files_that_its_configuration_names(file: Path) -> None:
    (file.parent / "ping").touch()
    file.write_text(f'{TRIGGERS}[checks]\nping_url_file = "ping"\n')
    refuse_foreign(StatePaths(file.parent))
    (file.parent / "thesis.tex").touch()
    with pytest.raises(ClaimError, match=r"other files \('thesis.tex'\)"):
        refuse_foreign(StatePaths(file.parent))
    file.write_text(f"{TRIGGERS}[ppo]\ngamma = 7.0\n")
    with pytest.raises(ConfigError, match=r"ppo\.gamma"):
        refuse_foreign(StatePaths(file.parent))
