"""The sweep's notices reach real targets: commands that write what they get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from daemon.base.exitcodes import CoordinatorExit
from daemon.base.paths import StatePaths
from daemon.config.layering.sources import Sources
from daemon.store.records import Notice
from daemon.sweeps.coordinator.notifying import SweepNotifier, current_settings
from daemon.sweeps.coordinator.work import Clock
from daemon.sweeps.creation import create_sweep
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.load import parse_sweep
from tests.daemon.plugins.packages import install
from tests.daemon.plugins.test_data import rule
from tests.daemon.sweeps.coordinator.samples import TEXT, base
from tests.waiting import PATIENCE_S, eventually

ROOT = Path(__file__).parents[4]


@pytest.fixture
def sweep(tmp_path: Path) -> SweepPaths:
    """A sweep of a configuration file, which `configure` writes."""
    configure(tmp_path)
    text = TEXT.format(trials=2, parallel=2, scheduler="none", limits="")
    spec = parse_sweep(tmp_path / "sweep.toml", text)
    sources = Sources((str(tmp_path / "mine.toml"),))
    return create_sweep(StatePaths(tmp_path / "home"), "s", text, spec, base(), sources=sources)


def configure(folder: Path, *, severity: str = "info", group_wait_s: float = 0.0) -> None:
    (folder / "mine.toml").write_text(f"""
[notify]
group_wait_s = {group_wait_s}
timeout_s = {PATIENCE_S}
[[notify.targets]]
name = "file"
min_severity = "{severity}"
command = ["sh", "-c", "test ! -e {folder}/down && cat >> {folder}/got && echo >> {folder}/got"]
""")


def notifier(sweep: SweepPaths) -> SweepNotifier:
    return SweepNotifier(sweep, lambda: current_settings(sweep), Clock())


def got(folder: Path) -> list[dict[str, Any]]:
    path = folder / "got"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def waiting(sweep: SweepPaths) -> list[Notice]:
    return msgspec.json.decode(sweep.outbox.read_bytes(), type=list[Notice])


def test_what_follows_at_once_is_one_message(sweep: SweepPaths, tmp_path: Path) -> None:
    configure(tmp_path, group_wait_s=3600.0)
    sends = notifier(sweep)
    sends.put("firing", "warning", "trial 3 failed: out of memory")
    sends.put("firing", "info", "ended: 4 completed")
    assert len(waiting(sweep)) == 2
    sends.close(PATIENCE_S)  # does not wait for more
    (message,) = got(tmp_path)
    assert "WARNING sweep s" in message["title"] and message["severity"] == "warning"
    assert message["body"].splitlines() == [
        "WARNING sweep s: trial 3 failed: out of memory",
        "INFO sweep s: ended: 4 completed",
    ]
    assert waiting(sweep) == []


def test_a_target_gets_the_severities_that_it_wants(sweep: SweepPaths, tmp_path: Path) -> None:
    sends = notifier(sweep)
    configure(tmp_path, severity="critical")  # counts at once
    sends.put("firing", "info", "ended")
    sends.close(PATIENCE_S)
    assert got(tmp_path) == []


def test_a_rule_of_a_plugin_that_was_installed_since_silences_nobody(
    sweep: SweepPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "lunar", {"alert_rules": {"mine": "lunar:rules"}}, {"lunar/rules.toml": rule()})
    (site / "lunar" / "__init__.py").touch()
    with (tmp_path / "mine.toml").open("a") as file:
        file.write('[rollback.triggers]\nown = "off"\n')
    assert current_settings(sweep) is None
    monkeypatch.syspath_prepend(str(site))
    settings = current_settings(sweep)
    assert settings is not None and [one.name for one in settings.targets] == ["file"]


def test_what_a_killed_coordinator_could_not_deliver_the_next_one_does(
    sweep: SweepPaths, tmp_path: Path
) -> None:
    (tmp_path / "down").touch()
    sends = notifier(sweep)
    sends.put("firing", "critical", "paused: its disk is full")
    eventually(lambda: waiting(sweep)[0].tries > 0, "a failed delivery")
    sends.close(0.0)
    (tmp_path / "down").unlink()
    notifier(sweep).close(PATIENCE_S)
    (message,) = got(tmp_path)
    assert message["severity"] == "critical" and "disk is full" in message["body"]
    assert waiting(sweep) == []


def test_a_target_that_was_down_is_tried_once_more_at_the_end(
    sweep: SweepPaths, tmp_path: Path
) -> None:
    (tmp_path / "down").touch()
    # At a standstill: no retry is ever due.
    sends = SweepNotifier(sweep, lambda: current_settings(sweep), Clock(monotonic_s=lambda: 0.0))
    sends.put("firing", "warning", "trial 1 failed")
    eventually(lambda: waiting(sweep)[0].tries > 0, "a failed delivery")
    (tmp_path / "down").unlink()
    sends.put("firing", "info", "ended: 4 completed")
    sends.close(PATIENCE_S)
    (message,) = got(tmp_path)
    assert "ended: 4 completed" in message["body"]


def test_an_unreadable_configuration_loses_no_notice(sweep: SweepPaths, tmp_path: Path) -> None:
    configure(tmp_path, group_wait_s=3600.0)
    sends = notifier(sweep)
    sends.put("firing", "warning", "trial 1 failed")
    good = (tmp_path / "mine.toml").read_text()
    (tmp_path / "mine.toml").write_text("notify = 3")
    sends.close(0.0)
    assert len(waiting(sweep)) == 1
    (tmp_path / "mine.toml").write_text(good)
    notifier(sweep).close(PATIENCE_S)
    assert len(got(tmp_path)) == 1


def test_the_sweep_notifies_of_its_end_and_of_a_fault(sweep: SweepPaths, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.sweeps.simulated", str(sweep.folder)]
    environment = {**os.environ, "SIMULATED_STEPS_PER_S": "10000000"}
    done = subprocess.run([*command, "--poll-s", "0.03"], env=environment, cwd=ROOT, check=False)
    assert done.returncode == CoordinatorExit.ENDED
    assert [one["body"] for one in got(tmp_path)] == ["INFO sweep s: ended: 2 completed"]
    (tmp_path / "got").unlink()
    sweep.store.write_bytes(b"no database")
    subprocess.run(command, env=environment, cwd=ROOT, check=False)
    (message,) = got(tmp_path)
    assert message["severity"] == "critical"
    assert "its coordinator ended" in message["body"] and "sweep resume s" in message["body"]
