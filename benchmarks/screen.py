"""What the screen costs: `landerctl tui` in a terminal of 140x45, beside btop and htop.

All programs run at the same time, each in a pseudo-terminal of its own that takes what they write
and answers nothing: the screen of a live training, the screen of a home of a month whose daemon is
stopped, btop and htop at their own defaults. CPU is the process's user and system time. A paint is
output after a pause of 20 ms. Then the programs are started in turn, until a text of the first
useful paint is there: the run's state for ours, a label for a bare Textual program.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.checklist import fill_month
from benchmarks.report import report
from daemon.base.paths import StatePaths

COLUMNS, LINES = 140, 45
SETTLING_S = 15.0  # after all have painted something
FIRST_BYTES = 2000  # written by then
PAUSE_S = 0.02  # of output, that ends a paint
FIRST_PAINT_TIMEOUT_S = 60.0
TRAINING_TIMEOUT_S = 900.0
SCRIPT = str(Path(sys.executable).with_name("landerctl"))
LIVE, STOPPED = "beside a training", "with a stopped daemon"
BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    def compose(self):
        yield Label("bare-label")
Bare().run()
"""


@dataclass(frozen=True)
class Cost:
    """What a program cost while it was watched."""

    cpu_percent: float  # of a core
    bytes_per_s: float
    paints_per_s: float
    memory_mb: float
    growth_mb: float


class Terminal:
    """A program in a pseudo-terminal; a thread counts what it writes."""

    def __init__(self, command: Sequence[str]) -> None:
        self._until: tuple[bytes, threading.Event] | None = None
        self._tail = b""
        self.written_bytes = self.paints = 0
        self._last_s = 0.0
        self._descriptor, other = pty.openpty()
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(other, termios.TIOCSWINSZ, size)
        environ = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.began_s = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, env=environ, start_new_session=True
        )
        os.close(other)
        self.watched = psutil.Process(self._process.pid)
        self._found_s = 0.0
        self._thread = threading.Thread(target=self._take, daemon=True)

    def first(self, text: str) -> float:
        """Seconds from the start until `text` was written. Raises TimeoutError."""
        found = threading.Event()
        self._until = text.encode(), found
        self._thread.start()
        if not found.wait(FIRST_PAINT_TIMEOUT_S):
            raise TimeoutError(f"{text!r} was not painted")
        return self._found_s - self.began_s

    def watch(self) -> None:
        """Begin to take what it writes."""
        self._thread.start()

    def close(self) -> None:
        """End the program."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        os.close(self._descriptor)

    def _take(self) -> None:
        while True:
            try:
                data = os.read(self._descriptor, 65536)
            except OSError:  # the program has ended
                return
            now_s = time.perf_counter()
            self.paints += now_s - self._last_s > PAUSE_S
            self._last_s = now_s
            self.written_bytes += len(data)
            if self._until is not None:
                text, found = self._until
                self._tail = self._tail[-len(text) :] + data
                if text in self._tail:
                    self._found_s, self._until = now_s, None
                    found.set()


@contextmanager
def _terminal(command: Sequence[str]) -> Iterator[Terminal]:
    terminal = Terminal(command)
    try:
        yield terminal
    finally:
        terminal.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each round")
    parser.add_argument("--home", type=Path, help="of a running training; default: starts one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        month, new = Path(folder) / "month", Path(folder) / "new"
        month.mkdir()
        fill_month(StatePaths(month), days=30)
        home = arguments.home or stack.enter_context(_training(Path(folder) / "live"))
        commands = {
            LIVE: _tui(home),
            STOPPED: _tui(month),
            **{name: [name] for name in ("btop", "htop") if shutil.which(name)},
        }
        _report_costs(commands, arguments.rounds, arguments.seconds)
        _report_starts(month, new, arguments.rounds)


def _tui(home: Path) -> list[str]:
    return [SCRIPT, "--home", str(home), "tui"]


@contextmanager
def _training(home: Path) -> Iterator[Path]:
    """A training of the default configuration that has passed its start."""
    subprocess.run(
        [SCRIPT, "--home", str(home), "start", "--wait"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=TRAINING_TIMEOUT_S,
    )
    try:
        yield home
    finally:
        stop = [SCRIPT, "--home", str(home), "stop"]
        subprocess.run(stop, check=True, stdout=subprocess.DEVNULL)


def _report_costs(commands: dict[str, list[str]], rounds: int, seconds: float) -> None:
    found: dict[str, list[Cost]] = defaultdict(list)
    for _ in range(rounds):
        for name, cost in _costs(commands, seconds).items():
            found[name].append(cost)

    def median(name: str, of: Callable[[Cost], float]) -> float:
        return statistics.median(of(cost) for cost in found[name])

    def cpu(cost: Cost) -> float:
        return cost.cpu_percent

    ours = {LIVE: "btop" if "btop" in found else None, STOPPED: None}
    for name, beside in ours.items():
        reference = f", reference {beside}" if beside else ""
        of_reference = median(beside, cpu) if beside else None
        report(f"screen {name}: CPU{reference}", median(name, cpu), "% of a core", of_reference)
        report(
            f"screen {name}: to the terminal{reference}",
            median(name, lambda cost: cost.bytes_per_s),
            "B/s",
            median(beside, lambda cost: cost.bytes_per_s) if beside else None,
        )
        report(f"screen {name}: paints", median(name, lambda cost: cost.paints_per_s), "1/s")
        report(f"screen {name}: memory", median(name, lambda cost: cost.memory_mb), "MB", None)
        growth = median(name, lambda cost: cost.growth_mb)
        report(f"screen {name}: memory gained in {seconds:.0f} s", growth, "MB")
    if "htop" in found:
        report("htop: CPU", median("htop", cpu), "% of a core")


def _costs(commands: dict[str, list[str]], seconds: float) -> dict[str, Cost]:
    pause = threading.Event()
    with ExitStack() as stack:
        terminals = {
            name: stack.enter_context(_terminal(command)) for name, command in commands.items()
        }
        for terminal in terminals.values():
            terminal.watch()
        while any(terminal.written_bytes < FIRST_BYTES for terminal in terminals.values()):
            pause.wait(0.1)
        pause.wait(SETTLING_S)
        before = {name: _seen(terminal) for name, terminal in terminals.items()}
        pause.wait(seconds)
        after = {name: _seen(terminal) for name, terminal in terminals.items()}
    costs = {}
    for name in commands:
        seconds, cpu_s, written, paints, gained_mb = (
            new - old for new, old in zip(after[name], before[name], strict=True)
        )
        costs[name] = Cost(
            cpu_percent=100.0 * cpu_s / seconds,
            bytes_per_s=written / seconds,
            paints_per_s=paints / seconds,
            memory_mb=after[name][-1],
            growth_mb=gained_mb,
        )
    return costs


def _seen(terminal: Terminal) -> tuple[float, float, int, int, float]:
    """Time and CPU time in s, bytes and paints so far, memory in MB."""
    cpu, memory = terminal.watched.cpu_times(), terminal.watched.memory_info()
    now_s = time.perf_counter()
    written, paints = terminal.written_bytes, terminal.paints
    return now_s, cpu.user + cpu.system, written, paints, memory.rss / 1e6


def _report_starts(month: Path, new: Path, rounds: int) -> None:
    programs = {
        "bare": ([sys.executable, "-c", BARE], "bare-label"),
        "new": (_tui(new), "landerctl start"),
        "month": (_tui(month), "Daemon stopped cleanly"),
    }
    took_s: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds + 1):
        for name, (command, text) in programs.items():
            with _terminal(command) as terminal:
                seconds = terminal.first(text)
            if turn > 0:  # the first fills the disk cache
                took_s[name].append(seconds)
    bare_s, new_s, month_s = (statistics.median(took_s[name]) for name in programs)
    beside = "reference a bare Textual program"
    report(f"screen of a new home: first useful paint, {beside}", new_s, "s", bare_s)
    report(f"screen of a home of a month: first useful paint, {beside}", month_s, "s", bare_s)


if __name__ == "__main__":
    main()
