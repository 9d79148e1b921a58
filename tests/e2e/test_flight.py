"""Real flights by the reference pilot: live, as lines, saved, interrupted."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from landerctl.exitcodes import Exit
from tests.e2e.mission import PATIENCE_S, SHARED, Mission
from tests.landerctl.operator_side import SCRIPT, environment
from tests.waiting import eventually

FLIGHT = ["fly", "--stage", "1", "--seed", "5"]


def flown(mission: Mission, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a flight that must succeed, in a state folder without any daemon."""
    ended = mission.run(*arguments)
    assert ended.returncode == Exit.OK, ended
    return ended


def test_it_lands_saves_and_flies_the_same_again(mission: Mission, tmp_path: Path) -> None:
    path = tmp_path / "flight.csv"
    ended = flown(mission, *FLIGHT, "--json", "--save", str(path))
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1
    summary = json.loads(ended.stdout)
    assert (summary["pilot"], summary["stage"], summary["seed"]) == ("reference", 1, 5)
    assert (summary["outcome"], summary["success"]) == ("landed", True)
    assert summary["touchdown_speed_m_s"] < 3.0
    assert summary["reward"] == pytest.approx(sum(summary["components"].values()))
    assert summary["saved"] == str(path)

    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == summary["steps"]
    assert 30.0 <= float(rows[0]["altitude_m"]) <= 60.0
    assert int(rows[-1]["feet_down"]) >= 3
    used_kg = float(rows[0]["propellant_kg"]) - float(rows[-1]["propellant_kg"])
    assert used_kg == pytest.approx(summary["propellant_used_kg"], rel=1e-3)
    for row, after in pairwise(rows[:-9]):
        height = float(row["altitude_m"]) + float(row["ground_height_m"])
        next_height = float(after["altitude_m"]) + float(after["ground_height_m"])
        mean_rate = (float(row["descent_rate_m_s"]) + float(after["descent_rate_m_s"])) / 2.0
        # The feet swing with the craft: less than half a metre a second at these rates.
        assert (height - next_height) / 0.1 == pytest.approx(mean_rate, abs=0.5)

    again = json.loads(flown(mission, *FLIGHT, "--json").stdout)
    assert again == summary | {"saved": None}


def test_without_a_terminal_it_prints_lines_and_the_summary(mission: Mission) -> None:
    ended = flown(mission, *FLIGHT)
    assert ended.stderr == ""
    assert "\x1b" not in ended.stdout
    lines = ended.stdout.splitlines()
    reported = [
        float(found[1]) for line in lines if (found := re.match(r"T\+ *([\d.]+) s  alt", line))
    ]
    assert len(reported) >= 3
    assert reported == pytest.approx([5.0 * k for k in range(len(reported))])
    assert "LANDED" in lines
    assert lines[-1].endswith("fly --stage 1 --seed 5")


def test_a_random_seed_is_drawn_and_printed(mission: Mission) -> None:
    seeds = [json.loads(flown(mission, "fly", "--json").stdout)["seed"] for _ in range(2)]
    assert seeds[0] != seeds[1]


def test_an_unknown_vehicle_is_reported_with_its_setting(mission: Mission) -> None:
    mission.configure(vehicle="zeppelin")
    ended = mission.run(*FLIGHT)
    assert (ended.returncode, ended.stdout) == (Exit.CONFIG, "")
    assert ended.stderr.startswith("landerctl: fleet.vehicle = 'zeppelin': expected one of")
    assert ended.stderr.count("\n") == 1


class Terminal:
    """A flight on a terminal of 80 x 24."""

    def __init__(self, mission: Mission, *options: str, **more: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [str(SCRIPT), *FLIGHT, *options],
            env=environment(mission.paths.home, TERM="xterm-256color", **SHARED, **more),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.output = ""

    def read_until(self, text: str) -> None:
        """Read until the terminal has shown this text."""
        while text not in self.output:
            self.output += os.read(self._master, 1 << 16).decode("utf-8", "replace")

    def read_on(self) -> int:
        """Read until the program has ended; returns its exit code."""
        try:
            while block := os.read(self._master, 1 << 16):
                self.output += block.decode("utf-8", "replace")
        except OSError:  # on Linux: the other end is closed
            pass
        os.close(self._master)
        return self.process.wait(PATIENCE_S)


ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def test_on_a_terminal_it_is_live_and_the_report_remains(mission: Mission) -> None:
    terminal = Terminal(mission, "--speed", "20")
    assert terminal.read_on() == Exit.OK
    _, _, live = terminal.output.partition(ENTER)
    live, _, after = live.partition(LEAVE)
    assert live.count("Stage 1 of 5, touchdown") >= 10
    assert "x20" in live
    assert " pad " in live
    assert "LANDED" in after
    assert " pad " in after
    assert "\x1b[36m" in live  # a path in colour


def test_no_color_disables_colour(mission: Mission) -> None:
    terminal = Terminal(mission, "--speed", "max", NO_COLOR="1")
    assert terminal.read_on() == Exit.OK
    assert "LANDED" in terminal.output
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|38|9[0-7])(?:;\d+)*m", terminal.output)


def test_ctrl_c_closes_the_screen_and_ends_the_process(mission: Mission) -> None:
    terminal = Terminal(mission, "--speed", "0.1")
    terminal.read_until("Altitude")
    (child,) = psutil.Process(terminal.process.pid).children()
    os.kill(terminal.process.pid, signal.SIGINT)
    assert terminal.read_on() == Exit.INTERRUPTED
    assert terminal.output.rstrip().endswith((LEAVE, "\x1b[?25h"))
    assert "Traceback" not in terminal.output
    assert not child.is_running()


def test_a_closed_pipe_ends_it(mission: Mission) -> None:
    flying = mission.open(*FLIGHT, "--speed", "5")
    assert flying.stdout is not None
    assert flying.stderr is not None
    assert flying.stdout.readline().startswith("T+   0.0 s")
    flying.stdout.close()
    assert flying.wait(PATIENCE_S) == Exit.BROKEN_PIPE
    assert flying.stderr.read() == ""
    flying.stderr.close()


def test_a_killed_flight_is_reported_in_one_line(mission: Mission) -> None:
    flying = mission.open(*FLIGHT, "--speed", "0.1")
    parent = psutil.Process(flying.pid)
    children = eventually(parent.children, "the process that flies", PATIENCE_S)
    children[0].kill()
    _, errors = flying.communicate(timeout=PATIENCE_S)
    assert flying.returncode == Exit.FAILED
    assert "exited before the end of the flight (killed by SIGKILL)" in errors
    assert errors.count("\n") == 1
