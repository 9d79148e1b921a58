"""`landerctl alerts` and its verbs: with a real supervisor, and on prepared stores."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from daemon.base.paths import StatePaths
from daemon.protocol.control import AcknowledgeRequest, Done, Request
from daemon.store.records import Acknowledgement, AlertRecord, Body, Silence
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from landerctl.operations.daemon_client import SILENCE_S
from tests.checks.evidence_samples import alert
from tests.daemon.harness import SPEED_LOW, Home, config_text
from tests.landerctl.operator_side import landerctl, lock_held
from tests.waiting import eventually

RULE = """
[[alerts]]
name = "{name}"
metric = "{metric}"
comparison = "below"
threshold = 10.0
clear_threshold = 11.0
for_s = 60.0
severity = "critical"
summary = "Something is the matter with the disk: free some space, or move the state folder"
"""


@pytest.fixture
def running(short_folder: Path) -> Iterator[Home]:
    home = Home(short_folder / "home")
    home.config.write_text(config_text().replace("alerts = []", "") + SPEED_LOW)
    home.started()
    home.event("alert.firing")
    yield home
    home.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Without a daemon: one alert fires, and three rules do not."""
    now_s = time.time()
    rules = [
        RULE.format(name="disk-low", metric="disk/free_gb"),
        RULE.format(name="disk-slip", metric="disk/fre_gb"),
        RULE.format(name="unheard-of", metric="landing/fuel_left"),
        RULE.format(name="old", metric="time/fps"),
    ]
    (tmp_path / "config.toml").write_text("".join(rules))
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.add_samples(now_s - 10_000.0, {"time/fps": 18_200.0, "disk/free_gb": 200.0})
        for ago_s, value in ((1800.0, 120.5), (900.0, 3.25), (10.0, 9.5)):
            writer.add_samples(now_s - ago_s, {"disk/free_gb": value})
        alert = AlertRecord(
            name="disk-low",
            state="firing",
            since_s=now_s - 200.0,
            value=9.5,
            metric="disk/free_gb",
            comparison="below",
            threshold=10.0,
            severity="critical",
            summary="Something is the matter with the disk: free some space",
            acknowledged=Acknowledgement(now_s - 100.0, "anna", "cleaning up"),
        )
        writer.put_alerts([alert])
        writer.put_silences(
            [
                Silence("disk-l*", now_s + 7300.0, "bert", "known"),
                Silence("old", now_s - 1.0, "bert", "over"),
            ]
        )
        for name in ("disk-low", "old"):
            writer.add_event("alert.firing", name, time_s=now_s, body={"alert": name})
        for pattern in ("disk-l*", "stage-*"):
            body: Body = {"pattern": pattern, "for_s": 7300.0}
            writer.add_event("alert.silenced", pattern, time_s=now_s, body=body)
    return tmp_path


def test_acknowledge_silence_and_unsilence(running: Home) -> None:
    home = running.paths.home
    assert landerctl(home, "alerts", "ack", "no-such").returncode == Exit.NOT_FOUND
    done = landerctl(home, "alerts", "ack", "speed-low", "--note", "looking at it")
    assert (done.returncode, done.stdout.strip()) == (
        Exit.OK,
        "speed-low is acknowledged: no reminder until it fires again",
    )
    [alert] = running.status().alerts
    assert alert.acknowledged is not None and alert.acknowledged.note == "looking at it"
    done = landerctl(home, "alerts", "silence", "speed-*", "--for", "8h")
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    assert "alerts matching 'speed-*' are silenced until " in done.stdout
    unmatched = landerctl(home, "alerts", "silence", "sped-*")
    assert "No current alert matches" in unmatched.stderr
    shown = landerctl(home, "alerts").stdout
    assert "acked by" in shown
    assert "silenced for 7 h 59 min" in shown
    assert landerctl(home, "alerts", "unsilence", "speed-low").returncode == Exit.NOT_FOUND
    assert landerctl(home, "alerts", "unsilence", "speed-*").returncode == Exit.OK
    assert "silenced for" not in landerctl(home, "alerts").stdout
    assert "notify.targets is empty" in landerctl(home, "alerts", "test").stderr
    assert "notify.targets is empty" in landerctl(home, "alerts", "targets").stdout


def test_an_acknowledged_request_is_stored(running: Home) -> None:
    """Stored before the next evaluation: a daemon killed now loses nothing."""
    text = running.config.read_text()
    running.config.write_text(text.replace("interval_s = 0.1", "interval_s = 1000.0"))
    running.event("config.reloaded")
    assert isinstance(running.ask(AcknowledgeRequest("speed-low", "me"))[-1], Done)
    assert running.status().alerts[0].acknowledged is not None


def test_every_request_has_a_time_out() -> None:
    assert set(SILENCE_S) == set(get_args(Request))


def test_counters_are_recorded(running: Home) -> None:
    def listed() -> set[str]:
        found = json.loads(landerctl(running.paths.home, "metrics", "--json").stdout)
        return {metric["name"] for metric in found}

    assert {"trainer/crashes_1h", "notify/waiting", "divergence/kl", "time/fps"} <= eventually(
        listed, "metrics are recorded"
    )


def test_every_rule_shows_the_value_that_it_judges(home: Path) -> None:
    shown = landerctl(home, "alerts")
    assert "No daemon is running" in shown.stderr
    lines = shown.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines), shown.stdout
    assert lines[0] == "CRITICAL disk-low: firing for 3 min, acked by anna, silenced for 2 h 01 min"
    rows = [line.split() for line in lines]
    assert ["disk-low", "firing", "9.5", "disk/free_gb", "<", "10"] in rows
    assert ["unheard-of", "inactive", "no", "value", "landing/fuel_left", "<", "10"] in rows
    assert ["old", "inactive", "1.82e+04", "2", "h", "46", "min", "time/fps", "<", "10"] in rows
    text = " ".join(shown.stdout.split())
    assert "disk-slip: disk/fre_gb was not recorded; did you mean disk/free_gb?" in text
    assert "Not recorded yet: landing/fuel_left" in text
    with lock_held(home):
        assert landerctl(home, "alerts").stderr == ""


def test_the_list_for_scripts(home: Path) -> None:
    found = {rule["name"]: rule for rule in json.loads(landerctl(home, "alerts", "--json").stdout)}
    assert next(iter(found)) == "disk-low"
    assert found["disk-low"]["value"] == 9.5
    assert found["disk-low"]["acknowledged_by"] == "anna"
    assert found["disk-low"]["silenced_until_s"] > time.time() + 7000.0
    assert found["old"]["silenced_until_s"] is None
    assert time.time() - found["old"]["value_time_s"] == pytest.approx(10_000.0, abs=60.0)
    assert (found["disk-slip"]["value"], found["disk-slip"]["similar_metric"]) == (
        None,
        "disk/free_gb",
    )
    assert found["unheard-of"]["similar_metric"] is None


def test_before_any_store_there_are_rules_without_values(tmp_path: Path) -> None:
    shown = landerctl(tmp_path, "alerts")
    assert shown.returncode == Exit.OK
    assert "disk-low            inactive no value disk/free_gb < 10" in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines()), shown.stdout


def test_show_gives_all_evidence(home: Path) -> None:
    lines = landerctl(home, "alerts", "show", "disk-low").stdout.splitlines()
    facts = {line[:16].strip(): line[16:] for line in lines[: lines.index("Values")]}
    assert facts["fires"] == "disk/free_gb below 10 for 1 min"
    assert facts["ends"] == "at 11 or above; no value changes nothing"
    assert facts["action"] == "notify: no target in [notify] for critical"
    assert facts["state"].startswith("firing for 3 min, since ")
    assert facts["notified"] == "nobody"
    assert facts["acknowledged"].endswith("by anna: cleaning up")
    assert facts["silenced"].endswith("by bert: known (as 'disk-l*')")
    assert facts["value"].startswith("9.5, ")
    assert facts["range"] == "3.25 to 120.5 in the last 1 h 00 min"
    values = lines[lines.index("Values") + 1 : lines.index("Events")]
    assert [line.split()[-1] for line in values] == ["120.5", "3.25", "9.5"]
    events = lines[lines.index("Events") + 1 :]
    assert [line.split()[2] for line in events] == ["firing", "silenced"]
    found = json.loads(landerctl(home, "alerts", "show", "disk-low", "--json").stdout)
    assert (found["lowest"], found["highest"], found["newest"]["value"]) == (3.25, 120.5, 9.5)
    assert found["alert"]["acknowledged"]["user"] == "anna"
    slip = landerctl(home, "alerts", "show", "disk-slip").stdout
    assert "did you mean disk/free_gb?" in slip
    assert landerctl(home, "alerts", "show", "no-such").returncode == Exit.NOT_FOUND


@pytest.mark.parametrize("verb", [("ack", "disk-low"), ("silence", "x"), ("unsilence", "x")])
def test_without_a_daemon_the_answer_says_so(home: Path, verb: tuple[str, ...]) -> None:
    ended = landerctl(home, "alerts", *verb)
    assert ended.returncode == Exit.NOT_RUNNING
    assert "landerctl start" in ended.stderr


def test_targets_are_tried_and_listed(short_folder: Path) -> None:
    """Nothing of an address but what is no secret; a failed test is an exit code and a reason."""
    home = Home(short_folder / "home")
    targets = """
[[notify.targets]]
name = "phone"
url = "json://someone:t0ken@127.0.0.1:9/t0ken"
min_severity = "critical"
[[notify.targets]]
name = "pager"
command = ["sh", "-c", "cat > /dev/null", "t0ken"]
"""
    home.config.write_text(config_text() + targets)
    home.started()
    try:
        folder = home.paths.home
        whole = landerctl(folder, "alerts", "test", "pager", "--json")
        failed = landerctl(folder, "alerts", "test")
        absent = landerctl(folder, "alerts", "test", "nobody")
        listed = landerctl(folder, "alerts", "targets")
        rows = {
            row["name"]: row
            for row in json.loads(landerctl(folder, "alerts", "targets", "--json").stdout)
        }
    finally:
        home.close()
    assert (whole.returncode, whole.stderr) == (Exit.OK, "")
    assert json.loads(whole.stdout) == [{"target": "pager", "delivered": True, "error": None}]
    assert failed.returncode == Exit.FAILED
    assert failed.stdout == "phone: Connection refused\npager: delivered\n"
    assert "1 of 2 tests failed" in failed.stderr
    assert (absent.returncode, absent.stdout) == (Exit.NOT_FOUND, "")
    assert (rows["phone"]["kind"], rows["phone"]["address"]) == ("url", "json://...")
    assert (rows["pager"]["kind"], rows["pager"]["address"]) == ("command", "sh")
    assert rows["phone"]["last_text"] == "Test of phone: Connection refused"
    assert (rows["phone"]["last_delivered"], rows["pager"]["last_delivered"]) == (False, True)
    assert "Connection refused" in " ".join(listed.stdout.split())
    assert "t0ken" not in "".join((whole.stdout, failed.stdout, listed.stdout, str(rows)))


def test_critical_alerts_come_before_warnings(home: Path) -> None:
    critical = alert(name="disk-low", severity="critical")
    with closing(StoreWriter.open(StatePaths(home).store)) as writer:
        writer.put_alerts([alert(name="old"), critical])
    with lock_held(home):
        shown = landerctl(home, "alerts").stdout
    assert shown.index("CRITICAL disk-low") < shown.index("WARNING old")
