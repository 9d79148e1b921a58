"""`landerctl benchmarks` and `landerctl estimate` on the store of a run."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from checks.checklist.ledger.ledger import read_ledger
from daemon.base.paths import StatePaths
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl, make_run

TRAINED_S = 600


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Ten minutes of training at 10,000 steps/s."""
    run, began_s = make_run(tmp_path), time.time() - TRAINED_S
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as store, store.transaction():
        store.put_run(RunRecord(run.id, began_s, "curriculum", "ppo", 128))
        store.add_session(began_s, run.id)
        for second in range(0, TRAINED_S, 10):
            values = {"time/trained_s": float(second), "time/fps": 10_000.0}
            store.add_samples(began_s + second, values, second * 10_000)
    return tmp_path


def test_benchmarks_are_the_documents_table_with_figures(home: Path) -> None:
    done = landerctl(home, "benchmarks", "--json")
    assert done.returncode == Exit.OK
    rows = {one["metric"]: one["row"] for one in json.loads(done.stdout)}
    assert rows["Training Speed"]["measured"] == 10_000.0
    assert rows["Training Speed"]["holds"] is True
    assert rows["Landing Precision"]["holds"] is None
    text = landerctl(home, "benchmarks").stdout
    assert "Training Speed" in text and "10,000 steps/s" in text


def test_a_benchmark_beyond_its_alert_threshold_is_an_exit_code(home: Path) -> None:
    (home / "config.toml").write_text(
        '[[alerts]]\nname = "speed-low"\nmetric = "time/fps"\ncomparison = "below"\n'
        'threshold = 20000.0\nfor_s = 0.0\nseverity = "warning"\nsummary = "slow"\n',
        encoding="utf-8",
    )
    done = landerctl(home, "benchmarks")
    assert done.returncode == Exit.FAILED
    assert "FAILS" in done.stdout


def test_an_estimate_is_kept_once_a_day(home: Path) -> None:
    output = json.loads(landerctl(home, "estimate", "--json").stdout)
    assert [gate["gate"] for gate in output["estimate"]["gates"]] == [1, 2, 3, 4, 5]
    landerctl(home, "estimate")
    ledger = read_ledger(StatePaths(home).ledger)
    assert [record.entry.kind for record in ledger.records] == ["estimate"]
    assert "gate 1: estimated" in landerctl(home, "estimate").stdout


def test_without_a_run_the_recorded_trainings_are_shown(tmp_path: Path) -> None:
    done = landerctl(tmp_path / "none", "estimate")
    assert done.returncode == Exit.OK
    assert done.stdout.startswith("From the recorded trainings")
    assert not (tmp_path / "none").exists()
