"""Every verb of the program."""

from __future__ import annotations

from typing import Any

import typer

from landerctl.cli.app import app


def leaves() -> dict[str, Any]:
    """What a user can run, such as `backup` and `backup verify`, and its command."""
    found: dict[str, Any] = {}

    def walk(name: str, command: Any) -> None:
        children: dict[str, Any] = getattr(command, "commands", {})
        if name and (not children or command.invoke_without_command):
            found[name] = command
        for child, one in children.items():
            walk(f"{name} {child}".strip(), one)

    walk("", typer.main.get_command(app))
    return found
