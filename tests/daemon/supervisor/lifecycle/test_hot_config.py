"""What a changed file means for a running daemon."""

from __future__ import annotations

from pathlib import Path

import msgspec
import tomli_w

from daemon.base.paths import StatePaths
from daemon.config import Sources, load_config, load_sources
from daemon.config.layering.plugin_data import PluginData
from daemon.config.load import LeftOutRule
from daemon.supervisor.lifecycle.hot_config import HotConfig, Reloaded

RULE = {
    "name": "late",
    "metric": "time/fps",
    "comparison": "below",
    "threshold": 1.0,
    "for_s": 0.0,
    "severity": "info",
    "summary": "slow",
    "stage": 5,
}


def test_a_plugins_rule_whose_stage_is_removed_is_named_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.touch()
    rules = PluginData("alert_rules", "mine", "lunar", {"alerts": [RULE]})
    hot = HotConfig(load_sources(Sources((str(file),), {}, (), (rules,))), StatePaths(tmp_path))
    stages = msgspec.to_builtins(load_config(None).config.curriculum.stages[:4])
    known = [{key: one for key, one in stage.items() if one is not None} for stage in stages]
    file.write_text(tomli_w.dumps({"curriculum": {"stages": known}}))
    for left_out in ((LeftOutRule("late", 5, "mine"),), ()):
        found = hot.reload()
        assert isinstance(found, Reloaded), found
        assert found.left_out == left_out
        assert "late" not in [rule.name for rule in found.config.alerts]
