"""`make bench`: benchmarks in turn, each in a new process; records their figures.

Prints the figures, one JSON object a line, writes them to docs/benchmarks.json, and from there into
the documents.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import msgspec

from benchmarks import record
from benchmarks.figures import write_pages

MODULES = (
    "startup",
    "first_start",
    "fleet",
    "training",
    "scaling",
    "memory",
    "store",
    "runs",
    "checklist",
    "screen",
    "backup",
    "soak",
    "sweep_scale",
    "sweep_throughput",
    "sweep_kill",
    "pilot",
    "policy_step",
    "optimum",
)


def main() -> int:
    """Run the named benchmarks, or all; returns the exit code of the first that failed, or 0."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("modules", nargs="*", help=f"of {', '.join(MODULES)}; default: all")
    parser.add_argument("--note", default="", help="what else the machine is doing")
    arguments = parser.parse_args()
    if unknown := set(arguments.modules) - set(MODULES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for module in arguments.modules or MODULES:
        code = _run(module, arguments.note)
        if code != 0:
            print(f"benchmarks.{module} failed", file=sys.stderr)
            return code
    write_pages()
    return 0


def _run(module: str, note: str) -> int:
    command = [sys.executable, "-m", f"benchmarks.{module}"]
    figures = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            figures.append(msgspec.json.decode(line, type=record.Figure))
    if process.returncode == 0:
        record.save(module, figures, note)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
