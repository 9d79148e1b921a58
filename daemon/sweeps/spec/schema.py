"""The schema of `sweep.toml`: what each part means is in docs/sweeps.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Positive = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(gt=0.0, lt=1.0)]

SamplerName = Literal["grid", "random", "tpe", "cma-es", "qmc"]
SchedulerName = Literal["none", "median", "halving", "asha", "population"]
Direction = Literal["maximize", "minimize"]
ParameterKind = Literal["list", "uniform", "log-uniform", "integer"]


class Parameter(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A setting that differs between trials, and the values that it may take.

    `setting` is written as for `start --set`: ``ppo.desired_kl``.
    """

    setting: str
    kind: ParameterKind = "list"
    values: list[Any] = []  # of `list`
    low: float | None = None  # of the others, inclusive
    high: float | None = None
    steps: Positive | None = None  # of the others: points of a grid
    # Only where another parameter has one of these values: ``{"run.algorithm": ["ppo"]}``.
    only_if: dict[str, list[Any]] = {}


class SeedSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each set of values is trained with each of these seeds (run.seed)."""

    count: Positive = 1
    first: Annotated[int, Meta(ge=0)] = 1


class SearchSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which values are tried."""

    sampler: SamplerName = "grid"
    seed: Annotated[int, Meta(ge=0)] = 0


class SchedulerSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which trials are ended early, or continued from others."""

    name: SchedulerName = "none"
    # Steps at which trials are compared; the last is limits.steps.
    first_rung_steps: Positive = 100_000
    reduction: Annotated[int, Meta(ge=2)] = 3  # of `reduction` trials at a rung, one continues
    grace_trials: Positive = 4  # `median`: trials at a rung before any is stopped there
    perturbation: Annotated[float, Meta(gt=1.0)] = 1.2  # `population`: factor of a setting
    exploit_share: Share = 0.25  # `population`: share of poor trials that fork from good ones


class Objective(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be best. Several make a Pareto front; the first one decides about rungs.

    `metric`: ``gate`` (the last gate passed), ``steps_to_gate``, ``success`` (of a fresh
    evaluation), ``success_low`` (its lower confidence bound), or any stored metric.
    """

    metric: str
    direction: Direction = "maximize"
    gate: Positive | None = None  # of ``steps_to_gate``
    stage: Positive | None = None  # of an evaluation; the trial's own by default
    episodes: Positive = 100  # of an evaluation
    seed: Annotated[int, Meta(ge=0)] = 1_000_000  # of an evaluation's first flight


class Limits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the sweep ends."""

    steps: Positive  # of a trial
    trials: Positive | None = None  # needed unless the sampler is a grid
    hours: Annotated[float, Meta(gt=0.0)] | None = None  # of all, while a coordinator runs
    parallel: Positive | None = None  # as many as cores and memory allow by default
    threads: Positive = 1  # of one trial
    memory_mb: Positive = 1200  # of one trial
    min_free_disk_gb: Annotated[float, Meta(gt=0.0)] = 2.0  # below it the sweep pauses
    attempts: Positive = 3  # of a trial that fails


class TrialSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What trials inherit of the base configuration: by default nothing that others would see."""

    notify: bool = False
    exporter: bool = False
    tensorboard: bool = False
    offsite: bool = False


class RaySettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What only the Ray engine uses: docs/ray.md."""

    # Where trials back up to, reached by every node: a URL as of [[backup.targets]]. "none": a
    # trial whose node is lost begins anew.
    backup: str = ""
    options_file: str = ""  # with the target's options and secrets, at the same path on every node
    # The folder of the trials' homes on each node; LANDERCTL_SWEEP_DIR of a node's environment
    # goes before it. "": the state folder of the user that runs the node.
    homes: str = ""


class SweepSpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sweep."""

    limits: Limits
    base: list[str] = []  # configuration files, layered; the state folder's own by default
    set: dict[str, Any] = {}  # settings of every trial, ``"run.mode" = "standard"``
    parameters: list[Parameter] = []
    seeds: SeedSettings = SeedSettings()
    search: SearchSettings = SearchSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    objectives: Annotated[list[Objective], Meta(min_length=1)] = field(
        default_factory=lambda: [Objective(metric="gate")]
    )
    trial: TrialSettings = TrialSettings()
    ray: RaySettings = RaySettings()
