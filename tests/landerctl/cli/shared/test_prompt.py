"""Questions on a real terminal."""

from __future__ import annotations

import os
import pty
import select
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import SCRIPT, environment, make_checkpoint, make_run
from tests.waiting import PATIENCE_S


class Terminal:
    """`landerctl` on a terminal of its own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        variables = environment(home, TERM="dumb", COLUMNS="200")
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(SCRIPT, [str(SCRIPT), *arguments], variables)
        self.output = ""

    def read_until(self, text: str) -> None:
        while text not in self.output:
            assert select.select([self._terminal], [], [], PATIENCE_S)[0], self.output
            self.output += os.read(self._terminal, 4096).decode()

    def type(self, keys: str) -> None:
        self.output = ""
        os.write(self._terminal, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until it is seen: Python loses one that comes just before it reads."""
        self.output = ""
        while "\n" not in self.output:
            os.write(self._terminal, b"\x03")
            while "\n" not in self.output and select.select([self._terminal], [], [], 2.0)[0]:
                self.output += os.read(self._terminal, 4096).decode()

    def end(self) -> int:
        """Read the rest; returns the exit code."""
        try:
            while piece := os.read(self._terminal, 4096):
                self.output += piece.decode()
        except OSError:  # the terminal's other side is closed
            pass
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    run = make_run(tmp_path)
    for steps in (50_000, 100_000):
        make_checkpoint(run, steps)
    return tmp_path


def test_a_wrong_answer_is_named_and_asked_again_until_ctrl_c(home: Path) -> None:
    terminal = Terminal(home, "rollback")
    terminal.read_until("[1]: ")
    for wrong in ("zzz", "0", "99", "-1", "1.5"):
        terminal.type(f"{wrong}\n")
        terminal.read_until(f"{wrong}: not a number from 1 to 2")
        terminal.read_until("[1]: ")
        assert "Error" not in terminal.output
    terminal.type("2\n")
    terminal.read_until("[y/N]: ")
    terminal.type("zzz\n")
    terminal.read_until("zzz: not an answer, enter y or n")
    terminal.read_until("[y/N]: ")
    terminal.interrupt()
    assert terminal.end() == Exit.INTERRUPTED
    assert "landerctl: interrupted, nothing was changed" in terminal.output


@pytest.mark.parametrize("keys", ["\n", "n\n", "\x04"])
def test_a_no_changes_nothing(home: Path, keys: str) -> None:
    terminal = Terminal(home, "rollback", "--to", "before:1m")
    terminal.read_until("[y/N]: ")
    terminal.type(keys)
    assert terminal.end() == Exit.FAILED
    assert "nothing was changed" in terminal.output
