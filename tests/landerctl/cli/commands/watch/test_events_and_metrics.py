"""`landerctl events` and `landerctl metrics`."""

from __future__ import annotations

import json
import select
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from daemon.base.paths import StatePaths
from daemon.store.writer import StoreWriter
from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import SCRIPT, environment, landerctl


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        for number in range(5):
            writer.add_event(
                "checkpoint.saved",
                f"saved {number}",
                time_s=100.0 + number,
                body={"kind": "interval"},
            )
        writer.add_event("stage.passed", "Stage 1 passed", time_s=200.0, run_id="run-1")
        writer.add_event("trainer.crashed", "Trainer: [killed]", time_s=300.0, body={"exit": "-9"})
        now_s = time.time()
        for run, ago_s in (("run-0", 300.0), ("run-1", 200.0), ("run-0", 100.0), ("run-1", 50.0)):
            writer.add_session(now_s - ago_s, run)
            writer.add_samples(now_s - ago_s + 1.0, {"time/fps": ago_s})
        writer.add_samples(now_s, {"time/fps": 18_200.0, "disk/free_gb": 120.5})
    return tmp_path


def test_one_line_per_event_with_time_name_and_text(home: Path) -> None:
    lines = landerctl(home, "events", "--all").stdout.splitlines()
    assert len(lines) == 7
    # A severity shows without colour; a text in brackets is no markup.
    assert lines[-1].endswith("X trainer.crashed      Trainer: [killed]")


def test_filters(home: Path) -> None:
    def texts(*arguments: str) -> list[str]:
        output = landerctl(home, "events", "--json", *arguments).stdout
        return [json.loads(line)["text"] for line in output.splitlines()]

    assert texts("--name", "stage.*") == ["Stage 1 passed"]
    assert texts("--severity", "critical") == ["Trainer: [killed]"]
    assert texts("--run", "run-1") == ["Stage 1 passed"]
    assert texts("--name", "checkpoint.saved", "--limit", "2") == ["saved 3", "saved 4"]


def test_routine_events_do_not_hide_the_others(home: Path) -> None:
    with closing(StoreWriter.open(StatePaths(home).store)) as writer, writer.transaction():
        for _ in range(100):
            for name in ("checkpoint.saved", "backup.made", "checkpoint.pruned", "backup.pruned"):
                writer.add_event(name, name, time_s=400.0, body={"kind": "interval"})
        writer.add_event("checkpoint.saved", "a gate", time_s=401.0, body={"kind": "gate"})
    shown = [line.split(maxsplit=3)[-1] for line in landerctl(home, "events").stdout.splitlines()]
    assert shown == ["Stage 1 passed", "trainer.crashed      Trainer: [killed]", "a gate"]
    every = landerctl(home, "events", "--all", "--limit", "3").stdout.splitlines()
    assert len(every) == 3 and "backup.pruned" in every[1]


def test_following_begins_with_what_is_new(home: Path) -> None:
    """Also where nothing so far passes the filters."""
    follower = subprocess.Popen(
        [str(SCRIPT), "events", "--follow", "--since", "1h"],
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert follower.stdout is not None
    with closing(StoreWriter.open(StatePaths(home).store)) as writer:
        # Until its first reading is over, which nothing shows, it may list this as an earlier one.
        while not select.select([follower.stdout], [], [], 0.2)[0]:
            writer.add_event("run.completed", "over", time_s=time.time())
    assert "over" in follower.stdout.readline()
    follower.kill()
    follower.wait()
    follower.stdout.close()


def test_an_unknown_name_is_an_error_that_lists_the_names(home: Path) -> None:
    ended = landerctl(home, "events", "--name", "no.such")
    assert ended.returncode == Exit.USAGE
    assert "stage.passed" in ended.stderr


def test_no_store(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "events", "--follow")
    assert ended.returncode == Exit.UNKNOWN
    assert len(ended.stderr.splitlines()) == 1


def test_a_reader_that_closes_the_pipe(home: Path) -> None:
    follower = subprocess.Popen(
        [str(SCRIPT), "events", "--follow", "--all"],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert follower.stdout is not None and follower.stderr is not None
    assert "saved 0" in follower.stdout.readline()
    follower.stdout.close()
    with closing(StoreWriter.open(StatePaths(home).store)) as writer:
        writer.add_event("run.completed", "over", time_s=400.0)
    assert follower.wait(timeout=20) == Exit.BROKEN_PIPE
    assert follower.stderr.read() == ""
    follower.stderr.close()


def test_metrics_are_listed_with_their_newest_value(home: Path) -> None:
    lines = landerctl(home, "metrics").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["disk/free_gb", "120.5"],
        ["time/fps", "18200"],
    ]
    as_json = json.loads(landerctl(home, "metrics", "--json").stdout)
    assert [metric["name"] for metric in as_json] == ["disk/free_gb", "time/fps"]


def test_the_values_of_a_metric_are_of_one_run(home: Path) -> None:
    def values(*arguments: str) -> list[tuple[float, str]]:
        output = landerctl(home, "metrics", "time/fps", "--json", *arguments).stdout
        return [(one["value"], one["run_id"]) for one in json.loads(output)]

    assert values() == [(200.0, "run-1"), (50.0, "run-1"), (18_200.0, "run-1")]
    assert values("--run", "run-0") == [(300.0, "run-0"), (100.0, "run-0")]
    assert values("--since", "150s", "--until", "10s") == [(50.0, "run-1")]
    table = landerctl(home, "metrics", "time/fps", "--run", "run-0").stdout.splitlines()
    assert table[0].split() == ["TIME", "STEPS", "VALUE", "RUN"]
    assert len(table) == 3
    newest = json.loads(landerctl(home, "metrics", "--run", "run-0", "--json").stdout)
    assert [(one["name"], one["value"]) for one in newest] == [("time/fps", 100.0)]
    for verb in (["metrics"], ["events"]):
        unknown = landerctl(home, *verb, "--run", "run-9")
        assert (unknown.returncode, unknown.stderr.count("\n")) == (Exit.NOT_FOUND, 1)


def test_a_word_that_is_no_verb_is_a_metric(home: Path) -> None:
    """With options in any place, also behind it; options of a verb are not taken before it."""
    for line in ("time/fps --csv", "--csv time/fps", "--run run-1 time/fps --csv"):
        assert landerctl(home, "metrics", *line.split()).stdout.startswith("time_s,timesteps")
    unknown = landerctl(home, "metrics", "exprt")
    assert unknown.returncode == Exit.NOT_FOUND
    assert "did you mean export?" in unknown.stderr
    for verb, option in (("metrics", "--csv"), ("events", "--all")):
        misplaced = landerctl(home, verb, option, "export")
        assert misplaced.returncode == Exit.USAGE
        assert f"{option} has no meaning in front of `export`" in misplaced.stderr


def test_metrics_are_exported_as_a_table(home: Path, tmp_path: Path) -> None:
    def table(*arguments: str) -> list[list[str]]:
        output = landerctl(home, "metrics", "export", *arguments).stdout
        return [line.split(",")[1:] for line in output.splitlines()]

    assert table("--all") == [
        ["run_id", "timesteps", "disk/free_gb", "time/fps"],
        ["run-1", "", "", "200.0"],
        ["run-1", "", "", "50.0"],
        ["run-1", "", "120.5", "18200.0"],
    ]
    every = table("time/fps", "--all-runs")
    assert [row[0] for row in every] == ["run_id", "run-0", "run-1", "run-0", "run-1", "run-1"]
    assert len(table("time/fps", "--run", "run-0", "--since", "150s")) == 2
    path = tmp_path / "out.json"
    said = landerctl(home, "metrics", "export", "--all", "--output", str(path)).stdout
    assert said == f"{path}: 3 rows\n"
    assert json.loads(path.read_text())[-1]["disk/free_gb"] == 120.5


def test_events_are_exported_as_a_table(home: Path) -> None:
    lines = landerctl(home, "events", "export").stdout.splitlines()
    assert lines[0] == "id,time_s,name,severity,run_id,text,body"
    assert len(lines) == 8 and lines[1].endswith(',"{""kind"":""interval""}"')
    as_json = landerctl(home, "events", "export", "--format", "json", "--run", "run-1").stdout
    assert [one["text"] for one in json.loads(as_json)] == ["Stage 1 passed"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("metrics export", "--all"),
        ("metrics export --all time/fps", "--all"),
        ("metrics export --all --run run-1 --all-runs", "exclude each other"),
        ("metrics export time/fp", "did you mean time/fps?"),
        ("metrics export --all --format parquet", "--output FILE"),
        ("events export --output /no/such/folder/events.csv", "name another file"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(home: Path, line: str, text: str) -> None:
    ended = landerctl(home, *line.split())
    assert ended.returncode in (Exit.USAGE, Exit.NOT_FOUND, Exit.CANNOT_WRITE)
    assert (ended.stderr.count("\n"), ended.stdout) == (1, "") and text in ended.stderr
