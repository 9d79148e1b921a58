"""The shell's completion: without Typer, and with the same answers as Typer's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.store.records import Silence
from daemon.store.writer import StoreWriter
from landerctl.cli import completion_table
from landerctl.cli.app import app
from landerctl.completion.resolve import Verb
from landerctl.completion.shell import TABLE, complete, run
from tests.landerctl.operator_side import environment, fill_store, make_checkpoint, make_run

PROGRAM = typer.main.get_command(app)
ARGUMENTS: tuple[Any, dict[str, Any], str, str] = (PROGRAM, {}, "landerctl", "_LANDERCTL_COMPLETE")
CONFIG = (
    '[[alerts]]\nname = "disk-low"\nmetric = "disk/free_gb"\ncomparison = "below"\n'
    'threshold = 1.0\nfor_s = 0.0\nseverity = "critical"\nsummary = "Disk: \\"full\\""\n'
    '[[backup.targets]]\nname = "cloud"\nurl = "s3://bucket/landers"\n'
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a run, two checkpoints, a metric, an alert, a silence and a target."""
    run_paths = make_run(tmp_path)
    for timesteps in (50_000, 100_000):
        make_checkpoint(run_paths, timesteps)
    (tmp_path / "config.toml").write_text(CONFIG)
    fill_store(tmp_path, run_paths.id)
    with closing(StoreWriter.open(StatePaths(tmp_path).store)) as writer:
        writer.add_samples(time.time(), {"disk/free_gb": 3.0})
        writer.put_silences([Silence("stage-*", time.time() + 1e4, "me", "")])
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path))
    return tmp_path


def test_the_table_is_that_of_the_declarations() -> None:
    expected = completion_table.text() + "\n"
    assert TABLE.read_text("utf-8") == expected, (
        "run: python -m landerctl.cli.completion_table > landerctl/completion/table.json"
    )


def lines_of(verb: Verb, path: list[str]) -> Iterator[tuple[list[str], str]]:
    """Command lines to complete: after each verb, at its options, and at each option's value."""
    for typed in ("", "-", "--", "--h", "e", "0"):
        yield path, typed
    for option in verb["options"]:
        for flag in option["flags"]:
            yield [*path, flag], ""
            if option["value"] is None:
                yield [*path, flag], "-"
            elif flag not in ("--home", "--config"):
                yield path, f"{flag}="
                yield [*path, flag, "3", "--home", "/nowhere"], "--"
    if verb["arguments"]:
        yield [*path, "one"], ""
        yield [*path, "--"], "-"
    for name, below in verb["verbs"].items():
        yield from lines_of(below, [*path, name])


def test_the_answers_are_those_of_typer(home: Path) -> None:
    table: Verb = json.loads(TABLE.read_text("utf-8"))
    asked = 0
    for arguments, typed in lines_of(table, []):
        expected = [
            item.value
            for item in BashComplete(*ARGUMENTS).get_completions(list(arguments), typed)
            if item.type == "plain"
        ]
        found = [word for word, _ in complete(arguments, typed, os.environ)]
        # Typer's own order of the flags of a help changes from process to process.
        assert sorted(found) == sorted(expected), (arguments, typed)
        asked += 1
    assert asked > 500


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alerts show ", ["disk-low"]),
        ("alerts ack d", ["disk-low"]),
        ("alerts unsilence ", ["stage-*"]),
        ("metrics ", ["export", "push", "disk/free_gb"]),
        ("metrics d", ["disk/free_gb"]),
        ("metrics disk/free_gb ", []),
        ("metrics export disk/free_gb ", ["disk/free_gb"]),
        ("restore ", ["cloud"]),
        ("events --name stage.p", ["stage.passed"]),
        ("events --severity c", ["critical"]),
        ("rollback --to la", ["last-good"]),
        ("check he", ["heartbeat"]),
        ("nonsense ", []),
        ("alerts show --home /nowhere disk-low ", []),
        ("metrics export --home /nowhere ", []),
    ],
)
def test_what_it_knows(home: Path, line: str, words: list[str]) -> None:
    *arguments, typed = line.split(" ")
    assert [word for word, _ in complete(arguments, typed, os.environ)] == words


@pytest.mark.parametrize("option", ["events --run", "plot --run", "tensorboard --run"])
def test_it_knows_the_runs(home: Path, option: str) -> None:
    [run_folder] = StatePaths(home).runs.iterdir()
    words = [word for word, _ in complete(option.split(), "20", os.environ)]
    assert words == [run_folder.name]


def test_it_knows_the_states_of_another_run(home: Path) -> None:
    other = create_run(StatePaths(home), load_config(None).config, name="base-7")  # never made up
    id_ = make_checkpoint(other, 70_000).id
    for verb in ("evaluate", "fly --pilot", "backup pin"):
        assert [word for word, _ in complete(verb.split(), "base", os.environ)] == ["base-7"]
        words = [word for word, _ in complete(verb.split(), "base-7/", os.environ)]
        assert words == [f"base-7/{state}" for state in ("newest", "best", id_)]
        assert complete(verb.split(), "no-such/", os.environ) == []


# Bash takes an equals sign for a word of its own, other shells do not.
@pytest.mark.parametrize(
    ("arguments", "typed"), [(["--to", "="], "0000"), (["--to"], "="), ([], "--to=0000")]
)
def test_an_equals_sign(home: Path, arguments: list[str], typed: str) -> None:
    words = [word for word, _ in complete(["rollback", *arguments], typed, os.environ)]
    assert len([word for word in words if word.startswith("0000")]) == 2


@pytest.mark.parametrize("typed", ["alerts show d", "rollback --to ", "start --alg", "plot --out "])
def test_zsh_and_fish_get_the_answers_of_typer(
    home: Path, typed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", f"landerctl {typed}")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    for shell in (ZshComplete, FishComplete):
        run(f"complete_{shell.name}", os.environ)
        shown = capsys.readouterr().out.strip()
        if typed != "plot --out ":  # Typer offers what was typed as a file's name
            assert shown == shell(*ARGUMENTS).complete().strip()
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "is-args")
    assert run("complete_fish", os.environ) == (typed == "plot --out ")


def test_an_open_quote_and_a_home_that_is_not_utf8(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "landerctl alerts show 'disk")
    assert run("complete_zsh", os.environ) == 0
    assert "disk-low" in capsys.readouterr().out
    monkeypatch.setenv("LANDERCTL_HOME", os.fsdecode(b"/lune-\xe9"))
    assert complete(["metrics", "export"], "", os.environ) == []


def test_a_tab_imports_nothing_slow(home: Path) -> None:
    forbidden = {"typer", "rich", "textual", "asyncio", "psutil", "tomllib", "subprocess"}
    script = (
        "import sys; from landerctl.__main__ import execute; execute();"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    for line in ("landerctl ro", "landerctl alerts unsilence "):
        words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        ended = subprocess.run(
            [sys.executable, "-c", script],
            env=environment(home, _LANDERCTL_COMPLETE="complete_bash", **words),
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout in ("rollback\n", "stage-*\n")
        assert forbidden.isdisjoint(ended.stderr.split())
