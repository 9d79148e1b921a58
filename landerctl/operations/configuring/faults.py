"""What is wrong with the text of a configuration file."""

from __future__ import annotations

from pathlib import Path

from daemon.config import ConfigError
from daemon.config.load import file_layer, layered_faults


def faults_of(path: Path, text: str) -> list[str]:
    """A line for each fault, ``line 3: ...``, as if the file had this text; without secrets."""
    try:
        _, faults = layered_faults([file_layer(path, text)])
    except ConfigError as error:  # no TOML
        return [str(error).removeprefix(f"{path}: ")]
    numbered = [(fault.origin.line, fault.text) for fault in faults]
    return [text if line is None else f"line {line}: {text}" for line, text in numbered]
