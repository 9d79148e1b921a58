"""The whole configuration of a trial: the base, what the sweep sets, its values, its seed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from daemon.config.demo import shortened
from daemon.config.judging.error import ConfigError, LocatedFault, Origin, error_of
from daemon.config.layering.assign import Assignment, assign
from daemon.config.layering.faults import faults_of
from daemon.config.layering.settings import text_of
from daemon.config.schema import Config
from daemon.sweeps.spec.schema import SweepSpec, TrialSettings


def trial_config(base: Config, spec: SweepSpec, values: Mapping[str, Any], seed: int) -> Config:
    """The configuration with which a trial runs.

    Its numbers of threads are `limits.threads`, for Basilisk and for torch: what it learns to the
    bit depends on them. Raises ConfigError, which names the values and all that is wrong.
    """
    content: Mapping[str, Any] = msgspec.to_builtins(muted(base, spec.trial))
    try:
        for setting, value in _assignments(spec, values, seed):
            content, _ = assign(content, Assignment(setting, value))
    except ConfigError as error:
        raise ConfigError(f"{_named(values, seed)}: {error}") from None
    if faults := faults_of(content, msgspec.to_builtins(base), {}):
        origin = Origin(name=_named(values, seed))
        raise error_of([LocatedFault(origin, fault.text) for fault in faults])
    return _with_fitting_rules(shortened(msgspec.convert(content, Config), spec.limits.steps))


def muted(base: Config, kept: TrialSettings) -> Config:
    """The base configuration without what a trial does not inherit: it disturbs nobody.

    Nobody is notified or sent reviews, nothing listens on a port, no backup leaves the machine,
    unless `kept` says so. Ports are free ones, and backups are in the trial's own folder.
    """
    replace = msgspec.structs.replace
    reviews = (
        base.reviews
        if kept.notify
        else replace(base.reviews, daily=False, weekly=False, targets=[])
    )
    config = replace(
        base,
        notify=base.notify if kept.notify else replace(base.notify, targets=[]),
        reviews=reviews,
        checks=replace(base.checks, ping_url_file=""),
        backup=replace(
            base.backup, directory="", targets=base.backup.targets if kept.offsite else []
        ),
        tensorboard=replace(
            base.tensorboard, enabled=base.tensorboard.enabled and kept.tensorboard, port=0
        ),
        prometheus=replace(
            base.prometheus, enabled=base.prometheus.enabled and kept.exporter, port=0
        ),
        tracking=replace(base.tracking, enabled=False),
    )
    return _with_fitting_rules(config)


def _with_fitting_rules(config: Config) -> Config:
    """The configuration without the default alert rules that it has no use for.

    Written into a file all rules are given, and those of stages that are not there are faults.
    Triggers are applied to the rules when a configuration is read: "alert" leaves them so. No rule
    rolls a trial back: it would by the clock, so that the trial could not be repeated.
    """
    stages, triggers = len(config.curriculum.stages), config.rollback.triggers
    rules = [
        msgspec.structs.replace(rule, action="notify") if rule.action == "rollback" else rule
        for rule in config.alerts
        if rule.stage is None or rule.stage <= stages
    ]
    applied: dict[str, Literal["off", "alert", "rollback"]] = {
        rule.name: "alert" for rule in rules if rule.name in triggers
    }
    return msgspec.structs.replace(
        config, alerts=rules, rollback=msgspec.structs.replace(config.rollback, triggers=applied)
    )


def _assignments(
    spec: SweepSpec, values: Mapping[str, Any], seed: int
) -> Iterator[tuple[str, Any]]:
    yield from spec.set.items()
    yield from values.items()
    yield "run.seed", seed
    yield "run.timesteps", spec.limits.steps
    yield "run.torch_threads", spec.limits.threads
    yield "fleet.threads", spec.limits.threads


def _named(values: Mapping[str, Any], seed: int) -> str:
    """``ppo.gamma = 0.99, seed 1``."""
    chosen = [f"{setting} = {text_of(value)}" for setting, value in values.items()]
    return ", ".join([*chosen, f"seed {seed}"])
