from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.sweeps.engines.engine import TrialOrder, TrialReport, decode_order, encode_order
from daemon.sweeps.trial.errors import TrialError
from daemon.sweeps.trial.home import (
    NO_BACKUP,
    REPORT,
    config_file,
    environment_of,
    last_line,
    read_report,
    write_config,
    write_report,
)
from landerctl.exitcodes import Exit


def order(home: Path, **changes: object) -> TrialOrder:
    made = TrialOrder(
        sweep="s",
        trial=3,
        epoch=1,
        home=home,
        config=msgspec.json.encode(load_config(None, {"run": {"seed": 42}}).config),
        target_steps=1000,
        objectives=(),
        threads=2,
        memory_mb=100,
    )
    return msgspec.structs.replace(made, **changes)


def test_an_order_is_a_line(tmp_path: Path) -> None:
    made = order(tmp_path, restore_from="s3://bucket/of/trial")
    line = encode_order(made)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode_order(line) == made


def test_the_configuration_is_where_every_verb_finds_it(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    config = write_config(paths, order(tmp_path))
    assert load_config(config_file(paths)).config == config
    assert config.run.seed == 42
    assert config_file(paths).stat().st_mode & 0o777 == 0o600
    before = config_file(paths).stat().st_ino
    write_config(paths, order(tmp_path))
    assert config_file(paths).stat().st_ino == before
    with pytest.raises(TrialError, match="cannot be used"):
        write_config(paths, order(tmp_path, config=b"{}"))


def test_what_runs_below_has_no_settings_and_the_trials_threads(tmp_path: Path) -> None:
    environ = {"PATH": "/bin", "LANDERCTL_RUN__SEED": "1", "LANDERCTL_HOME": "/other"}
    assert environment_of(order(tmp_path), environ) == {
        "PATH": "/bin",
        "OMP_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    }


def test_a_report_is_kept_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    assert read_report(paths) is None
    report = TrialReport(trial=3, epoch=1, steps=1000, metrics={}, values={"gate": 1.0})
    write_report(paths, report)
    assert read_report(paths) == report
    (tmp_path / REPORT).write_bytes(b'{"trial":')
    assert read_report(paths) is None


def test_the_last_line_of_a_log_says_something(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("first\nsecond\n\n")
    assert last_line(tmp_path / "log") == "second"
    assert "No such file" in last_line(tmp_path / "missing")


def test_restore_ends_with_this_code_where_nothing_is_to_be_restored() -> None:
    assert Exit.NOT_FOUND == NO_BACKUP
