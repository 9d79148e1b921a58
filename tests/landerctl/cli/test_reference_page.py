"""docs/reference.md is what the program declares, and explains each variable that it reads."""

from __future__ import annotations

import re

from landerctl.cli.reference_page import ENVIRONMENT, commands, render_reference_page
from tests.landerctl.operator_side import ROOT

PAGE = ROOT / "docs" / "reference.md"
# Of the program's own processes, not of users.
INTERNAL = {
    "LANDERCTL_ORDER_FD",
    "LANDERCTL_REPORT_FD",
    "LANDERCTL_COMPILATION_CACHE",
    "LANDERCTL_BROWSER",
}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_reference_page(), (
        "run: python -m landerctl.cli.reference_page > docs/reference.md"
    )


def test_every_command_with_its_options_is_in_it() -> None:
    page = render_reference_page()
    for path, command in commands():
        title = f"## {' '.join(path)}\n"
        assert page.count(title) == 1
        section = page.partition(title)[2].partition("\n## ")[0]
        for parameter in command.params:
            if parameter.name not in ("home", "config"):
                for flag in (*parameter.opts, *parameter.secondary_opts):
                    assert not flag.startswith("-") or f"`{flag}`" in section, (path, flag)


def test_every_variable_that_the_program_reads_is_in_it() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("landerctl", "daemon", "env", "checks")
        for path in (ROOT / folder).rglob("*.py")
    ]
    read = {name for text in sources for name in re.findall(r'"((?:LANDERCTL|XDG)_\w+)"', text)}
    assert read - INTERNAL == {name for name in ENVIRONMENT if name != "NO_COLOR"}
