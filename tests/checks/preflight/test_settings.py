from __future__ import annotations

from pathlib import Path

import msgspec

from checks.preflight.settings import settings_row
from checks.verdict import Level
from daemon.config import load_config
from daemon.config.differing import differing
from daemon.config.schema import Config

DEFAULT = load_config(None).config


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return load_config(tmp_path / "config.toml").config


def test_the_defaults_do_not_differ() -> None:
    row = settings_row(DEFAULT, DEFAULT, "the defaults")
    assert (row.level, row.figures) == (Level.OK, {})


def test_settings_that_decide_a_training_are_named_and_others_not(tmp_path: Path) -> None:
    changed = config(
        tmp_path, "[ppo]\nlearning_rate = 0.001\n[network]\nhidden = [64]\n[backup]\nmax_gb = 5.0\n"
    )
    assert differing(changed, DEFAULT) == {
        "network.hidden": "[64] instead of [128, 128]",
        "ppo.learning_rate": "0.001 instead of 0.0004",
    }
    row = settings_row(changed, DEFAULT, "config.toml")
    assert row.level is Level.WARNING
    assert "ppo.learning_rate = 0.001 instead of 0.0004" in row.text


def test_a_stages_setting_is_named_by_its_number() -> None:
    stages = list(DEFAULT.curriculum.stages)
    stages[1] = msgspec.structs.replace(stages[1], relief=0.9)
    changed = msgspec.structs.replace(
        DEFAULT, curriculum=msgspec.structs.replace(DEFAULT.curriculum, stages=stages)
    )
    assert differing(changed, DEFAULT) == {"curriculum.stages[2].relief": "0.9 instead of 0.3"}
