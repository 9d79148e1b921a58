"""The files for Prometheus and Grafana name only metrics that are exported, and are valid."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import landerctl
from daemon.config import load_config
from daemon.store.catalogs.metric_catalog import CATALOGUE
from daemon.store.records import RunRecord, Status
from daemon.supervisor.monitoring.exposition import Exposed
from tests.daemon.harness import ROOT
from tests.status_samples import daemon_status, progress, trainer_status

FOLDER = Path(landerctl.__path__[0]) / "monitoring"
RULES = FOLDER / "landerctl.rules.yml"
DASHBOARD = FOLDER / "landerctl-dashboard.json"
# Of Prometheus and of the Pushgateway.
FOREIGN = {"up", "push_time_seconds"}
_NAME = re.compile(r"(?<![\w:{])(?:[a-z]+:)?(?:landerctl_|up\b|push_time_)[\w:]*")


def exported() -> set[str]:
    """The names of all metrics of the catalogue in Prometheus, and of all else it gets."""
    status = Status(
        daemon=daemon_status(0.0),
        trainer=trainer_status(0.0),
        progress=progress(0.0),
        resources=None,
        alerts=[],
        silences=[],
        outbox=[],
        run=RunRecord("run-1", 0.0, "demo", "ppo", 8),
    )
    everything = Exposed(
        dict.fromkeys(CATALOGUE, 1.0),
        daemon_runs=True,
        status=status,
        checkpoint_s=1.0,
        backup_s=1.0,
    )
    names = [family.name + ("_info" * (family.type == "info")) for family in everything.families()]
    assert len(names) == len(set(names))
    return set(names)


def rule_expressions() -> list[str]:
    return re.findall(r"^\s+expr: (.+)$", RULES.read_text(), re.MULTILINE)


def recorded() -> set[str]:
    return set(re.findall(r"record: (\S+)$", RULES.read_text(), re.MULTILINE))


def panels() -> Iterator[dict[str, Any]]:
    yield from json.loads(DASHBOARD.read_text())["panels"]


def dashboard_expressions() -> list[str]:
    board = json.loads(DASHBOARD.read_text())
    queries = [one["definition"] for one in board["templating"]["list"] if "definition" in one]
    return queries + [target["expr"] for one in panels() for target in one.get("targets", ())]


def test_the_rules_name_only_what_is_exported_or_recorded() -> None:
    expressions = rule_expressions()
    used = {name for text in expressions for name in _NAME.findall(text)}
    assert len(expressions) == 17 and len(used) > 12
    assert used <= exported() | recorded() | FOREIGN
    # What is recorded is used: in the rules, or by who reads it in Grafana.
    assert recorded() - used <= {"instance:landerctl_alerts_firing:count"}


def test_the_dashboard_names_only_what_is_exported() -> None:
    expressions = dashboard_expressions()
    used = {name for text in expressions for name in _NAME.findall(text)}
    assert len(expressions) > 40 and len(used) > 35
    assert used <= exported()
    assert all(_NAME.search(text) for text in expressions)


def test_the_page_names_only_what_is_exported() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(landerctl_\w+)", page))
    assert len(named) >= 9 and named <= exported()
    for file in FOLDER.iterdir():
        assert f"`{file.name}`" in page


def test_the_dashboard_is_laid_out() -> None:
    found = list(panels())
    assert [one["title"] for one in found if one["type"] == "row"] == [
        *("Health", "Learning", "Rate", "Resources", "Alerts", "Checkpoints")
    ]
    assert len({one["id"] for one in found}) == len(found)
    taken: set[tuple[int, int]] = set()
    for one in found:
        at = one["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken and at["x"] + at["w"] <= 24, one["title"]
        taken |= cells
        if one["type"] != "row":
            assert one["targets"] and all(
                "$instance" in target["expr"] for target in one["targets"]
            )


def test_the_scrape_is_of_the_default_port() -> None:
    port = load_config(None).config.prometheus.port
    assert f"127.0.0.1:{port}" in (FOLDER / "prometheus.yml").read_text()


def test_promtool_accepts_the_files_and_the_rules_pass_their_tests(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    # As rules, so that promtool parses the dashboard's expressions too.
    queries = [text for text in dashboard_expressions() if "label_values" not in text]
    as_rules = tmp_path / "dashboard.yml"
    rules = [{"record": f"query:number{n}", "expr": text} for n, text in enumerate(queries)]
    as_rules.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    for line in (
        ["check", "rules", str(RULES), str(as_rules)],
        ["check", "config", str(FOLDER / "prometheus.yml")],
        ["test", "rules", str(Path(__file__).with_name("rules_test.yml"))],
    ):
        ended = subprocess.run([promtool, *line], check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout + ended.stderr
