"""Settings given one by one."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.config import ConfigError, load_config
from daemon.config.assign import Assignment, merged, overrides_of, parse_assignment


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
        ("notify.targets=[]", "may hold secrets"),
        ("backup.targets=s3://user:pw@host", "may hold secrets"),
    ],
)
def test_what_is_no_setting_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse_assignment(text)
    assert "pw@host" not in str(caught.value)


def test_the_last_assignment_counts_and_later_tables_override() -> None:
    first = overrides_of([Assignment("ppo.gamma", 0.9), Assignment("ppo.gamma", 0.8)])
    assert first == {"ppo": {"gamma": 0.8}}
    over = merged(first, {"ppo": {"vf_coef": 1.0}, "run": {"seed": 3}}, {"ppo": {"gamma": 0.7}})
    assert over == {"ppo": {"gamma": 0.7, "vf_coef": 1.0}, "run": {"seed": 3}}
    assert load_config(None, over).config.ppo.gamma == 0.7
