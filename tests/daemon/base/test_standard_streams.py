"""Processes that are started with closed descriptors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.daemon.harness import ROOT, Home

CLOSED = ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")
OPENS = """
import os, subprocess, sys
from pathlib import Path
from daemon.base.standard_streams import hold_standard_streams
hold_standard_streams()
with open(sys.argv[1], "w") as file:
    print("lost")
    print("lost", file=sys.stderr, flush=True)
    os.write(file.fileno(), f"{file.fileno() > 2} {sys.stdin.read()!r}".encode())
    subprocess.run(["readlink", *(f"/proc/self/fd/{n}" for n in range(3))], stdout=file.fileno())
    os.write(file.fileno(), os.readlink("/proc/self/fd/1").encode())
    # Closed output is opened for reading: what is written there is no success.
    try:
        sys.stdout.flush()
    except OSError as error:
        os.write(file.fileno(), f" {error.strerror}".encode())
os._exit(0)
"""


def test_no_file_gets_a_standard_descriptor_and_programs_inherit_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    command = [*CLOSED, sys.executable, "-c", OPENS, str(file)]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0
    own, error, output = "/dev/null", "/dev/null", str(file)
    assert file.read_text() == f"True ''{own}\n{output}\n{error}\n/dev/null Bad file descriptor"


def test_a_supervisor_opens_closed_descriptors_before_its_files(home: Home) -> None:
    command = [*CLOSED, sys.executable, "-m", "tests.daemon.supervise_fake"]
    command += ["--home", str(home.paths.home), "--run", home.run.id, "--"]
    daemon = subprocess.Popen(command, cwd=ROOT)
    home.daemons.append(daemon)
    home.event("trainer.running")
    used = [Path(f"/proc/{daemon.pid}/fd/{number}").readlink() for number in range(3)]
    assert used == [Path("/dev/null")] * 3
    home.stop(daemon)
