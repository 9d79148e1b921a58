"""`landerctl preflight` as it is called: rows, exit code, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import landerctl

NAMES = {
    *("cores", "memory", "disk", "device", "python", "packages", "configuration"),
    *("state folder", "clock", "descriptors", "processes", "cache", "scheduler", "disk speed"),
}


def test_a_folder_that_does_not_exist_is_judged_and_not_created(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = landerctl(home, "preflight", "--json")
    output = json.loads(done.stdout)
    levels = {row["name"]: row["level"] for row in output["rows"]}
    assert levels.keys() >= NAMES | {"notify", "offsite"}
    assert (levels["python"], levels["configuration"], levels["state folder"]) == (0, 0, 0)
    assert (levels["notify"], levels["offsite"]) == (1, 1)
    assert output["level"] == max(level % 3 for level in levels.values())
    assert done.returncode == Exit.WARNED
    assert not home.exists()


def test_a_fault_of_the_configuration_fails_and_the_rest_is_judged(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[ppo]\nlearning_rate = -1\n", encoding="utf-8")
    done = landerctl(tmp_path, "preflight")
    assert done.returncode == Exit.FAILED
    (fault,) = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert "configuration" in fault
    assert "1 FAIL" in done.stdout.splitlines()[-1]
    assert "cores" in done.stdout and "notify" not in done.stdout
