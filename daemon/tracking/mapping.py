"""What a run is for MLflow: names, parameters, tags, figures, status. Pure.

Limits of MLflow: mlflow/utils/validation.py; where version 2 has a lower one, that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from daemon.base.text.one_line import one_line
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.metadata import RunMetadata
from daemon.runs.statistics.intervals import Interval
from daemon.store.records import Event
from daemon.tracking.tail import NamedSample

MAX_NAME = 250
MAX_PARAMETER = 500
MAX_TAG = 5000
RUN_ID_TAG = "landerctl.run_id"
ROLLBACK = "rollback.done"
# What a run is at MLflow after these events.
STATUS = {
    "trainer.started": "RUNNING",
    "trainer.fatal": "FAILED",
    "run.completed": "FINISHED",
    "run.paused": "KILLED",
}
ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})
_FORBIDDEN = re.compile(r"[^/\w.\- ]", re.ASCII)
_STEPS = re.compile(r"(?:\d+-)?(\d+)-[a-z]+")  # of "950272-steps", "000031-1900544-best"


class Value(NamedTuple):
    """One value of a metric at MLflow."""

    key: str
    value: float
    time_ms: int
    step: int


def valid_name(name: str) -> str:
    """A name that MLflow accepts: other characters are replaced by ``_``."""
    parts = [part for part in _FORBIDDEN.sub("_", name).split("/") if part.strip(". ")]
    return "/".join(parts)[:MAX_NAME].rstrip("/") or "_"


def parameters(frozen: Mapping[str, Any]) -> dict[str, str]:
    """A run's frozen configuration as MLflow's flat parameters: ``ppo.gamma`` to its value.

    Elements of a list of tables are counted from 1: ``curriculum.stages.1.name``.
    """
    return {valid_name(key): text[:MAX_PARAMETER] for key, text in _flat("", frozen)}


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        items: Iterable[tuple[object, Any]] = value.items()
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        items = enumerate(value, start=1)
    else:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield prefix, text
        return
    for key, inner in items:
        yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)


def tags(
    run_id: str, metadata: RunMetadata, rollbacks: Sequence[Event], parent_at_mlflow: str = ""
) -> dict[str, str]:
    """A run's tags. `parent_at_mlflow`: the id there of the run that it was forked from."""
    found = {
        RUN_ID_TAG: run_id,
        "mlflow.runName": one_line(metadata.name) or run_id,
        "mlflow.source.name": "landerctl",
        "landerctl.tags": ", ".join(metadata.tags),
        "landerctl.machine": metadata.machine,
        "landerctl.fingerprint": metadata.fingerprint,
    }
    found |= {f"landerctl.versions.{name}": text for name, text in metadata.versions.items()}
    if (parent := metadata.parent) is not None:
        found["landerctl.parent_run_id"] = parent.run_id
        found["landerctl.parent_state"] = parent.state
        found["landerctl.parent_timesteps"] = str(parent.timesteps)
        found["mlflow.parentRunId"] = parent_at_mlflow
    if rollbacks:
        found["landerctl.rollbacks"] = "; ".join(map(_rollback, rollbacks))
    return {key: value[:MAX_TAG] for key, value in found.items() if value}


def _rollback(event: Event) -> str:
    when = datetime.fromtimestamp(event.time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{when} to {event.body.get('id')}, {event.body.get('timesteps')} steps"


def values(samples: Iterable[NamedSample], timesteps: int) -> Iterator[Value]:
    """Samples, in the order of time, as values. `timesteps`: of the training before the first.

    A metric that is not of the training has the step of the last one before it that is.
    """
    for sample in samples:
        timesteps = sample.timesteps if sample.timesteps is not None else timesteps
        yield Value(valid_name(sample.name), sample.value, round(sample.time_s * 1e3), timesteps)


def evaluation_values(result: EvaluationResult) -> list[Value]:
    """The figures of an evaluation of a state of the run, with their 95% intervals.

    None if the policy was another, such as the reference pilot.
    """
    match = _STEPS.fullmatch(result.pilot)
    if match is None:
        return []
    time_ms, step = round(result.created_s * 1e3), int(match[1])
    at = f"evaluation/stage_{result.stage}"
    found = []
    for name in result.__struct_fields__:
        figure = getattr(result, name)
        if isinstance(figure, Interval):
            bounds = (("", figure.mean), ("_low", figure.low), ("_high", figure.high))
            found += [
                Value(f"{at}/{name}{suffix}", number, time_ms, step)
                for suffix, number in bounds
                if number is not None
            ]
    return found


def status(events: Sequence[Event], *, supervised: bool) -> str:
    """The run's status at MLflow by its events named in STATUS, in the order of time.

    Without its supervisor nothing trains.
    """
    found = STATUS[events[-1].name] if events else "RUNNING"
    return "KILLED" if found == "RUNNING" and not supervised else found
