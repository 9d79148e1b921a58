"""Settings given one by one."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.config import ConfigError
from daemon.config.layering.assign import Assignment, assign, parse_assignment


@pytest.mark.parametrize(
    ("text", "setting", "value"),
    [
        ("ppo.clip_range=0.1", "ppo.clip_range", 0.1),
        ("run.n_envs = 256", "run.n_envs", 256),
        ("run.mode=demo", "run.mode", "demo"),
        ('run.mode="demo"', "run.mode", "demo"),
        ("run.device=2", "run.device", "2"),
        ("network.hidden=[64, 64]", "network.hidden", [64, 64]),
        ("normalize.rewards=false", "normalize.rewards", False),
        ("terrain.height_map=", "terrain.height_map", ""),
        ("terrain.height_map=a=b.npy", "terrain.height_map", "a=b.npy"),
        ("ppo.gamma=many", "ppo.gamma", "many"),
        ("alerts.disk-low.threshold=5", "alerts.disk-low.threshold", 5),
        ("curriculum.stages[2].relief=0.5", "curriculum.stages[2].relief", 0.5),
        ("rollback.triggers.memory-growing=off", "rollback.triggers.memory-growing", "off"),
    ],
)
def test_a_value_is_toml_or_a_bare_text(text: str, setting: str, value: Any) -> None:
    assert parse_assignment(text) == Assignment(setting, value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ppo.clip_rnge=0.1", "did you mean 'clip_range'"),
        ("pppo.clip_range=0.1", "did you mean 'ppo'"),
        ("ppo.clip_range", "expected SECTION.KEY=VALUE"),
        ("ppo=1", "expected ppo.KEY=VALUE"),
        ("alerts=[]", "a list is given in a file"),
        ("alerts.disk-low.treshold=5", "did you mean 'threshold'"),
        ("curriculum.stages[2]=5", "expected curriculum.stages\\[2\\].KEY=VALUE"),
        ("ppo.gamma.x=5", "ppo.gamma: is one value"),
        ("notify.targets.phone.url=ntfy://user:pw@host", "may hold secrets"),
        ("backup.targets[1].url=s3://user:pw@host", "may hold secrets"),
        ("notify.targets=[]", "may hold secrets"),
        ("backup.targets=s3://user:pw@host", "may hold secrets"),
    ],
)
def test_what_is_no_setting_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse_assignment(text)
    assert "pw@host" not in str(caught.value)


def test_one_of_a_list_is_named_or_counted() -> None:
    values: dict[str, Any] = {
        "alerts": [{"name": "disk-low", "threshold": 10.0}, {"name": "disk-full"}]
    }
    changed, path = assign(values, Assignment("alerts.disk-full.threshold", 1.0))
    assert path == "alerts[1].threshold"
    assert changed["alerts"][1] == {"name": "disk-full", "threshold": 1.0}
    changed, path = assign(changed, Assignment("alerts[1].threshold", 5.0))
    assert path == "alerts[0].threshold"
    assert [one["threshold"] for one in changed["alerts"]] == [5.0, 1.0]
    assert values["alerts"][0]["threshold"] == 10.0
    with pytest.raises(
        ConfigError, match=r"alerts: none is named disk-lo; did you mean 'disk-low'"
    ):
        assign(values, Assignment("alerts.disk-lo.threshold", 1.0))
    with pytest.raises(ConfigError, match=r"alerts\[3\]: there are 2, counted from 1"):
        assign(values, Assignment("alerts[3].threshold", 1.0))
