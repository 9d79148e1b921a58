"""Targets that cannot work are refused when the configuration is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import ConfigError, load_config
from daemon.supervisor.alerting.apprise_check import problem
from daemon.supervisor.alerting.target_check import check_targets
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl

SCHEMES = {"ntfy", "json", "slack"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "is empty"),
        ("t0ken-without-a-scheme", "is not a URL"),
        ("nfty://t0ken", "apprise knows no service 'nfty'; did you mean 'ntfy'?"),
        ("zzzzzzz://t0ken", "apprise knows no service 'zzzzzzz'"),
        ("slack://t0ken", "apprise cannot use this address of 'slack': a part"),
    ],
)
def test_what_is_wrong_is_said_without_the_address(url: str, expected: str) -> None:
    text = problem(url, SCHEMES)
    assert text.startswith(expected)
    assert "t0ken" not in text


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[notify.targets]]\nname = "pager"\ncommand = ["/no/such t0ken"]\n')
    with pytest.raises(ConfigError) as refused:
        check_targets(load_config(config))
    assert str(refused.value).startswith(
        f"{config}: line 3: notify.targets.pager.command: no such program"
    )
    assert "t0ken" not in str(refused.value)


def test_addresses_are_judged_by_apprise(tmp_path: Path) -> None:
    config, address = tmp_path / "config.toml", tmp_path / "address"
    address.write_text("slack://t0ken\n")
    address.chmod(0o600)
    good = '[[notify.targets]]\nname = "web"\nurl = "json://127.0.0.1:9/t0ken"\n'
    # A file that cannot be read is reported elsewhere: it may come later.
    late = '[[notify.targets]]\nname = "late"\nurl_file = "not-there"\n'
    config.write_text(good + late)
    check_targets(load_config(config))
    bad = '[[notify.targets]]\nname = "chat"\nurl_file = "address"\n'
    config.write_text(good + late + bad)
    with pytest.raises(ConfigError) as refused:
        check_targets(load_config(config))
    assert str(refused.value).startswith(
        f"{config}: line 9: notify.targets.chat.url_file: {address}: apprise cannot use this "
    )
    assert "t0ken" not in str(refused.value)


def test_nothing_is_started_with_an_address_that_cannot_work(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    config = home / "config.toml"
    config.write_text('[[notify.targets]]\nname = "phone"\nurl = "nfty://t0ken"\n')
    ended = landerctl(home, "start", "--no-wait")
    assert (ended.returncode, ended.stdout) == (Exit.CONFIG, "")
    assert "notify.targets.phone.url: apprise knows no service 'nfty'" in ended.stderr
    assert "t0ken" not in ended.stderr
    assert not (home / "runs").exists()
