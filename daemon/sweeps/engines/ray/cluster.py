"""The connection to a Ray cluster: nothing pickled by value, signals left to the coordinator."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import ray
from ray.job_config import JobConfig
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from daemon.sweeps.engines.engine import EngineError
from daemon.sweeps.engines.ray.capacity import Node, alive
from daemon.sweeps.engines.ray.versions import Versions, difference, versions_here

ASK_S = 60.0  # a node's first worker needs some seconds


def connect(address: str | None) -> None:
    """Connect this process to the running cluster at `address`, or to this machine's.

    Raises EngineError.
    """
    named = address or "auto"
    # With a search path Ray loads the actor's class by its module's name on each node; without one
    # it sends the class pickled. The path itself is the coordinator's own and need not exist there.
    job = JobConfig(code_search_path=[str(Path(__file__).parents[4])])
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=named, job_config=job, log_to_driver=False, logging_level=logging.WARNING)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise EngineError(
            f"no Ray cluster at {named}: {_first_line(error)}; begin one with `ray start --head`, "
            "or name another with --address"
        ) from None
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)  # Ray's own would exit at once


def nodes() -> list[Node]:
    """The nodes that are alive."""
    listed: Callable[[], Sequence[Mapping[str, Any]]] = ray.nodes
    return alive(listed())


def check_versions(asked: Sequence[Node]) -> None:
    """Raises EngineError naming the first node that differs from here in its versions."""
    function = ray.remote(versions_of_node)
    answers = [
        function.options(
            num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False)
        ).remote()
        for node in asked
    ]
    for node, answer in zip(asked, answers, strict=True):
        try:
            there = msgspec.json.decode(ray.get(answer, timeout=ASK_S), type=Versions)
        except ray.exceptions.GetTimeoutError:
            raise EngineError(f"node {node.name} did not answer within {ASK_S:g} s") from None
        except ray.exceptions.RayError as error:
            raise EngineError(
                f"node {node.name} cannot run landerctl: {_first_line(error)}; install "
                f"{versions_here()} there"
            ) from None
        if problem := difference(versions_here(), node.name, there):
            raise EngineError(problem)


def versions_of_node() -> bytes:
    """The versions of the node that runs this: JSON of Versions."""
    return msgspec.json.encode(versions_here())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
