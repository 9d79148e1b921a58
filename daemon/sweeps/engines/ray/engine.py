"""The engine that runs trials on a Ray cluster: an actor a trial."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

import msgspec
import ray
from msgspec.structs import replace
from ray.exceptions import ActorUnavailableError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from daemon.base.files import write_atomically
from daemon.sweeps.engines.engine import EngineError, TrialOrder, TrialReport, encode_order
from daemon.sweeps.engines.ray import capacity, cluster
from daemon.sweeps.engines.ray.actor import Answer, TrialActor
from daemon.sweeps.engines.ray.placing import Placement
from daemon.sweeps.engines.ray.requirements import WITHOUT_BACKUP, check_requirements
from daemon.sweeps.engines.ray.versions import difference, versions_here
from daemon.sweeps.paths import SweepPaths
from daemon.sweeps.spec.schema import SweepSpec
from daemon.sweeps.store.sweep_store import SweepStore

KEY_FILE = "ray-key"  # in the sweep's folder
CLOSE_POLL_S = 0.2
CLOSE_S = 600.0  # a node that hangs, or a backup target, must not hold up the end for ever
TRIAL = ("-P", "-m", "daemon.sweeps.trial")  # Python's arguments, on each node


@dataclass
class _Outstanding:
    """A trial that was given to Ray, until its end is reported."""

    order: TrialOrder
    actor: Any
    answer: Any  # the reference to an answer that is awaited
    report: TrialReport
    node: str = ""  # its name, once the actor has answered


class RayEngine:
    """Runs trials on the nodes of a cluster. Ray must be installed."""

    name = "ray"

    def __init__(
        self,
        sweep: SweepPaths,
        spec: SweepSpec,
        address: str | None = None,
        trial: Sequence[str] = TRIAL,
    ) -> None:
        """Connect to the cluster and compare its nodes' versions with those here.

        Raises EngineError, OSError.
        """
        address = address or os.environ.get("RAY_ADDRESS")
        check_requirements(spec, address)
        self._sweep, self._spec, self._trial = sweep, spec, tuple(trial)
        self._key = f"{sweep.id}-{_sweep_key(sweep)}"
        self._versions = versions_here()
        self._outstanding: dict[int, _Outstanding] = {}
        self._ended: list[TrialReport] = []
        self._last_node: dict[int, str] = {}
        self._names: dict[str, str] = {}  # of nodes, by their ids
        self._refused = ""
        cluster.connect(address)
        try:
            cluster.check_versions([node for node in cluster.nodes() if self._places(node)])
        except EngineError:
            ray.shutdown()
            raise
        self._actor_class: Any = ray.remote(TrialActor)

    def slots(self) -> int:
        """How many trials may be with Ray at once. Raises EngineError."""
        if self._refused:  # until no node differs any more
            cluster.check_versions([node for node in cluster.nodes() if self._places(node)])
            self._refused = ""
        limits = self._spec.limits
        return capacity.slots(cluster.nodes(), limits.threads, limits.memory_mb, limits.parallel)

    def start(self, order: TrialOrder) -> None:
        """Ask Ray for a place for a trial. Raises EngineError."""
        ray_settings = self._spec.ray
        placement = Placement(
            order=encode_order(order).decode(),
            sweep_key=self._key,
            backup=ray_settings.backup,
            options_file=ray_settings.options_file,
            homes=ray_settings.homes,
            trial=self._trial,
        )
        node_id = self._node_with_home(order.trial)
        try:
            actor = self._actor_class.options(
                num_cpus=order.threads,
                memory=order.memory_mb * capacity.MIB,
                max_restarts=0,
                max_task_retries=0,
                # Where its home is, if that node still lives, even if it has to wait there.
                scheduling_strategy=(
                    NodeAffinitySchedulingStrategy(node_id, soft=True) if node_id else "DEFAULT"
                ),
            ).remote(msgspec.json.encode(placement), msgspec.json.encode(self._versions))
            answer = actor.report.remote()
        except RayError as error:
            raise EngineError(f"Ray did not take trial {order.trial}: {error}") from None
        report = TrialReport(trial=order.trial, epoch=order.epoch, steps=0, metrics={})
        self._outstanding[order.trial] = _Outstanding(order, actor, answer, report)

    def observe(self) -> Sequence[TrialReport]:
        """The newest report of each trial that is outstanding or has ended since the last call."""
        self._ask()
        ended, self._ended = self._ended, []
        waiting = ""
        reports = []
        for one in self._outstanding.values():
            if not one.node:
                waiting = waiting or self._why_waiting()
                one.report = replace(one.report, reason=waiting)
            reports.append(one.report)
        return [*ended, *reports]

    def stop(self, trial: int) -> None:
        """Let a trial save and end; one that waits for a node ends at once."""
        one = self._outstanding.get(trial)
        if one is None:
            return
        if one.node:
            one.actor.stop.remote()
        else:
            self._end(one, replace(one.report, ended="stopped", reason="stopped before it began"))

    def close(self) -> None:
        """Stop every trial, wait until each has ended, and leave the cluster."""
        pause = Event()
        self._ask()
        for trial in list(self._outstanding):
            self.stop(trial)
        until_s = monotonic() + CLOSE_S
        while self._outstanding and monotonic() < until_s:
            pause.wait(CLOSE_POLL_S)
            self._ask()
        for one in list(self._outstanding.values()):
            self._end(one, replace(one.report, ended="stopped", reason="did not end in time"))
        ray.shutdown()

    # -- asking the actors ------------------------------------------------------------------------

    def _ask(self) -> None:
        """Take in the answers that have come, and ask again."""
        awaited = {one.answer: one for one in self._outstanding.values()}
        if not awaited:
            return
        ready, _ = ray.wait(list(awaited), num_returns=len(awaited), timeout=0)
        for answer in ready:
            one = awaited[answer]
            try:
                content = ray.get(answer)
                one.answer = one.actor.report.remote()
            except ActorUnavailableError:
                one.answer = one.actor.report.remote()  # a connection that broke, perhaps
            except RayError:  # not RayActorError only: Ray's memory monitor raises another
                self._end(one, self._lost(one))
            else:
                self._take_in(one, msgspec.json.decode(content, type=Answer))

    def _take_in(self, one: _Outstanding, answer: Answer) -> None:
        if answer.node_id not in self._names:
            self._names = {node.id: node.name for node in cluster.nodes()}
        one.node = self._names.get(answer.node_id, answer.node_id)
        if answer.versions is not None:
            self._refused = difference(self._versions, one.node, answer.versions) or ""
            self._end(one, replace(one.report, ended="stopped", reason=self._refused))
            return
        report = answer.report
        if report.epoch != one.order.epoch:
            return
        if report.place:
            self._last_node[report.trial] = one.node
        one.report = replace(report, place=f"{one.node}:{report.place}" if report.place else "")
        if report.ended is not None:
            self._end(one, one.report)

    def _lost(self, one: _Outstanding) -> TrialReport:
        alive = {node.name for node in cluster.nodes()}
        where = f"node {one.node}" if one.node else "its node"
        what = "Ray's worker ended on" if one.node in alive else "lost:"
        again = (
            "begins anew"
            if self._spec.ray.backup == WITHOUT_BACKUP
            else "continues from its newest backup"
        )
        return replace(one.report, ended="lost", reason=f"{what} {where}; {again}")

    def _end(self, one: _Outstanding, report: TrialReport) -> None:
        self._ended.append(report)
        del self._outstanding[one.order.trial]
        ray.kill(one.actor)  # its process has ended, or was never begun: frees the place

    # -- places -----------------------------------------------------------------------------------

    def _places(self, node: capacity.Node) -> int:
        return node.places(self._spec.limits.threads, self._spec.limits.memory_mb)

    def _why_waiting(self) -> str:
        limits = self._spec.limits
        return capacity.why_waiting(cluster.nodes(), limits.threads, limits.memory_mb)

    def _node_with_home(self, trial: int) -> str | None:
        """The id of the node that has the trial's home; None if it is gone, or was never."""
        if trial not in self._last_node:
            with SweepStore.open(self._sweep.store) as store:
                self._last_node[trial] = store.trial(trial).place.partition(":/")[0]
        name = self._last_node[trial]
        return next((node.id for node in cluster.nodes() if node.name == name), None)


def _sweep_key(sweep: SweepPaths) -> str:
    """Tells this sweep from others with its name, made once. Raises OSError."""
    file = sweep.folder / KEY_FILE
    if not file.exists():
        write_atomically(file, f"{secrets.token_hex(4)}\n".encode())
    return file.read_text(encoding="ascii").strip()
