"""Rules on metrics that nothing writes are refused when the configuration is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import ConfigError, load_config
from daemon.supervisor.alerting.metric_check import check_metrics
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl

RULE = """
[[alerts]]
name = "low"
metric = "{metric}"
comparison = "below"
threshold = 10.0
for_s = 0.0
severity = "warning"
summary = "Low"
"""


def test_every_default_rule_and_each_of_several_gpus_has_its_metric(tmp_path: Path) -> None:
    check_metrics(load_config(None))
    config = tmp_path / "config.toml"
    config.write_text(RULE.format(metric="gpu/3/temperature_c"))
    check_metrics(load_config(config))


def test_a_misspelt_metric_ends_a_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(RULE.format(metric="disk/fre_gb"))
    text = (
        f"{config}: line 4: alerts.low.metric = 'disk/fre_gb': there is no such metric; "
        "did you mean 'disk/free_gb'?"
    )
    with pytest.raises(ConfigError, match="did you mean") as refused:
        check_metrics(load_config(config))
    assert str(refused.value) == text
    ended = landerctl(tmp_path, "start", "--no-wait")
    assert (ended.returncode, ended.stderr) == (Exit.CONFIG, f"landerctl: {text}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
