"""What plugins add to a configuration: they override nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.config import ConfigError, LoadedConfig, Sources, find_sources, load_sources
from daemon.config.layering.plugin_data import PluginData
from daemon.config.load import LeftOutRule

RULE: dict[str, Any] = {
    "name": "own",
    "metric": "time/fps",
    "comparison": "above",
    "threshold": 1.0,
    "for_s": 0.0,
    "severity": "info",
    "summary": "A summary",
}
RULES = PluginData("alert_rules", "mine", "lunar", {"alerts": [RULE]})
HOPPER = PluginData("vehicles", "hopper", "lunar", {"dry_mass_kg": 1.0})


def loaded(*settings: str, files: tuple[str, ...] = ()) -> LoadedConfig:
    return load_sources(Sources(files, {}, settings, (RULES, HOPPER)))


def test_rules_come_after_those_of_the_configuration() -> None:
    found = loaded()
    assert found.config.alerts[-1].name == "own"
    assert found.rules_of_plugins == {"own": "mine"}
    number = len(found.config.alerts) - 1
    assert str(found.layered.origin(f"alerts[{number}].threshold")) == "plugin mine (lunar)"


def test_the_users_rule_of_that_name_counts(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    keys = "\n".join(f"{key} = {value!r}" for key, value in {**RULE, "threshold": 7.0}.items())
    file.write_text(f"[[alerts]]\n{keys}\n")
    found = loaded(files=(str(file),))
    assert [(rule.name, rule.threshold) for rule in found.config.alerts] == [("own", 7.0)]
    assert found.rules_of_plugins == {}


def test_options_and_triggers_change_a_plugins_rule() -> None:
    assert loaded("alerts.own.threshold=3").config.alerts[-1].threshold == 3.0
    assert loaded("rollback.triggers.own=rollback").config.alerts[-1].action == "rollback"
    off = loaded("rollback.triggers.own=off")
    assert "own" not in [rule.name for rule in off.config.alerts]


def test_a_named_file_may_set_the_rules_that_the_daemon_found(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[rollback.triggers]\nown = "off"\n')
    recorded = Sources(plugins=(RULES,))
    found = load_sources(find_sources([file], tmp_path, {}, recorded=recorded))
    assert "own" not in [rule.name for rule in found.config.alerts]


@pytest.mark.parametrize("alerts", ["", "alerts = []\n"], ids=["default", "of the user"])
@pytest.mark.parametrize("trigger", ["alert", "rollback", "off"])
def test_a_rule_for_a_stage_that_is_not_there_is_left_out(
    tmp_path: Path, alerts: str, trigger: str
) -> None:
    file = tmp_path / "config.toml"
    other = "[vehicles.apollo-lm.ppo]\ngamma = 0.9\n"
    file.write_text(f'{alerts}[rollback.triggers]\nown = "{trigger}"\n{other}')
    late = {**RULE, "name": "late", "stage": 1}
    rules = PluginData("alert_rules", "mine", "lunar", {"alerts": [{**RULE, "stage": 9}, late]})
    found = load_sources(Sources((str(file),), {}, (), (rules,)))
    assert found.left_out == (LeftOutRule("own", 9, "mine"),)
    assert "own" not in [rule.name for rule in found.config.alerts]
    assert found.rules_of_plugins == {"late": "mine"}
    back = load_sources(Sources((str(file),), {}, ("alerts.own.stage=2",), (rules,)))
    assert (back.left_out, len(back.rules_of_plugins)) == ((), 2)
    with pytest.raises(ConfigError, match=r"--set: alerts\.own\.stage = 8: allowed 1 to 5"):
        load_sources(Sources((str(file),), {}, ("alerts.own.stage=8",), (rules,)))


def test_a_vehicle_is_filled_in_where_it_is_named() -> None:
    assert loaded().config.fleet.vehicle_data == {}
    named = loaded("fleet.vehicle=hopper")
    assert named.config.fleet.vehicle_data == {"dry_mass_kg": 1.0}
    assert named.layered.origin("fleet.vehicle_data").kind == "plugin"


def test_numbers_that_are_given_count(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[fleet]\nvehicle = "hopper"\n[fleet.vehicle_data]\ndry_mass_kg = 2.0\n')
    found = loaded(files=(str(file),)).config.fleet
    assert found.vehicle_data == {"dry_mass_kg": 2.0}
