"""The example package as a user installs it: used by a daemon, and misbehaving in each hook."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.protocol.control import TestNotifyRequest
from daemon.runs.run_folder import set_current
from tests.daemon.harness import ROOT, SPEED_LOW, Home, config_text
from tests.landerctl.operator_side import landerctl
from tests.waiting import eventually

EXAMPLE = ROOT / "examples" / "plugin"
TARGET = """
[notify]
group_wait_s = 0.0
timeout_s = {timeout_s}
[[notify.targets]]
name = "diary"
plugin = "journal"
min_severity = "info"
"""
JOURNAL, PACE = "landerctl_example/journal.py", "landerctl_example/pace.py"
RULES, VEHICLE = (f"landerctl_example/data/{name}.toml" for name in ("precision", "scout"))
MORE = '[[notify.targets]]\nname = "{name}"\nplugin = "{name}"\n'
LATE = """
[[alerts]]
name = "late"
metric = "landing/distance_m"
comparison = "above"
threshold = 60.0
for_s = 0.0
severity = "info"
stage = 99
summary = "A stage that the curriculum does not have"
"""
GROUP = "[landerctl.notifiers]\n"
RAISING_CHECK = """
import os
print("noise")

def check(_):
    os.write(1, b"raw noise")
    raise ValueError("no")
"""
NOTIFIERS = """
import time

def notify(_):
    raise ConnectionRefusedError("refused")

def raises(_):
    print("noise")
    raise RuntimeError("no")

def exits(_):
    raise SystemExit(0)

def hangs(_):
    time.sleep(60)
"""
FAULTS = {
    "raises": "RuntimeError: no",
    "exits": "its process ended with 0",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which pip has installed the example, without a network."""
    folder = tmp_path_factory.mktemp("example")
    source = folder / "source"
    shutil.copytree(EXAMPLE, source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation"]
    site = folder / "site"
    subprocess.run([*pip, *offline, "--target", str(site), str(source)], check=True)
    return site


@pytest.fixture
def site(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that processes of this test find."""
    folder = tmp_path / "site"
    shutil.copytree(installed, folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # else an edit within a second is not seen
    monkeypatch.setenv("LANDERCTL_EXAMPLE_JOURNAL", str(tmp_path / "journal"))
    return folder


@pytest.fixture
def home(tmp_path: Path, site: Path) -> Iterator[Home]:
    assert site.exists()
    home = Home(tmp_path / "home")
    set_current(home.paths, home.run.id)
    configure(home, 30.0)
    yield home
    home.close()


def configure(home: Home, timeout_s: float, *parts: str) -> None:
    text = config_text().replace("alerts = []", "") + TARGET.format(timeout_s=timeout_s)
    home.config.write_text(text + "".join(parts))


def listed(home: Home) -> dict[str, dict[str, Any]]:
    """The plugins by name."""
    ended = landerctl(home.paths.home, "plugins", "--json")
    assert ended.returncode == 0, ended
    return {row["name"]: row for row in json.loads(ended.stdout)}


def checked(home: Home, *names: str) -> tuple[int, dict[str, Any]]:
    """Exit code and verdicts of plugins; all of standard output is one JSON object."""
    ended = landerctl(home.paths.home, "check", "--json", *names)
    report = json.loads(ended.stdout)
    of_plugins = {
        one["check"]: one for one in report["verdicts"] if one["check"].startswith("plugin:")
    }
    return ended.returncode, of_plugins


def disabled(home: Home) -> dict[str, str]:
    """The plugins that the daemon has disabled, by name, each with its error; all say so."""
    rows = {name: row for name, row in listed(home).items() if row["state"] == "disabled"}
    shown = landerctl(home.paths.home, "status").stdout
    _, verdicts = checked(home)
    events = {str(event.body["plugin"]): event for event in home.events("plugin.disabled")}
    assert events.keys() == rows.keys()
    for name, event in events.items():
        assert event.body["package"] == "landerctl-example"
        assert str(event.body["error"]) in rows[name]["text"]
        assert f"plugin {name} (" in shown
        assert verdicts[f"plugin:{name}"]["level"] == 1
    return {name: str(event.body["error"]) for name, event in events.items()}


def trains_on(home: Home) -> None:
    def timesteps() -> int:
        progress = home.trainer_state("RUNNING").progress
        return progress.timesteps if progress else 0

    before = timesteps()
    eventually(lambda: timesteps() > before, "training goes on")


def test_the_example_is_used(home: Home, site: Path, tmp_path: Path) -> None:
    with (site / RULES).open("a") as rules:
        rules.write(LATE)
    configure(home, 30.0, SPEED_LOW)
    assert {one["state"] for one in listed(home).values()} == {"unused"}
    home.started()
    home.event("notify.sent")
    assert (tmp_path / "journal").read_text().startswith("warning: ")
    rows = listed(home)
    assert {name: row["state"] for name, row in rows.items()} == {
        "precision": "in use",
        "pace": "in use",
        "journal": "in use",
        "scout": "unused",
    }
    assert rows["precision"]["text"] == (
        "landings-wide, touchdowns-hard; left out, for stages that the curriculum does not have: "
        "late (stage 99)"
    )
    assert home.event("plugin.rule_left_out").body["rule"] == "late"
    assert rows["pace"]["package"] == "landerctl-example"
    alerts = json.loads(landerctl(home.paths.home, "alerts", "--json").stdout)
    plugins = {alert["name"]: alert["plugin"] for alert in alerts}
    assert plugins == {
        "speed-low": None,
        "landings-wide": "precision",
        "touchdowns-hard": "precision",
    }
    eventually(lambda: home.status().progress, "progress")
    _, verdicts = checked(home)
    assert "days left" in verdicts["plugin:pace"]["text"]
    code, verdicts = checked(home, "plugin:pace")
    assert list(verdicts) == ["plugin:pace"]
    assert code == verdicts["plugin:pace"]["level"]
    assert landerctl(home.paths.home, "check", "plugin:no-such").returncode == 3
    assert home.events("plugin.disabled") == []


def test_plugins_that_misbehave_are_disabled_one_by_one(home: Home, site: Path) -> None:
    good = (site / PACE).read_text()
    (site / RULES).write_text((site / RULES).read_text().replace("landing/", "landings/"))
    (site / JOURNAL).write_text(NOTIFIERS)
    [points] = site.glob("landerctl_example-*/entry_points.txt")
    notifiers = (*FAULTS, "hangs")
    more = "".join(f"{name} = landerctl_example.journal:{name}\n" for name in notifiers)
    points.write_text(points.read_text().replace(GROUP, f"{GROUP}{more}"))
    configure(home, 5.0, *(MORE.format(name=name) for name in notifiers))
    home.started()
    rules = disabled(home).pop("precision")
    assert rules.count("did you mean 'landing/distance_m'?") == 1
    # A success in between begins the count anew.
    for code in (RAISING_CHECK, RAISING_CHECK, good, *3 * [RAISING_CHECK]):
        assert len(home.events("plugin.disabled")) == 1
        (site / PACE).write_text(code)
        checked(home, "plugin:pace")
    for _ in range(3):
        home.ask(TestNotifyRequest())
    found = disabled(home)
    assert found == {"precision": rules, "pace": "ValueError: no", **FAULTS}
    for name in ("journal", "hangs"):  # a service that cannot be reached
        assert listed(home)[name]["state"] == "in use"
    answer = landerctl(home.paths.home, "alerts", "test", "raises", "--json")
    assert "plugin raises is disabled" in json.loads(answer.stdout)[0]["error"]
    trains_on(home)


def test_a_vehicle_with_wrong_numbers_is_refused_with_every_fault(site: Path, home: Home) -> None:
    text = (site / VEHICLE).read_text()
    (site / VEHICLE).write_text(
        text.replace("n_engines = 1", "n_engines = 0").replace("dry", "dri")
    )
    ended = landerctl(home.paths.home, "start", "--set", "fleet.vehicle=scout", "--fresh")
    assert ended.returncode == 78
    for part in ("n_engines = 0", "dri_mass_kg", "dry_mass_kg is missing"):
        assert part in ended.stderr


def test_a_plugin_that_is_not_used_is_named_where_its_rule_is_unknown(
    home: Home, site: Path
) -> None:
    (site / RULES).write_text("[")
    with home.config.open("a") as config:
        config.write('[rollback.triggers]\nlandings-wide = "off"\n')
    file = ("--config", str(home.config))
    started = landerctl(home.paths.home, "start", *file)
    assert started.returncode == 78
    assert "no alert rule has this name" in started.stderr
    ended = landerctl(home.paths.home, "plugins", "--json", *file)
    assert (ended.returncode, ended.stderr) == (78, started.stderr)
    [text] = [one["text"] for one in json.loads(ended.stdout) if one["name"] == "precision"]
    assert "precision.toml: is not valid TOML" in text


def test_an_unknown_notifier_is_refused(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace('"journal"', '"jornal"'))
    ended = landerctl(home.paths.home, "start")
    assert ended.returncode == 78
    assert "did you mean 'journal'?" in ended.stderr
