"""Which settings differ from the defaults."""

from __future__ import annotations

import msgspec

from daemon.config import load_config
from daemon.config.differing import differing


def test_settings_that_train_are_named_with_both_values() -> None:
    default = load_config(None).config
    assert differing(default, default) == {}
    run = msgspec.structs.replace(default.run, n_envs=8)
    curriculum = msgspec.structs.replace(default.curriculum, stages=default.curriculum.stages[:2])
    backup = msgspec.structs.replace(default.backup, keep_days=1.0)
    config = msgspec.structs.replace(default, run=run, curriculum=curriculum, backup=backup)
    assert differing(config, default) == {
        "run.n_envs": "8 instead of 128",
        "number of curriculum.stages": "2 instead of 5",
    }
