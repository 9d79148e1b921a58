"""What the parts of a sweep must be to each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from daemon.base.secrets.redaction import password
from daemon.config.judging.explain import suggestion
from daemon.config.judging.relations import Fault
from daemon.store.catalogs.metric_catalog import CATALOGUE, find_kind
from daemon.sweeps.spec.schema import SweepSpec

# Objectives that are no stored metric, and which direction makes sense.
MEASURED = {
    "gate": "maximize",
    "steps_to_gate": "minimize",
    "success": "maximize",
    "success_low": "maximize",
}
EVALUATED = frozenset({"success", "success_low"})
LARGEST_SEED = 2**31 - 1
MOST_THREADS = 64  # fleet.threads


def relation_faults(spec: SweepSpec) -> Iterator[Fault]:
    """Every fault between search, scheduler, seeds, limits and objectives."""
    return chain(
        _search(spec), _scheduler(spec), _seeds(spec), _limits(spec), _objectives(spec), _ray(spec)
    )


def _search(spec: SweepSpec) -> Iterator[Fault]:
    sampler = spec.search.sampler
    if sampler != "grid":
        if spec.limits.trials is None:
            yield Fault(
                "limits",
                f"missing key limits.trials: search.sampler = {sampler!r} never ends by itself",
                ("search.sampler",),
            )
        if not spec.parameters:
            yield Fault("search.sampler", f"search.sampler = {sampler!r}: there are no parameters")
    if sampler != "cma-es":
        return
    for number, parameter in enumerate(spec.parameters):
        for what, is_there in (
            ("a list", parameter.kind == "list"),
            ("a condition", bool(parameter.only_if)),
        ):
            if is_there:
                yield Fault(
                    f"parameters[{number}]",
                    f"{parameter.setting}: cma-es takes no parameter with {what}; tpe does",
                    ("search.sampler",),
                )
    if len(spec.parameters) == 1:
        yield Fault(
            "search.sampler",
            "search.sampler = 'cma-es': needs two parameters or more; tpe does not",
        )
    if len(spec.objectives) > 1:
        yield Fault(
            "search.sampler",
            "search.sampler = 'cma-es': takes one objective; tpe takes several",
            ("objectives",),
        )


def _scheduler(spec: SweepSpec) -> Iterator[Fault]:
    scheduler, limits = spec.scheduler, spec.limits
    if scheduler.name == "none":
        return
    if scheduler.first_rung_steps >= limits.steps:
        yield Fault(
            "scheduler.first_rung_steps",
            f"scheduler.first_rung_steps = {scheduler.first_rung_steps}: must be below "
            f"limits.steps = {limits.steps}",
            ("limits.steps",),
        )
    if scheduler.name != "population":
        return
    if not spec.parameters:
        yield Fault("scheduler.name", "scheduler.name = 'population': there are no parameters")
    if spec.search.sampler in {"tpe", "cma-es"}:
        yield Fault(
            "search.sampler",
            f"search.sampler = {spec.search.sampler!r}: a population changes the values of its "
            "trials itself: choose random, qmc or grid",
            ("scheduler.name",),
        )
    if spec.seeds.count > 1:
        yield Fault(
            "seeds.count",
            f"seeds.count = {spec.seeds.count}: trials of a population take on each other's "
            "states: 1",
            ("scheduler.name",),
        )


def _seeds(spec: SweepSpec) -> Iterator[Fault]:
    seeds, trials = spec.seeds, spec.limits.trials
    if seeds.first + seeds.count - 1 > LARGEST_SEED:
        yield Fault("seeds.first", f"seeds.first = {seeds.first}: seeds end at {LARGEST_SEED}")
    if trials is not None and trials % seeds.count:
        less = trials - trials % seeds.count
        choices = " or ".join(str(n) for n in (less, less + seeds.count) if n)
        yield Fault(
            "limits.trials",
            f"limits.trials = {trials}: each set of values has seeds.count = {seeds.count} "
            f"trials: choose {choices}",
            ("seeds.count",),
        )


def _limits(spec: SweepSpec) -> Iterator[Fault]:
    threads = spec.limits.threads
    if threads > MOST_THREADS:
        yield Fault("limits.threads", f"limits.threads = {threads}: allowed 1 to {MOST_THREADS}")


def _objectives(spec: SweepSpec) -> Iterator[Fault]:
    for number, objective in enumerate(spec.objectives):
        path, metric = f"objectives[{number}]", objective.metric
        if metric not in MEASURED and find_kind(metric) is None:
            known = [*MEASURED, *CATALOGUE]
            yield Fault(
                f"{path}.metric",
                f"objectives: {metric!r} is no metric"
                f"{suggestion(metric, known) or '; docs/metrics.md has all'}",
            )
        if MEASURED.get(metric, objective.direction) != objective.direction:
            yield Fault(
                path,
                f"objectives: {metric} is better the {_better(metric)}: direction = "
                f'"{MEASURED[metric]}"',
            )
        if metric == "steps_to_gate" and objective.gate is None:
            yield Fault(path, "objectives: steps_to_gate: missing gate, the number of its stage")
        if metric != "steps_to_gate" and objective.gate is not None:
            yield Fault(f"{path}.gate", f"objectives: {metric}: gate is only of steps_to_gate")
        if metric not in EVALUATED and objective.stage is not None:
            yield Fault(
                f"{path}.stage", f"objectives: {metric}: stage is only of success and success_low"
            )
        for earlier, one in enumerate(spec.objectives[:number]):
            if one.metric == metric:  # by which its values are named
                others = (f"objectives[{earlier}]",)
                yield Fault(f"{path}.metric", f"objectives: {metric} is there twice", others)
                break


def _ray(spec: SweepSpec) -> Iterator[Fault]:
    if password(spec.ray.backup):
        yield Fault("ray.backup", "ray.backup: holds a password: put it into ray.options_file")


def _better(metric: str) -> str:
    return "larger" if MEASURED[metric] == "maximize" else "smaller"
