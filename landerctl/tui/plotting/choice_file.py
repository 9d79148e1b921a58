"""The file that remembers what the plots of a state folder showed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from daemon.base.files import write_atomically
from landerctl.tui.plotting.choice import PlotChoice

_MOST_BYTES = 100_000


class _Remembered(msgspec.Struct, frozen=True):
    plots: dict[str, PlotChoice]  # by the panel's name


class DamagedChoicesError(Exception):
    """The file is there but cannot be used. The message is one line for the user."""


def read_choices(path: Path) -> Mapping[str, PlotChoice]:
    """The choices by the panels' names; empty without a file. Raises DamagedChoicesError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES)
        return msgspec.json.decode(content, type=_Remembered).plots
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedChoicesError(
            f"{path.name} cannot be used ({error}); the plots begin as usual, the next choice "
            "replaces it"
        ) from error


def write_choices(path: Path, choices: Mapping[str, PlotChoice]) -> None:
    """Replace the file as a whole, mode 0600. Raises OSError."""
    write_atomically(path, msgspec.json.encode(_Remembered(dict(choices))) + b"\n")
