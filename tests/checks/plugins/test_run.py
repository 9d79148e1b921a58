"""Checks of plugins that misbehave: each is named, and none spoils the others or the output."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from checks.evidence import WatchedRollback
from checks.plugins.run import Ran, run_plugin_checks, without_targets
from checks.verdict import Level, Verdict
from daemon.config import load_config
from daemon.store.records import PluginStatus
from landerctl.fast_path.plugin_checks import _news
from tests.checks.evidence_samples import healthy
from tests.daemon.plugins.packages import install

CODE = """
import os, subprocess, sys, time
from checks.verdict import Level, Perf, Verdict
print("noise at the import")

def good(evidence):
    print("noise")
    os.write(1, b"raw noise")
    return Verdict("any", Level.WARNING, f"run {evidence.run_id}", (Perf(label="x", value=1.0),))

def figures(evidence):
    found = (evidence.rollback.running_s, evidence.rollback.success_rate)
    return Verdict("any", Level.OK, f"{found}", (Perf(label="x", value=float("nan")),))

def raises(evidence):
    raise ValueError("no | such\\nthing")

def hangs(evidence):
    subprocess.Popen(["sleep", "60"])
    time.sleep(60)

def exits(evidence):
    sys.exit(0)

def dies(evidence):
    os._exit(7)

def wrong(evidence):
    return "fine"
"""
NAMES = ("good", "figures", "raises", "exits", "dies", "wrong", "gone")


@pytest.fixture(autouse=True)
def _site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"checks": {name: f"lunar:{name}" for name in (*NAMES[:-1], "hangs")}}
    install(tmp_path, "lunar", points, {"lunar.py": CODE})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_each_has_its_verdict(capfd: pytest.CaptureFixture[str]) -> None:
    undecided = WatchedRollback("ckpt-000002", math.inf, math.nan)
    evidence = msgspec.structs.replace(healthy(), rollback=undecided)
    ran = {one.plugin: one for one in run_plugin_checks(NAMES, evidence, 60.0)}
    assert capfd.readouterr() == ("", "")
    good = ran["good"].verdict
    assert (good.check, good.level) == ("plugin:good", Level.WARNING)
    assert good.text == f"run {healthy().run_id}"
    assert good.perf[0].label == "good_x"
    figures = ran["figures"].verdict
    assert (figures.text, str(figures.perf[0].value)) == ("(inf, nan)", "nan")
    assert {name: one.fault for name, one in ran.items()} == {
        "good": "",
        "figures": "",
        "raises": "thing",
        "exits": "it ended without a verdict",
        "dies": "it ended with 7",
        "wrong": "TypeError: returned a str, not a checks.verdict.Verdict",
        "gone": "LookupError: gone is not installed any more",
    }
    assert all(one.verdict.level is Level.UNKNOWN for one in ran.values() if one.fault)


def test_one_that_hangs_is_killed_with_what_it_started() -> None:
    [ran] = run_plugin_checks(["hangs"], healthy(), 3.0)
    assert (ran.fault, ran.late) == ("no answer within 3 s", True)


@pytest.mark.parametrize(("late", "counted"), [(True, 0), (False, 1)])
def test_being_late_is_no_fault_of_one_that_had_little_time(late: bool, counted: int) -> None:
    ran = Ran("gauge", Verdict("plugin:gauge", Level.UNKNOWN, ""), "fault", late)
    status = PluginStatus("checks", "gauge", "lunar", "1.0")
    assert len(_news([ran], {"gauge": status}, shortened=True)) == counted
    assert len(_news([ran], {"gauge": status})) == 1


def test_no_address_reaches_a_plugin() -> None:
    target = {"name": "phone", "url": "ntfy://secret"}
    config = load_config(None, {"notify": {"targets": [target]}}).config
    assert (
        without_targets(msgspec.structs.replace(healthy(), config=config)).config
        == load_config(None).config
    )
