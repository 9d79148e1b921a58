"""`python -m tests.landerctl.drills.sample_drill HOME`: conducts a drill that tests can kill.

It fills its scratch folder, starts a process that would run for ever, and reports each step on
standard output; it goes on once a line arrives on standard input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.protocol.finding import Finding
from landerctl.drills.conduct import conduct
from landerctl.drills.model import DrillContext, DrillKind
from landerctl.drills.scratch.folder import drills_lock
from landerctl.drills.scratch.leash import leashed

STEPS = 10
# It starts a process with a group of its own, as a supervisor does.
SLEEPER = (
    "import subprocess, sys; "
    "subprocess.run([sys.executable, '-c', {inner!r}], start_new_session=True)"
)
INNER = "import os, sys, time; open({pid!r}, 'w').write(str(os.getpid())); time.sleep(1000)"


def _step(text: str) -> None:
    print(text, flush=True)
    sys.stdin.readline()


def _conduct(context: DrillContext) -> Iterator[Finding]:
    _step("1 scratch")
    tree = context.scratch / "home" / "runs" / "run"
    tree.mkdir(parents=True)
    _step("2 tree")
    for number in range(20):
        (tree / f"checkpoint-{number}").write_bytes(b"x" * 10_000)
    _step("3 files")
    pid = context.scratch / "pid"
    inner = INNER.format(pid=str(pid))
    command = [sys.executable, "-c", SLEEPER.format(inner=inner)]
    with leashed(command, context.scratch / "log"):
        _step("4 leashed")
        yield Finding("first", True, "measured")
        _step("5 found")
        context.report("half of it", 0.5)
        _step("6 reported")
        yield Finding("second", True, "measured", {"figure": 1.0})
        _step("7 all found")
    _step("8 unleashed")


KIND = DrillKind("sample", "be killed", ("first", "second"), 1.0, _conduct)


def main() -> None:
    """Conduct it once."""
    paths = StatePaths(Path(sys.argv[1]))
    _step("0 begun")
    with drills_lock(paths):
        conduct(
            KIND,
            paths,
            load_config(None).config,
            report=lambda _text, _share: None,
            found=lambda _finding: None,
        )
        _step("9 recorded")


if __name__ == "__main__":
    main()
