"""Help, completion, exit codes: everything common to all verbs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from landerctl.cli.app import app, run
from landerctl.cli.shared.panels import PANELS
from landerctl.exitcodes import CHECK, TABLE, Exit, codes
from landerctl.failure import Failure
from tests.landerctl.operator_side import (
    ROOT,
    SCRIPT,
    environment,
    landerctl,
    make_checkpoint,
    make_run,
)
from tests.landerctl.verb_tree import leaves

VERBS = [command.name for command in app.registered_commands if command.name]
DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_examples_and_is_documented(verb: str) -> None:
    program = typer.main.get_command(app)
    command = program.commands[verb]  # type: ignore[attr-defined]
    assert f"landerctl {verb}" in (command.epilog or "")
    assert f"## {verb}\n" in DOCUMENT


def test_the_table_of_exit_codes_names_every_code_and_only_verbs() -> None:
    verbs = set(leaves())
    assert {row.code for row in TABLE if CHECK not in row.verbs} == set(Exit)
    assert {verb for row in TABLE for verb in row.verbs} <= verbs
    assert codes(CHECK) == {0, 1, 2, 3}
    assert all({Exit.OK, Exit.USAGE, Exit.INTERRUPTED} <= codes(verb) for verb in verbs - {CHECK})


def test_help_fits_a_small_terminal_and_has_no_colour_in_a_pipe(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "start", "--help", COLUMNS="80", NO_COLOR="1")
    assert ended.returncode == Exit.OK
    assert "landerctl start --fresh --algorithm sac" in ended.stdout
    assert "\x1b" not in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_the_help_groups_the_verbs_as_their_folders_do(tmp_path: Path) -> None:
    shown = landerctl(tmp_path, "--help", COLUMNS="80").stdout
    titles = [shown.index(f"─ {title} ──") for title in PANELS]
    assert titles == sorted(titles)
    for title, (panel, verbs), end in zip(
        titles, PANELS.items(), [*titles[1:], len(shown)], strict=True
    ):
        places = [shown.index(f"│ {verb} ") for verb in verbs]
        assert places == sorted(places), panel
        assert title < places[0]
        assert places[-1] < end


def test_every_verb_is_in_a_panel_of_the_help_in_one_line() -> None:
    program: Any = typer.main.get_command(app)
    assert sorted(program.commands) == sorted(verb for verbs in PANELS.values() for verb in verbs)
    for panel, verbs in PANELS.items():
        for verb in verbs:
            assert program.commands[verb].rich_help_panel == panel
    assert too_long(program) == []


def too_long(group: Any) -> list[str]:
    """Verbs whose line in the list of their group does not fit 80 columns with its frame."""
    verbs = group.commands
    room = 80 - len("│ ") - max(map(len, verbs), default=0) - len("  ") - len(" │")
    lines = {
        verb: " ".join((one.short_help or one.help).split("\n\n")[0].split())
        for verb, one in verbs.items()
    }
    groups = [one for one in verbs.values() if hasattr(one, "commands")]
    return [
        *(f"{group.name} {verb}: {line}" for verb, line in lines.items() if len(line) > room),
        *(found for one in groups for found in too_long(one)),
    ]


def without_frames(text: str) -> str:
    """Without the spaces and frames that depend on the terminal's width."""
    return re.sub(r"[\s│]+", "", text)


@pytest.mark.parametrize("verb", leaves())
def test_no_text_of_a_help_is_missing_in_what_is_shown(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rich takes square brackets for markup."""
    monkeypatch.setenv("COLUMNS", "300")
    run([*verb.split(), "--help"])
    shown = without_frames(capsys.readouterr().out)
    command = leaves()[verb]
    texts = [command.help, command.epilog, *(one.help for one in command.params)]
    for text in texts:
        assert without_frames(text or "") in shown


def paths(verb: str) -> list[list[str]]:
    """Command lines of a verb, each with one empty path."""
    command = leaves()[verb]
    needed = [one for one in command.params if not one.opts[0].startswith("-") and one.required]
    found = []
    for one in command.params:
        if one.metavar in ("FILE", "FOLDER", "TARGET"):
            given = ["" if two is one else "x" for two in needed]
            flag = one.opts[:1] if one.opts[0].startswith("-") else []
            found.append(given if one in needed else [*given, *flag, ""])
    return found


@pytest.mark.parametrize(
    "arguments", [[*verb.split(), *given] for verb in leaves() for given in paths(verb)], ids=str
)
def test_an_empty_path_is_refused(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`Path` takes it for the current folder, where it is a variable that is not set."""
    monkeypatch.setenv("LANDERCTL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Failure, match="it is empty") as refused:
        run(arguments)
    assert refused.value.code == Exit.USAGE
    assert not (tmp_path / "home").exists()


def test_version_and_no_verb(tmp_path: Path) -> None:
    for arguments in (["version"], ["--version"]):
        assert re.fullmatch(r"landerctl \d+\.\d+\.\d+\n", landerctl(tmp_path, *arguments).stdout)
    bare = landerctl(tmp_path)
    assert bare.returncode == Exit.USAGE
    assert "rollback" in bare.stdout


def test_a_mistyped_verb_is_answered_with_a_suggestion(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "rolback")
    assert ended.returncode == Exit.USAGE
    assert "'rollback'" in ended.stderr


def test_tui_needs_a_terminal(tmp_path: Path) -> None:
    ended = landerctl(tmp_path, "tui")
    assert ended.returncode == Exit.USAGE
    assert "needs a terminal" in ended.stderr


def complete(home: Path, words: str) -> list[str]:
    """Bash's completions of `words`, with the script that --install-completion installs."""
    script = (
        f'eval "$({SCRIPT} --show-completion bash)"\n'
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        "_landerctl_completion landerctl\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    variables = environment(home, PATH=f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}")
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=variables | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.split()


def test_bash_completes_verbs_options_words_and_ids(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    ids = [make_checkpoint(run, steps).id for steps in (50_000, 100_000)]
    assert complete(tmp_path, "landerctl roll") == ["rollback"]
    assert complete(tmp_path, "landerctl rollback --to 0000") == ids
    assert complete(tmp_path, "landerctl check --ti") == ["--timeout"]
    assert complete(tmp_path, "landerctl check he") == ["heartbeat"]
    assert complete(tmp_path, "landerctl start --algorithm s") == ["sac"]
    assert complete(tmp_path, "landerctl events --name stage.p") == ["stage.passed"]
    elsewhere = f"landerctl rollback --home {tmp_path}/elsewhere --to 0000"
    assert complete(tmp_path, elsewhere) == []


def test_documented_cron_lines_work(tmp_path: Path) -> None:
    documented = (ROOT / "docs" / "cron.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    (?:@reboot|(?:\S+ ){4}\S+)  (/opt/\S+ .*)$", documented, re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        command = line.replace("/opt/landerctl/.venv/bin/landerctl", str(SCRIPT), 1)
        command = command.replace("/data/landerctl", str(tmp_path))
        checking = f"{SCRIPT} check " in command
        # Commands that start or copy are only parsed here.
        command = command if checking else f"{command.partition(' >')[0]} --help"
        ended = subprocess.run(
            ["env", "-i", "/bin/sh", "-c", command], capture_output=True, text=True, check=False
        )
        reported = "checks.ping_url_file is not set" if "--ping" in command else ""
        assert reported in ended.stderr
        assert len(ended.stderr.splitlines()) == bool(reported)
        assert ended.returncode in range(4) if checking else ended.returncode == 0
        assert ended.stdout


def test_no_verb_imports_the_simulation_or_the_screen(tmp_path: Path) -> None:
    script = "import sys, landerctl.cli.app; print('\\n'.join(sys.modules))"
    ended = subprocess.run(
        [str(SCRIPT.with_name("python")), "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    forbidden = {"torch", "numpy", "gymnasium", "stable_baselines3", "numba", "Basilisk", "env"}
    assert "typer" in ended.stdout.split()
    assert (forbidden | {"textual", "daemon.trainer"}).isdisjoint(ended.stdout.split())
