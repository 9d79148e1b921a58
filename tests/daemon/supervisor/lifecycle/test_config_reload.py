"""Changes of the configuration file of a running supervisor, by the real watchdog."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from daemon.config import Sources, load_sources
from landerctl.config_file import sources_in_use
from tests.daemon.harness import Home, config_text
from tests.waiting import eventually

ALWAYS_FIRING = """
[[alerts]]
name = "disk-low"
metric = "disk/free_gb"
comparison = "below"
threshold = 1e12
for_s = 0.0
severity = "critical"
summary = "Disk space is running out"
"""


def with_alert() -> str:
    return config_text().replace("alerts = []\n", "") + ALWAYS_FIRING


def replace(path: Path, text: str) -> None:
    """As editors do: rename a new file over the old one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def test_an_alert_rule_is_added_and_removed(home: Home) -> None:
    home.started()
    home.trainer_state("RUNNING")
    home.config.write_text(with_alert())
    firing = home.event("alert.firing")
    assert firing.severity == "critical" and firing.body["alert"] == "disk-low"
    (alert,) = eventually(lambda: home.status().alerts, "the alert is in the snapshot")
    assert (alert.state, alert.threshold) == ("firing", 1e12)
    replace(home.config, config_text())
    home.event("alert.resolved")
    eventually(lambda: home.status().alerts == [], "the alert left the snapshot")
    assert len(home.events("config.reloaded")) == 2
    assert not home.events("config.refused")


def test_an_error_is_recorded_and_the_old_settings_are_kept(home: Home) -> None:
    home.config.write_text(with_alert())
    home.started()
    home.event("alert.firing")
    home.config.write_text(with_alert().replace("1e12", '"plenty"'))
    refused = home.event("config.refused")
    assert "alerts.disk-low.threshold: expected float, got str" in refused.text
    eventually(
        lambda: (daemon := home.status().daemon) and daemon.config_error,
        "the error is in the snapshot",
    )
    assert home.status().alerts[0].threshold == 1e12
    # And back: the same settings as before, but the error is gone.
    home.config.write_text(with_alert())
    home.event("config.reloaded")
    eventually(
        lambda: (daemon := home.status().daemon) and daemon.config_error is None,
        "the error is cleared",
    )


def test_a_deleted_file_is_recorded(home: Home) -> None:
    home.started()
    home.trainer_state("RUNNING")
    home.config.unlink()
    assert str(home.config) in home.event("config.refused").text


def test_only_hot_sections_apply_at_once(home: Home) -> None:
    home.started()
    home.trainer_state("RUNNING")
    home.config.write_text(
        config_text()
        + "[expected]\nsteps_per_s = [1.0, 2.0]\n[backup]\nautomatic = []\n[ppo]\ngamma = 0.9\n"
        + "[checks]\ncheckpoint_age_warning_s = 5.0\n"
    )
    reloaded = home.event("config.reloaded")
    assert reloaded.text.endswith(
        "is in force; [backup] from the next start; "
        "[ppo] for new runs only (`landerctl start --fresh`)"
    )
    eventually(
        lambda: (daemon := home.status().daemon) and daemon.steps_per_s_expected == (1.0, 2.0),
        "the band is in the snapshot",
    )


def test_sighup_reads_the_file_again(home: Home) -> None:
    daemon = home.started()
    home.trainer_state("RUNNING")
    # A hard link changes without an event in the watched folder.
    elsewhere = home.paths.home.parent / "elsewhere.toml"
    elsewhere.write_text(config_text())
    home.config.unlink()
    home.event("config.refused")
    elsewhere.write_text(with_alert())
    os.link(elsewhere, home.config)
    daemon.send_signal(signal.SIGHUP)
    home.event("alert.firing")


def test_an_alert_firing_before_a_restart_is_not_recorded_twice(home: Home) -> None:
    home.config.write_text(with_alert())
    daemon = home.started()
    home.event("alert.firing")
    eventually(lambda: home.status().alerts, "the alert is in the snapshot")
    home.stop(daemon)
    home.started()
    eventually(
        lambda: (
            (now := home.status()).resources
            and now.daemon
            and now.resources.time_s > now.daemon.started_s
        ),
        "a round of the second supervisor",
    )
    assert len(home.events("alert.firing")) == 1


def test_an_address_that_cannot_work_is_refused(home: Home) -> None:
    home.started()
    target = '[[notify.targets]]\nname = "phone"\nurl = "nfty://t0ken"\n'
    home.config.write_text(config_text() + target)
    text = home.event("config.refused").text
    assert "notify.targets.phone.url: apprise knows no service 'nfty'" in text
    assert "t0ken" not in text
    home.config.write_text(config_text() + target.replace("nfty", "ntfy"))
    home.event("config.reloaded")


def test_a_change_of_any_file_is_layered_as_at_the_start(home: Home, tmp_path: Path) -> None:
    over = tmp_path / "over.toml"
    over.write_text("[tui]\nbell = true\n")
    home.config.write_text(with_alert())
    home.sources = Sources(
        (str(home.config), str(over)),
        {"LANDERCTL_TUI__TITLE": "true"},
        ("alerts.disk-low.severity=warning",),
    )
    home.started()
    assert home.event("alert.firing").severity == "warning"
    replace(over, "[tui]\nbell = false\n[resources]\ninterval_s = 0.2\n")
    assert home.event("config.reloaded").text == f"{home.config} and {over} are in force"
    daemon = home.status().daemon
    assert daemon is not None and daemon.sources == home.sources
    found = sources_in_use(home.paths, [], {"LANDERCTL_TUI__THEME": "daylight"})
    config = load_sources(found).config
    assert (config.tui.bell, config.tui.title, config.tui.theme) == (False, True, "daylight")
    over.write_text("[tui]\nbell = 5\n")
    assert home.event("config.refused").text.startswith(f"{over}: line 2: tui.bell = 5: expected")
