"""`landerctl version`."""

from __future__ import annotations

from importlib.metadata import version as installed

from landerctl.cli.shared.session import examples
from landerctl.exitcodes import Exit

EXAMPLES = examples("landerctl version")


def text() -> str:
    """Name and version of the installed package."""
    return f"landerctl {installed('landerctl')}"


def version() -> int:
    """Print the version."""
    print(text())
    return Exit.OK
