"""`make bench`: every benchmark in turn, each in a new process."""

from __future__ import annotations

import subprocess
import sys

MODULES = (
    "startup",
    "first_start",
    "fleet",
    "training",
    "memory",
    "store",
    "backup",
    "soak",
    "pilot",
)


def main() -> int:
    """Run all; returns the exit code of the first that failed, or 0."""
    for module in MODULES:
        ended = subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False)
        if ended.returncode != 0:
            print(f"benchmarks.{module} failed", file=sys.stderr)
            return ended.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
