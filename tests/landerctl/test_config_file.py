"""A configuration file that does not exist is never ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from landerctl.config_file import require_named_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from tests.landerctl.operator_side import fill_store, landerctl, lock_held, make_run


@pytest.mark.parametrize("verb", ["status", "metrics", "watch", "stop", "alerts", "check"])
def test_every_verb_refuses_it(tmp_path: Path, verb: str) -> None:
    missing = tmp_path / "no.toml"
    fill_store(tmp_path, make_run(tmp_path).id)
    with lock_held(tmp_path):
        ended = landerctl(tmp_path, verb, "--config", str(missing))
    if verb == "check":
        assert (ended.returncode, ended.stdout[:20]) == (3, "LANDERCTL UNKNOWN - ")
    else:
        assert (ended.returncode, ended.stdout) == (Exit.CONFIG, "")
    assert str(missing) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_one_that_the_environment_names(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    require_named_config(paths, (), {"HOME": str(tmp_path)})  # the default ones need not exist
    with pytest.raises(Failure) as raised:
        require_named_config(paths, (), {"LANDERCTL_CONFIG": str(tmp_path / "no.toml")})
    assert raised.value.code == Exit.CONFIG
    with pytest.raises(Failure, match=r"LANDERCTL_PPO__GAMA: .* did you mean 'gamma'"):
        require_named_config(paths, (), {"LANDERCTL_PPO__GAMA": "0.5"})
    with pytest.raises(Failure):
        require_named_config(paths, [tmp_path / ("x" * 300)], {})
