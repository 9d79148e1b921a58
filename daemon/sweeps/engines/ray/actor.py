"""The actor of one trial: runs in a Ray worker on the trial's node and holds the trial's pipe.

Ray calls its methods one after the other; none waits. Arguments and results are bytes of JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import msgspec
import ray
from msgspec import Struct
from msgspec.structs import replace

from daemon.base.malformed import MALFORMED
from daemon.sweeps.engines.engine import TrialOrder, TrialReport, decode_order
from daemon.sweeps.engines.local.child import TrialChild
from daemon.sweeps.engines.ray.placing import Placed, Placement
from daemon.sweeps.engines.ray.versions import Versions, versions_here

PLACING = (sys.executable, "-P", "-m", "daemon.sweeps.engines.ray.placing")
# When a worker ends, Ray kills its children at once, but not theirs. Below a shell that waits, the
# trial outlives the worker for as long as it takes to save: it ends since its pipe is closed. The
# shell ends as the trial did, by the same signal.
BELOW_A_SHELL = (
    *("/bin/sh", "-c"),
    '"$@"; code=$?; [ $code -gt 128 ] && kill -$((code - 128)) $$; exit $code',
    "sh",
)


class Answer(Struct, frozen=True, kw_only=True):
    """What an actor answers when it is asked."""

    node_id: str
    report: TrialReport  # the newest
    versions: Versions | None = None  # the node's, where they differ from the coordinator's


class TrialActor:
    """Runs one leg of a trial in a process on this node."""

    def __init__(self, placement: bytes, versions: bytes) -> None:
        """`placement`: a Placement; `versions`: the coordinator's Versions."""
        self._placement = msgspec.json.decode(placement, type=Placement)
        order = decode_order(self._placement.order.encode())
        self._node_id: str = ray.get_runtime_context().get_node_id()
        self._report = TrialReport(
            trial=order.trial, epoch=order.epoch, steps=0, metrics={}, reason="is being placed"
        )
        self._environ = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
        self._lock = threading.Lock()  # over what the thread changes: the three below
        self._child: TrialChild | None = None
        self._stopping = False
        here = versions_here()
        self._versions = here if here != msgspec.json.decode(versions, type=Versions) else None
        if self._versions is None:
            threading.Thread(target=self._place, args=(placement,), daemon=True).start()

    def report(self) -> bytes:
        """An Answer."""
        with self._lock:
            if self._child is not None:
                self._report = self._child.look() or self._report
            answer = Answer(node_id=self._node_id, report=self._report, versions=self._versions)
        return msgspec.json.encode(answer)

    def stop(self) -> None:
        """Let the trial save and end."""
        with self._lock:
            self._stopping = True
            if self._child is not None:
                self._child.stop()

    def _place(self, placement: bytes) -> None:
        try:
            order = _placed(placement, self._environ)
            with self._lock:
                if self._stopping:
                    self._report = replace(self._report, ended="stopped", reason="stopped")
                    return
                self._child = TrialChild(
                    order,
                    [*BELOW_A_SHELL, sys.executable, *self._placement.trial],
                    self._environ,
                    os.nice(0),
                )
                self._report = replace(self._child.newest, reason="starting")
        except _CannotBePlacedError as error:
            self._cannot(str(error))
        except OSError as error:
            self._cannot(f"{error.filename}: {error.strerror}")

    def _cannot(self, reason: str) -> None:
        with self._lock:
            self._report = replace(self._report, ended="crashed", reason=reason)


class _CannotBePlacedError(Exception):
    """The node cannot take the trial. The message is one line for the user."""


def _placed(placement: bytes, environ: dict[str, str]) -> TrialOrder:
    """The order as it is to be carried out here. Raises _CannotBePlacedError, OSError."""
    done = subprocess.run(
        PLACING, input=placement, capture_output=True, env=environ, cwd="/", check=False
    )
    try:
        placed = msgspec.json.decode(done.stdout, type=Placed)
        if not placed.problem:
            return decode_order(placed.order.encode())
    except MALFORMED:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        placed = Placed(problem=f"the node could not be prepared: {(lines or ['no reason'])[-1]}")
    raise _CannotBePlacedError(placed.problem)
