"""What is wrong with the text of a configuration file."""

from __future__ import annotations

from pathlib import Path

from landerctl.operations.configuring.validation import all_faults


def faults_of(path: Path, text: str) -> list[str]:
    """A line for each fault, ``line 3: ...``, as if the file had this text; without secrets."""
    faults, _ = all_faults([path], texts={path: text})
    lines = [
        (fault.origin.line, fault.one_line.removeprefix(f"{fault.origin}: ")) for fault in faults
    ]
    return [text if line is None else f"line {line}: {text}" for line, text in lines]
