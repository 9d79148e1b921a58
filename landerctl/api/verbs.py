"""Changes what runs: each is the command of that name, in a process of its own.

A command forks a daemon and handles signals, which must not happen inside a notebook with threads.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from landerctl.api.errors import Error

_PREFIX = "landerctl: "
_log = logging.getLogger("landerctl.api")


def run_verb(home: Path, config: Sequence[Path], verb: Sequence[str]) -> str:
    """Run a command, a verb and its options; returns its output. Raises Error.

    What it says besides, on standard error, is logged as it comes, as information.
    """
    where = [f"--home={home}", *(f"--config={file}" for file in config)]
    said = [f"landerctl {verb[0]} ended without a message"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "landerctl", *verb, *where],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stderr:
            said.append(line.strip())
            _log.info("%s", said[-1])
        output = process.stdout.read()  # a few lines, so nobody has waited for it
    if process.returncode != 0:
        error = next((line for line in reversed(said) if line.startswith(_PREFIX)), said[-1])
        raise Error(error.removeprefix(_PREFIX), process.returncode)
    return output


def options(**values: str | int | None) -> list[str]:
    """The options of these names that have a value."""
    return [
        f"--{name.replace('_', '-')}={value}" for name, value in values.items() if value is not None
    ]


def assignments(settings: Mapping[str, object]) -> list[str]:
    """The options --set. Numbers, texts, truth values and lists are the same in JSON and TOML.

    But for characters beyond U+FFFF, which JSON's escapes write as two.
    """
    return [
        f"--set={name}={json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()
    ]


def roll_back(home: Path, config: Sequence[Path], which: Sequence[str], reason: str) -> str:
    """Roll back; returns the id of the checkpoint that is the newest then. Raises Error."""
    verb = ["rollback", *which, f"--note={reason}", "--yes", "--json"]
    return str(json.loads(run_verb(home, config, verb))["checkpoint"])
