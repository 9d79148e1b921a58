"""`share/` is what the program declares; the manual page has no fault that mandoc finds."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from landerctl.cli.reference_page import commands
from landerctl.cli.shared_data import FOLDER, MAN_PAGE, render_shared_data


def test_the_files_are_up_to_date() -> None:
    written = {
        str(path.relative_to(FOLDER)): path.read_text("utf-8")
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    assert written == render_shared_data(), "run: python -m landerctl.cli.shared_data"


def test_the_manual_page_has_every_command_with_its_options() -> None:
    page = render_shared_data()[MAN_PAGE]
    for path, command in commands():
        _, title, section = page.partition(f".SS {' '.join(path).replace('-', chr(92) + '-')}\n")
        assert title
        for option in command.params:
            for flag in (*option.opts, *option.secondary_opts):
                if flag.startswith("-") and option.name not in ("home", "config"):
                    assert flag.replace("-", "\\-") in section.partition("\n.SS ")[0]


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_the_manual_page_has_no_fault() -> None:
    """Except that it has no date, and long lines."""
    command = ["mandoc", "-T", "lint", "-W", "warning", str(FOLDER / MAN_PAGE)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in ended.stdout.splitlines() if "missing date" not in line] == []
