"""The fast parser and Typer use the same declarations and agree on command lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TypeVar

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from landerctl.cli.app import app
from landerctl.cli.arguments.from_declarations import command
from landerctl.cli.shared.session import ConfigFile, Home
from landerctl.fast_path.check_options import CheckOptions
from landerctl.fast_path.checklist.options import ChecklistOptions
from landerctl.fast_path.declare import declarations
from landerctl.fast_path.options import GlobalOptions, StatusOptions
from landerctl.fast_path.parse import NotPlainError, named_home, parse, split_verb

Options = TypeVar("Options", bound=GlobalOptions)
VERBS: dict[str, type[GlobalOptions]] = {
    "status": StatusOptions,
    "check": CheckOptions,
    "checklist": ChecklistOptions,
}
# What `checklist` needs and the others must not load: digests, the versions of packages.
NEEDED = {"checklist": {"hashlib", "socket"}}

words = st.sampled_from(
    [
        *("--home", "--home=/a", "--home=", "--config", "--config=/c", "/x", "", "--", "-"),
        *("--json", "--json=1", "--ping", "--quiet", "-q", "-qq", "-q=1", "--no-such", "--help"),
        *("--timeout", "--timeout=3", "--timeout=0", "--timeout=nan", "--timeout=86401"),
        *("2.5", "-1", "1e3", "٣"),
        *("disk", "memory", "nonsense"),
    ]
)


def read_by_typer(verb: str, arguments: list[str]) -> GlobalOptions | None:
    """Typer's options of a command line; None if it refuses or shows its help."""
    seen: list[GlobalOptions] = []

    def remember(options: GlobalOptions) -> int:
        seen.append(options)
        return 0

    program = typer.Typer()

    @program.callback()
    def _before(home: Home = None, config: ConfigFile = None) -> None: ...

    program.command(verb)(command(VERBS[verb], remember))
    try:
        typer.main.get_command(program).main(arguments, standalone_mode=False)
    except typer.TyperException:
        return None
    return seen[0] if seen else None


@given(st.sampled_from(sorted(VERBS)), st.lists(words, max_size=3), st.lists(words, max_size=5))
def test_the_fast_parser_agrees_with_typer(verb: str, before: list[str], after: list[str]) -> None:
    arguments = [*before, verb, *after]
    split = split_verb(arguments)
    if split is None or split[1] != verb:
        return
    try:
        options = parse(VERBS[verb], split[0], split[2])
    except NotPlainError:
        return
    assert options == read_by_typer(verb, arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--home", "/a", "check"], CheckOptions(home=Path("/a"))),
        (["--home=/a", "check", "--home", "/b"], CheckOptions(home=Path("/b"))),
        (["check", "--config=/c", "--json"], CheckOptions(config=(Path("/c"),), as_json=True)),
        (
            ["--config", "/a", "--config=/b", "status"],
            StatusOptions(config=(Path("/a"), Path("/b"))),
        ),
        (["--config=/a", "status", "--config=/b"], StatusOptions(config=(Path("/b"),))),
        (
            ["check", "disk", "-q", "memory", "--timeout", "2.5"],
            CheckOptions(names=("disk", "memory"), quiet=True, timeout_s=2.5),
        ),
        (["status", "--json"], StatusOptions(as_json=True)),
        (["status", "--at", "03:12"], StatusOptions(at="03:12")),
    ],
)
def test_plain_command_lines_need_no_typer(arguments: list[str], expected: GlobalOptions) -> None:
    split = split_verb(arguments)
    assert split is not None
    before, verb, after = split
    assert parse(VERBS[verb], before, after) == expected
    assert read_by_typer(verb, arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--home /a events", "/a"),
        ("--home=/a events", "/a"),
        ("events --home=/a --follow", "/a"),
        ("--home /a events --home=/b --no-such-option", "/b"),
        ("-h --home /a", "/a"),
        ("events -- --home /a", None),
        ("events --home", None),
        ("events --home=", None),
    ],
)
def test_any_command_line_names_its_state_folder(arguments: str, expected: str | None) -> None:
    assert named_home(arguments.split()) == (Path(expected) if expected else None)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_shows_what_is_declared(verb: str) -> None:
    program = typer.main.get_command(app)
    shown = {
        flag: parameter
        for parameter in program.commands[verb].params  # type: ignore[attr-defined]
        for flag in parameter.opts
    }
    for name, declared in declarations(VERBS[verb]):
        for flag in declared.flags or (name,):
            assert shown[flag].help == declared.help


def test_the_fast_path_imports_nothing_heavy(tmp_path: Path) -> None:
    forbidden = {
        *("typer", "rich", "textual", "pydantic", "click", "psutil", "asyncio", "socket"),
        *("torch", "numpy", "gymnasium", "stable_baselines3", "numba", "Basilisk", "watchdog"),
        *("env", "daemon.trainer", "daemon.supervisor", "landerctl.cli", "landerctl.tui"),
        *("subprocess", "argparse", "hashlib", "logging"),
    }
    for verb in VERBS:
        script = (
            "import sys\n"
            "from landerctl.__main__ import execute\n"
            f"sys.argv = ['landerctl', {verb!r}, '--home', {str(tmp_path)!r}]\n"
            "execute()\n"
            "print('\\n'.join(sys.modules), file=sys.stderr)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert "landerctl.fast_path.parse" in ended.stderr.split()
        assert not forbidden.intersection(ended.stderr.split()) - NEEDED.get(verb, set()), verb
