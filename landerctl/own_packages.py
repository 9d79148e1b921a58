"""Judges whether `daemon`, `env` and `checks` are landerctl's own packages.

The names are common ones: python-daemon is imported as `daemon` too, and a script that is called
env.py may come first on Python's path. Uses os.path: pathlib is slow to import.
"""

from __future__ import annotations

import os
import sys

from landerctl.exitcodes import Exit

NAMES = ("daemon", "env", "checks")
MARK = b"landerctl"  # is in the docstring of each, within its first bytes
HEAD_BYTES = 400
ROOT = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - as it is on the path
CHECK_UNKNOWN = 3
REINSTALL = "`pip install --force-reinstall --no-deps landerctl`"


def require_own_packages() -> None:
    """End the process after one line where another package is in place of ours."""
    text = find_shadowed()
    if not text:
        return
    checking = "check" in sys.argv[1:]
    if checking:  # what a monitoring system reads
        print(f"LANDERCTL UNKNOWN - {text}")
    print(f"landerctl: {text}", file=sys.stderr)
    sys.exit(CHECK_UNKNOWN if checking else Exit.CONFIG)


def find_shadowed() -> str:
    """One line on the first package that is not ours, with what to do; empty if all are."""
    for name in NAMES:
        own = os.path.join(ROOT, name, "__init__.py")  # noqa: PTH118
        found = _origin(name)
        if found is None:
            return f"{own}: landerctl's package {name!r} is damaged: {REINSTALL}"
        if found != own:
            return (
                f"{found}: comes before landerctl's package {name!r} on Python's path: "
                f"{_removal(found)}, take its folder off PYTHONPATH, or start landerctl in "
                "another folder"
            )
        with open(own, "rb") as file:  # noqa: PTH123
            if MARK not in file.read(HEAD_BYTES):
                return (
                    f"{own}: another package has replaced landerctl's package {name!r}: "
                    f"{_removal(own)}, then {REINSTALL}"
                )
    return ""


def _origin(name: str) -> str | None:
    """The file that `import name` would load; None for a folder without an __init__.py."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        if find is not None and (spec := find(name, None)) is not None:
            return str(spec.origin) if spec.has_location else None
    return None


def _removal(found: str) -> str:
    of_python_daemon = os.path.join(os.path.dirname(found), "pidfile.py")  # noqa: PTH118, PTH120
    if os.path.exists(of_python_daemon):  # noqa: PTH110
        return "`pip uninstall python-daemon`"
    return "rename or remove it"
