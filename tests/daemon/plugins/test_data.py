"""Which plugins are found, and what is wrong with their files; no code of a package runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from daemon.plugins.data import OURS, judged_plugins
from daemon.plugins.installed import Plugin
from tests.daemon.plugins.packages import install

RULE = """
[[alerts]]
name = "{name}"
metric = "{metric}"
comparison = "above"
threshold = 1.0
for_s = 0.0
severity = "info"
summary = "A summary"
{more}
"""
# Of a package that must not be imported.
RAISES = {"lunar/__init__.py": "raise RuntimeError('imported')\n"}


def rule(name: str = "own", metric: str = "time/fps", more: str = "") -> str:
    return RULE.format(name=name, metric=metric, more=more)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def of_package(package: str = "lunar") -> list[Plugin]:
    return [one for one in judged_plugins()[0] if one.package == package]


def fault_of_rules(site: Path, text: str, name: str = "rules.toml") -> str:
    install(
        site, "lunar", {"alert_rules": {"mine": "lunar:rules"}}, {**RAISES, f"lunar/{name}": text}
    )
    [plugin] = of_package()
    return plugin.fault


def test_data_is_read_without_importing_its_package(site: Path) -> None:
    points = {"alert_rules": {"mine": "lunar.deep:rules"}, "vehicles": {"hopper": "lunar:hopper"}}
    files = {"lunar/deep/rules.toml": rule(), "lunar/hopper.json": '{"dry_mass_kg": 1}'}
    install(site, "lunar", points, {**RAISES, **files})
    plugins, data = judged_plugins()
    assert [(one.kind, one.name, one.version, one.fault) for one in plugins] == [
        ("alert_rules", "mine", "1.0", ""),
        ("vehicles", "hopper", "1.0", ""),
    ]
    assert [one.content for one in data][1] == {"dry_mass_kg": 1}
    assert data[0].content["alerts"][0]["name"] == "own"
    assert "lunar" not in sys.modules


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[alerts]", "rules.toml: is not valid TOML"),
        ("", "expected tables"),
        (rule() + "[ppo]\ngamma = 0.5\n", "expected tables"),
        (rule(metric="time/fsp"), "did you mean 'time/fps'?"),
        (rule(name="disk-low"), "landerctl has a rule of this name"),
        (rule(more='action = "stop"'), "expected notify or log"),
        (rule(more="for_s = 1.0"), "is not valid TOML"),
        (rule(more="clear_threshold = 2.0"), "must end on the other side"),
        (rule() + rule(), "used twice"),
        (rule(more="stage = 0"), "stage = 0"),
        (rule().replace("threshold = 1.0", "threshold = inf"), "finite"),
    ],
)
def test_faulty_rules(site: Path, text: str, fault: str) -> None:
    assert fault in fault_of_rules(site, text)


def test_which_stages_there_are_is_not_the_plugins_to_know(site: Path) -> None:
    assert fault_of_rules(site, rule(more="stage = 99")) == ""


def test_all_faults_of_a_file_are_named(site: Path) -> None:
    found = fault_of_rules(site, rule(metric="no/such") + rule(name="disk-low"))
    assert "no/such" in found
    assert "disk-low" in found


def test_a_missing_file_or_package(site: Path) -> None:
    install(site, "lunar", {"alert_rules": {"a": "lunar:rules", "b": "no_such_pkg:rules"}}, RAISES)
    first, second = (one.fault for one in of_package())
    assert "has no file rules.toml" in first
    assert "there is no package 'no_such_pkg'" in second


def test_json_that_is_none(site: Path) -> None:
    assert fault_of_rules(site, "{", "rules.json") == "rules.json: is not valid JSON"


def test_names_that_cannot_be_used(site: Path) -> None:
    points = {"checks": {"Fuel Gauge": "lunar:check", "fuel": "lunar"}}
    install(site, "lunar", points, RAISES)
    bad, plain = sorted(of_package(), key=lambda one: one.name)
    assert "small letters" in bad.fault
    assert "module:function" in plain.fault


def test_one_name_of_two_packages(site: Path) -> None:
    for package in ("lunar", "solar"):
        install(site, package, {"checks": {"fuel": f"{package}:check"}}, {})
    [plugin] = of_package()
    assert "solar has one of this name too" in plugin.fault


def test_a_vehicle_with_the_name_of_one_of_ours(site: Path) -> None:
    from env.physics.vehicles import VEHICLES

    assert sorted(OURS) == sorted(VEHICLES)
    points = {"vehicles": {"apollo-lm": "lunar:craft"}}
    install(site, "lunar", points, {**RAISES, "lunar/craft.toml": "dry_mass_kg = 1.0"})
    plugins, data = judged_plugins()
    assert [one.fault for one in plugins] == ["landerctl has a vehicle of this name"]
    assert data == ()


def test_one_rule_of_two_plugins(site: Path) -> None:
    points = {"alert_rules": {"a": "lunar:rules", "b": "lunar:others"}}
    files = {"lunar/rules.toml": rule(), "lunar/others.toml": rule()}
    install(site, "lunar", points, {**RAISES, **files})
    assert [one.fault for one in of_package()] == ["", "alerts.own: plugin a has this rule too"]


def test_damaged_packages_of_others_are_skipped(site: Path) -> None:
    install(site, "lunar", {"checks": {"fuel": "lunar:check"}}, RAISES)
    for name, text in {"a": "[landerctl.checks]\nno value\n", "b": "no group = x\n"}.items():
        folder = site / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "entry_points.txt").write_text(text)
    (site / "c-1.0.dist-info").mkdir()
    (site / "c-1.0.dist-info" / "entry_points.txt").write_bytes(b"[landerctl.checks]\xff\n")
    assert [one.name for one in of_package()] == ["fuel"]


def test_damaged_packages_of_others_hide_no_vehicle(site: Path) -> None:
    from env.physics.vehicles import installed_names

    install(site, "lunar", {"vehicles": {"hopper": "lunar:hopper"}}, RAISES)
    (site / "a-1.0.dist-info").mkdir()
    (site / "a-1.0.dist-info" / "entry_points.txt").write_text("[landerctl.vehicles]\nno value\n")
    assert installed_names() == ["hopper"]
