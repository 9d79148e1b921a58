"""The actor of one trial: runs in a Ray worker on the trial's node and holds the trial's pipe.

Ray calls its methods one after the other; none waits. Arguments and results are bytes of JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from typing import IO

import msgspec
import ray
from msgspec import Struct
from msgspec.structs import replace

from daemon.base.malformed import MALFORMED
from daemon.sweeps.engines.engine import TrialOrder, TrialReport, decode_order, encode_order
from daemon.sweeps.engines.ray.placing import Placed, Placement
from daemon.sweeps.engines.ray.versions import Versions, versions_here

PLACING = (sys.executable, "-m", "daemon.sweeps.engines.ray.placing")
TRIAL = (sys.executable, "-m", "daemon.sweeps.trial")
# When a worker ends, Ray kills its children at once, but not theirs. Below a shell that waits, the
# trial outlives the worker for as long as it takes to save: it ends since its pipe is closed.
_BELOW_A_SHELL = ("/bin/sh", "-c", '"$@"; exit $?', "sh")


class Answer(Struct, frozen=True, kw_only=True):
    """What an actor answers when it is asked."""

    node_id: str
    report: TrialReport  # the newest; its place is the home's folder
    versions: Versions | None = None  # the node's, where they differ from the coordinator's


class TrialActor:
    """Runs one leg of a trial in a process on this node."""

    def __init__(self, placement: bytes, versions: bytes) -> None:
        """`placement`: a Placement; `versions`: the coordinator's Versions."""
        order = decode_order(msgspec.json.decode(placement, type=Placement).order.encode())
        self._node_id: str = ray.get_runtime_context().get_node_id()
        self._report = TrialReport(
            trial=order.trial, epoch=order.epoch, steps=0, metrics={}, reason="is being placed"
        )
        self._lock = threading.Lock()  # over the three below
        self._stopping = False
        self._process: subprocess.Popen[bytes] | None = None
        here = versions_here()
        self._versions = here if here != msgspec.json.decode(versions, type=Versions) else None
        if self._versions is None:
            threading.Thread(target=self._run, args=(placement,), daemon=True).start()

    def report(self) -> bytes:
        """An Answer."""
        return msgspec.json.encode(
            Answer(node_id=self._node_id, report=self._report, versions=self._versions)
        )

    def stop(self) -> None:
        """Let the trial save and end."""
        with self._lock:
            self._stopping = True
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()

    def _run(self, placement: bytes) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
        with tempfile.TemporaryFile() as errors:
            try:
                order = _placed(placement, environment, errors)
                self._carry_out(order, environment, errors)
            except _EndedError as error:
                self._report = replace(self._report, ended="crashed", reason=str(error))
            except OSError as error:
                reason = f"{error.filename}: {error.strerror}"
                self._report = replace(self._report, ended="crashed", reason=reason)

    def _carry_out(self, order: TrialOrder, environment: dict[str, str], errors: IO[bytes]) -> None:
        with self._lock:
            if self._stopping:
                self._report = replace(self._report, ended="stopped", reason="stopped")
                return
            process = subprocess.Popen(
                [*_BELOW_A_SHELL, *TRIAL],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
            self._process = process
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(encode_order(order))
            process.stdin.flush()
        self._report = replace(self._report, place=str(order.home), reason="starting")
        for line in process.stdout:
            try:
                report = msgspec.json.decode(line, type=TrialReport)
            except MALFORMED:
                continue  # what a library prints
            self._report = replace(report, place=str(order.home))
        code = process.wait()
        if self._report.ended is None:
            raise _EndedError(f"the trial's process ended with code {code}: {_last_line(errors)}")


class _EndedError(Exception):
    """Why there is no trial's process any more."""


def _placed(placement: bytes, environment: dict[str, str], errors: IO[bytes]) -> TrialOrder:
    done = subprocess.run(
        PLACING,
        input=placement,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
        cwd="/",
        check=False,
    )
    try:
        placed = msgspec.json.decode(done.stdout, type=Placed)
    except MALFORMED:
        raise _EndedError(f"the node could not be prepared: {_last_line(errors)}") from None
    if placed.problem:
        raise _EndedError(placed.problem)
    return decode_order(placed.order.encode())


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4096))
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
