"""The settings in use, of a run, and their differences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.config import Sources, load_sources
from daemon.config.layering.settings import differences
from daemon.plugins.loading import load_with_plugins
from landerctl.cli.commands.configure.diff import _side_of
from landerctl.exitcodes import Exit
from tests.daemon.plugins.packages import install
from tests.daemon.plugins.test_data import rule
from tests.landerctl.operator_side import landerctl, make_run

TARGET = """
[[notify.targets]]
name = "phone"
url = "ntfy://user:hunter2@host"

[ppo]
gamma = 0.9
"""


def test_settings_their_origins_and_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TARGET)
    run = make_run(tmp_path)
    shown = landerctl(tmp_path, "config", "show", "--changed", "--origin")
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["ppo.gamma", "=", "0.9", f"{file}:7"],
        ["notify.targets.phone.name", "=", '"phone"', f"{file}:3"],
        ["notify.targets.phone.url", "=", "(hidden)", f"{file}:4"],
    ]
    one = landerctl(tmp_path, "config", "show", "ppo.gamma", "--origin", "--json")
    assert json.loads(one.stdout) == [{"name": "ppo.gamma", "value": 0.9, "origin": f"{file}:7"}]
    kept = landerctl(tmp_path, "config", "show", "ppo.gamma", "--run", run.id)
    assert kept.stdout == "ppo.gamma = 0.99\n"
    missing = landerctl(tmp_path, "config", "show", "ppo.gama")
    assert missing.returncode == Exit.NOT_FOUND
    assert "did you mean 'ppo.gamma'?" in missing.stderr

    differ = landerctl(tmp_path, "config", "diff", run.id, str(file))
    assert differ.returncode == 1
    assert differ.stdout.splitlines()[1].split() == ["ppo.gamma", "0.99", "0.9"]
    whole = landerctl(tmp_path, "config", "diff", "defaults", "daemon", "--json")
    assert {"name": "ppo.gamma", "before": 0.99, "after": 0.9} in json.loads(whole.stdout)
    assert "hunter2" not in whole.stdout + differ.stdout + shown.stdout
    same = landerctl(tmp_path, "config", "diff", "current", run.id)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")


def test_a_file_that_names_a_plugins_rule_differs_by_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "lunar", {"alert_rules": {"mine": "lunar:rules"}}, {"lunar/rules.toml": rule()})
    (site / "lunar" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(site))
    file = tmp_path / "new.toml"
    file.write_text('[rollback.triggers]\nown = "off"\n')
    before = _side_of(load_sources(Sources())).settings(["alerts", "rollback"])
    after = _side_of(load_with_plugins(Sources((str(file),)))).settings(["alerts", "rollback"])
    assert [one.name for one in differences(before, after)] == ["rollback.triggers.own"]
