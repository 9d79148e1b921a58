"""What a user reads where Basilisk is not installed: asked of a process that cannot find it."""

from __future__ import annotations

import subprocess
import sys

from daemon.protocol.finding import Figures, Finding
from daemon.trainer.commands.drills.work import Work

TIMEOUT_S = 120.0
# The import system's own search, with neither the package nor its metadata in what it finds.
_WITHOUT_BASILISK = """\
import importlib.machinery, runpy, sys
class Search(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] == "Basilisk" else super().find_spec(name, path, target)
    @classmethod
    def find_distributions(cls, *context):
        return (one for one in super().find_distributions(*context) if one.name != "bsk")
found = sys.meta_path.index(importlib.machinery.PathFinder)
sys.meta_path[found] = Search
sys.argv[1:] = ["selftest"]
runpy.run_module("daemon.trainer", run_name="__main__", alter_sys=True)
"""


def import_without_basilisk(work: Work) -> Finding:
    """Run the self-test without Basilisk: it fails, and says in one line what to install."""
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _WITHOUT_BASILISK],
            cwd=work.folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("import-errors", None, f"it did not end within {TIMEOUT_S:g} s")
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    said = lines[-1] if lines else "nothing"
    clear = len(lines) == 1 and "Basilisk is not installed" in said and "pip install" in said
    figures: Figures = {"exit_code": ended.returncode, "lines": len(lines)}
    clear = clear and ended.returncode != 0
    return Finding("import-errors", clear, f"without Basilisk it says: {said}", figures)
