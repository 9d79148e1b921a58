"""Compiles an exported C file with the machine's compiler, and calls it."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from daemon.trainer.export.formats.c99.names import FUNCTION
from daemon.trainer.health.errors import UnusableError

COMPILERS = ("cc", "gcc", "clang")
# What the file promises; a warning is an error.
FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
_PROTOTYPE = re.compile(rb"\(const float observation\[(\d+)\], float action\[(\d+)\]\);")
_TIMEOUT_S = 120.0
_TIMED_STEPS = 50  # in a row, so that the call from Python does not count
_BATCH = f"""\
void {FUNCTION}(const float observation[], float action[]);
void act_on_each(const float *observations, float *actions, long count, long inputs, long outputs);

void act_on_each(const float *observations, float *actions, long count, long inputs, long outputs)
{{
    long k;

    for (k = 0; k < count; ++k) {{
        {FUNCTION}(observations + k * inputs, actions + k * outputs);
    }}
}}
"""


class CompilerError(UnusableError):
    """This machine cannot compile the file or load it, so that it cannot be verified."""


def find_compiler() -> list[str]:
    """The command of a C compiler: $CC, else the first of COMPILERS. Raises CompilerError."""
    if named := os.environ.get("CC", "").split():
        return named
    for name in COMPILERS:
        if path := shutil.which(name):
            return [path]
    raise CompilerError(
        f"no C compiler found ({', '.join(COMPILERS)}) to verify C with; install one, or set CC"
    )


def compile_c(arguments: Sequence[str], output: Path) -> None:
    """Compile to `output` with FLAGS. Raises CompilerError with its first complaint."""
    compiler = find_compiler()
    command = [*compiler, *FLAGS, *arguments, "-lm", "-o", str(output)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env=os.environ | {"LC_ALL": "C"},  # the complaint is looked for in English
        )
    except OSError as error:
        raise CompilerError(f"{compiler[0]}: {error.strerror}; install one, or set CC") from error
    except subprocess.TimeoutExpired as error:
        raise CompilerError(f"{compiler[0]}: not done after {_TIMEOUT_S:g} s") from error
    if done.returncode != 0:
        complaints = [line for line in done.stderr.splitlines() if "error" in line]
        raise CompilerError(f"{compiler[0]}: {(complaints or [done.stderr.strip()])[0]}")


class CompiledPolicy:
    """An exported C file as a shared library in this process."""

    def __init__(self, content: bytes) -> None:
        """Compile and load. Raises CompilerError."""
        found = _PROTOTYPE.search(content)
        if found is None:
            raise CompilerError(f"no declaration of {FUNCTION}()")
        self._sizes = int(found[1]), int(found[2])
        with tempfile.TemporaryDirectory(prefix="landerctl-export-") as name:
            folder = Path(name)
            source, batch, library = (
                folder / file for file in ("policy.c", "batch.c", "policy.so")
            )
            source.write_bytes(content)
            batch.write_text(_BATCH)
            compile_c([str(source), str(batch), "-shared", "-fPIC"], library)
            try:
                self._act_on_each = ctypes.CDLL(str(library)).act_on_each
            except OSError as error:
                raise CompilerError(f"the compiled policy cannot be loaded: {error}") from error
        floats = np.ctypeslib.ndpointer(np.float32, ndim=2, flags="C_CONTIGUOUS")
        self._act_on_each.argtypes = [floats, floats, *[ctypes.c_long] * 3]
        self._act_on_each.restype = None

    def __call__(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Actions (N, A) for raw observations (N, O), one call of the policy for each."""
        n_observations, n_actions = self._sizes
        given = np.ascontiguousarray(observations, np.float32)
        assert given.shape == (len(given), n_observations)
        actions = np.empty((len(given), n_actions), np.float32)
        self._act_on_each(given, actions, len(given), n_observations, n_actions)
        return actions

    def step_us(self, observations: npt.NDArray[np.float32]) -> float:
        """Time of one step (microseconds): the least of many loops, as on an idle machine."""
        took_s = []
        for first in range(0, len(observations), _TIMED_STEPS):
            steps = observations[first : first + _TIMED_STEPS]
            began_s = time.perf_counter()
            self(steps)
            took_s.append((time.perf_counter() - began_s) / len(steps))
        return 1e6 * min(took_s)
