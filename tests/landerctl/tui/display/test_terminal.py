"""The screen on real terminals: tmux, which draws what it is sent, and bare pseudo-terminals."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from landerctl.exitcodes import Exit
from tests.landerctl.operator_side import ROOT, SCRIPT, environment, landerctl
from tests.landerctl.tui.state_folder import StateFolder
from tests.status_samples import daemon_status
from tests.waiting import eventually

START_S = 120.0  # on a machine that does much else
LIGHT = "48;2;242;244;247"  # the background of the theme daylight


class Tmux:
    """A server of its own, with one session that runs one command."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"landerctl-{uuid.uuid4().hex[:8]}"

    def open(self, size: tuple[int, int], command: str, **variables: str) -> None:
        columns, rows = size
        script = self._folder / "session.sh"
        names = " ".join(f"{name}={value}" for name, value in variables.items())
        script.write_text(f"env {names} {command}\necho ended $?\nexec sleep 1000\n")
        self.do("new-session", "-d", "-x", f"{columns}", "-y", f"{rows}", f"/bin/sh {script}")

    def do(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._name, "-f", "/dev/null", *arguments]
        kept = environment(self._folder / "home")
        ended = subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, check=True)
        return ended.stdout.decode()

    def press(self, *keys: str) -> None:
        self.do("send-keys", *keys)

    def until(self, shown: Callable[[str], object], what: str) -> str:
        def seen() -> str | None:
            text = self.do("capture-pane", "-p")
            return text if shown(text) else None

        try:
            return eventually(seen, what, START_S)
        except AssertionError:
            print(self.do("capture-pane", "-p"))
            raise

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._name, "kill-server"], capture_output=True, check=False)


def contains(words: str, text: str) -> bool:
    return words in text


def lacks(words: str, text: str) -> bool:
    return words not in text


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    server = Tmux(tmp_path)
    yield server
    server.close()


def test_keys_and_a_storm_of_sizes(folder: StateFolder, tmux: Tmux) -> None:
    folder.everything()
    tmux.open((80, 24), f"{SCRIPT} tui")
    tmux.until(lambda text: "╭─ Curriculum" in text and "q Quit" in text, "the dashboard")
    for key, words in (("?", "Save a checkpoint now"), ("a", "The rules, with their values")):
        tmux.press(key)
        tmux.until(partial(contains, words), words)
        tmux.press("Escape")
        # Or the next key would be one with Alt.
        tmux.until(partial(lacks, words), f"the end of {words}")
    tmux.press("b")
    tmux.until(partial(contains, "No daemon is running"), "the refusal")
    storm = folder.paths.home.parent / "storm"
    sizes = [(20 + at * 37 % 281, 5 + at * 13 % 96) for at in range(199)] + [(100, 30)]
    storm.write_text("".join(f"resize-window -x {x} -y {y}\n" for x, y in sizes))
    tmux.do("source-file", str(storm))
    text = tmux.until(
        lambda text: "q Quit" in text and max(map(len, text.splitlines())) == 100, "100 columns"
    )
    assert len(text.splitlines()) == 30
    tmux.press("q")
    tmux.until(lambda text: f"ended {Exit.OK:d}" in text, "the end")


def test_ascii_and_light_on_few_rows(folder: StateFolder, tmux: Tmux) -> None:
    """In the C locale all is ASCII; 40 x 10 shows the state, the theme is the daemon's."""
    folder.everything()
    file = folder.paths.home / "named.toml"
    file.write_text('[tui]\ntheme = "daylight"\n')
    folder.writer.put_daemon(daemon_status(folder.now_s, config_path=str(file)))
    tmux.open((40, 10), f"{SCRIPT} tui", LC_ALL="C", COLORTERM="truecolor")
    text = tmux.until(lambda text: "daemon died" in text, "the dashboard")
    assert text.isascii()
    assert "+- Curriculum" in text
    assert LIGHT in tmux.do("capture-pane", "-p", "-e")
    tmux.do("resize-window", "-x", "140", "-y", "45")
    text = tmux.until(lambda text: "Checkpoints and backups" in text and "q Quit" in text, "140x45")
    assert text.isascii()
    assert not re.search(r"\?\?", text)


@pytest.mark.parametrize("hangup", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_lost_terminal_ends_it(folder: StateFolder, hangup: signal.Handlers) -> None:
    """Quietly, also where SIGHUP is ignored, as below nohup."""
    folder.everything()
    process, terminal = pty.fork()
    if process == 0:
        signal.signal(signal.SIGHUP, hangup)
        os.execve(
            SCRIPT, [str(SCRIPT), "tui"], environment(folder.paths.home, TERM="xterm-256color")
        )
    shown = b""
    while b"Curriculum" not in shown:
        shown += os.read(terminal, 65536)
    os.close(terminal)
    status = eventually(lambda: ended(process), "the end of the process", START_S)
    assert status in (Exit.TERMINAL_LOST, -signal.SIGHUP)
    log = folder.paths.operator_log
    assert not log.exists() or "Traceback" not in log.read_text()


def become_screen(folder: StateFolder) -> None:
    variables = environment(folder.paths.home, TERM="xterm-256color")
    os.execve(SCRIPT, [str(SCRIPT), "tui"], variables)


def ended(process: int) -> int | None:
    pid, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None


def test_bytes_that_are_no_utf8_are_no_end(folder: StateFolder) -> None:
    folder.everything()
    process, terminal = pty.fork()
    if process == 0:
        os.execve(
            SCRIPT, [str(SCRIPT), "tui"], environment(folder.paths.home, TERM="xterm-256color")
        )
    shown = b""
    while b"Curriculum" not in shown:
        shown += os.read(terminal, 65536)
    os.write(terminal, b"\xe9\xff\xc3q")
    with os.fdopen(terminal, "rb") as output:
        try:
            while data := output.read(1024):
                shown += data
        except OSError:
            pass  # Linux: the other side is closed
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == Exit.OK
    assert b"Traceback" not in shown


def test_a_terminal_that_cannot_draw_is_told_what_to_use(folder: StateFolder) -> None:
    ended = landerctl(folder.paths.home, "tui", TERM="dumb")
    assert ended.returncode == Exit.USAGE
    assert "tui --plain" in ended.stderr
