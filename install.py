"""Installs this checkout into a virtual environment: `python install.py FOLDER [--dev]`.

Shows what pip does as one line on a terminal, as a few lines elsewhere; pip's whole output is in
FOLDER/install.log. What an interrupted installation has left is continued, or made again if that
cannot be. Needs only the standard library.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO

ROOT = Path(__file__).parent
PYTHONS = ((3, 11), (3, 13))
WHEELS = 80
SIZES = f"about {WHEELS} packages, 450 MB to download, 1.8 GB on disk"
CUDA = "(several GB where torch comes as its CUDA build)"
PACKAGES = ("landerctl", "checks", "daemon", "env")
AGAIN = "the same command continues from here"
REDRAW_S = 0.5
LARGE_MB = 10.0  # without a terminal only larger downloads get a line
ERROR_LINES = 12
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_UNITS_MB = {"B": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_WHEEL = re.compile(
    r"\s*(?:Downloading|Using cached|Processing) (?:\S*/)?([\w.]+)-(\S+?)-\S+\.whl(?!\.metadata)"
    r"(?: \(([\d.]+) (\w+)\))?"
)
_PART = re.compile(r".*?([\d.]+)/([\d.]+) (\w?B)\b")
_INSTALLING = re.compile(r"Installing collected packages: (.*)")


class Installation:
    """What pip's output has said so far."""

    def __init__(self) -> None:
        self.package = ""
        self.size_mb = self.part_mb = 0.0  # of that package
        self.earlier_mb = 0.0  # of those before it
        self.wheels = 0
        self.installing = 0  # packages; 0: not that far

    def read(self, line: str) -> bool:
        """Take in a line or a frame of a progress bar; True if it begins something new."""
        if wheel := _WHEEL.match(line):
            name, _version, size, unit = wheel.groups()
            self.earlier_mb += self.part_mb
            self.wheels += 1
            self.package, self.part_mb = name.replace("_", "-"), 0.0
            self.size_mb = float(size) * _UNITS_MB.get(unit, 0.0) if size else 0.0
            if line.lstrip().startswith("Using cached"):
                self.size_mb = 0.0
            return True
        if names := _INSTALLING.match(line):
            self.installing = len(names.group(1).split(","))
            return True
        if part := _PART.match(line):
            self.part_mb = float(part.group(1)) * _UNITS_MB.get(part.group(3), 0.0)
        return False

    @property
    def downloaded_mb(self) -> float:
        """In all, so far."""
        return self.earlier_mb + self.part_mb

    def text(self, installed: int) -> str:
        """The current activity; `installed`: packages in place."""
        if self.installing:
            return f"installing {min(installed, self.installing)} of {self.installing} packages"
        if not self.wheels:
            return "looking up the packages"
        of = f" {self.part_mb:.0f} of {self.size_mb:.0f} MB" if self.size_mb >= 1.0 else ""
        done = f"{self.wheels} of about {WHEELS} packages, {self.downloaded_mb:.0f} MB"
        return f"{done}: {self.package}{of}"


def install(folder: Path, *, dev: bool) -> int:
    """Install into `folder`; returns an exit code."""
    began_s = time.monotonic()
    print(f"Setting up {folder}" + (" for tests" if dev else f", once: {SIZES}\n{CUDA}"))
    python = folder / "bin" / "python"
    if not _has_pip(python) and not _make_environment(folder):
        return 1
    packages = next((folder / "lib").glob("python3*/site-packages"))
    forget_unfinished(packages)
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--constraint", str(ROOT / "constraints.txt")]
    command += ["--editable", f"{ROOT}{'[dev]' if dev else ''}"]
    log = folder / "install.log"
    # Its bars also without a terminal: we draw them.
    environment = {**os.environ, "FORCE_COLOR": "1", "PIP_PROGRESS_BAR": "on", "COLUMNS": "100"}
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        ) as pip,
    ):
        assert pip.stdout is not None
        try:
            state = _follow(pip.stdout, file, packages, began_s)
        except KeyboardInterrupt:
            pip.terminate()
            raise
    if pip.returncode < 0:
        print(f"pip was killed by signal {-pip.returncode}; {AGAIN}", file=sys.stderr)
        return 1
    if pip.returncode:
        lines = log.read_text(errors="replace").splitlines()
        print(*(_ESCAPES.sub("", line) for line in lines[-ERROR_LINES:]), sep="\n", file=sys.stderr)
        print(f"pip failed (exit code {pip.returncode}); all it said is in {log}", file=sys.stderr)
        return 1
    # The sources stay where they are: without this the first start would translate them.
    sources = [str(ROOT / name) for name in PACKAGES]
    subprocess.run([str(python), "-m", "compileall", "-qq", *sources], check=False)
    print(
        f"Installed in {time.monotonic() - began_s:.0f} s, {state.downloaded_mb:.0f} MB downloaded",
        flush=True,
    )
    return 0


def forget_unfinished(packages: Path) -> None:
    """Remove the records of packages whose installation was cut short: pip installs them again.

    pip takes any record for a whole package, and writes the file INSTALLER after all others.
    """
    for record in packages.glob("*.dist-info"):
        if not (record / "INSTALLER").exists():
            shutil.rmtree(record)


def _has_pip(python: Path) -> bool:
    """Whether the virtual environment is whole; an interrupted or outdated one is not."""
    try:
        command = [str(python), "-m", "pip", "--version"]
        found = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return False
    return found.returncode == 0


def _make_environment(folder: Path) -> bool:
    """Make the virtual environment, in place of what is there; False after a line that says why."""
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        print("landerctl needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 ...")
        return False
    print("  making the virtual environment", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, check=False).returncode:
        print(f"{folder} could not be made by `{' '.join(command)}`", file=sys.stderr)
        return False
    return True


def _follow(output: IO[bytes], log: IO[bytes], packages: Path, began_s: float) -> Installation:
    state, rest = Installation(), b""
    terminal = sys.stdout.isatty()
    before = _installed(packages)
    with DefaultSelector() as selector:
        selector.register(output, EVENT_READ)
        while True:
            if selector.select(REDRAW_S):
                chunk = os.read(output.fileno(), 65536)
                if not chunk:
                    break
                log.write(chunk)
                *lines, rest = re.split(rb"[\r\n]", rest + chunk)
                for line in lines:
                    began = state.read(_ESCAPES.sub("", line.decode(errors="replace")))
                    if began and not terminal and _is_large(state):
                        print(f"  {_elapsed(began_s)}  {_announcement(state)}", flush=True)
            if terminal:
                text = f"  {_elapsed(began_s)}  {state.text(_installed(packages) - before)}"
                columns = shutil.get_terminal_size().columns
                print(f"\r\033[K{text[: columns - 1]}", end="", flush=True)
    if terminal:
        print("\r\033[K", end="")
    return state


def _installed(packages: Path) -> int:
    return sum(1 for _ in packages.glob("*.dist-info/INSTALLER"))


def _is_large(state: Installation) -> bool:
    return bool(state.installing) or state.size_mb >= LARGE_MB


def _announcement(state: Installation) -> str:
    if state.installing:
        return f"installing {state.installing} packages"
    return f"downloading {state.package} ({state.size_mb:.0f} MB)"


def _elapsed(began_s: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - began_s), 60)
    return f"{minutes}:{seconds:02d}"


def main() -> int:
    """Install; Ctrl-C and SIGTERM end pip as well."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return install(Path(sys.argv[1]), dev="--dev" in sys.argv[2:])
    except KeyboardInterrupt:
        print(f"\nInterrupted; {AGAIN}", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
