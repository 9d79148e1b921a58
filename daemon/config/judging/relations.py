"""What the settings must be to each other: order, uniqueness, names that must exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from daemon.base.secrets.redaction import password
from daemon.base.user import NoFolderError, expand_home
from daemon.config.judging.error import Unknown
from daemon.config.judging.explain import shown_key, suggestion
from daemon.config.schema import Config
from daemon.config.secrets import named_files


class Fault(msgspec.Struct, frozen=True):
    """A setting by its path (``alerts[2].metric``), and what is wrong: one line with its name."""

    path: str
    text: str
    others: tuple[str, ...] = ()  # settings with which it is wrong
    unknown: Unknown = ""


# Settings of which the first must not exceed the second.
ORDERED = (
    ("supervision.backoff_initial_s", "supervision.backoff_max_s"),
    ("checks.checkpoint_age_warning_s", "checks.checkpoint_age_critical_s"),
)
# Settings that hold such a pair.
PAIRS = ("expected.steps_per_s", "td3.action_noise_sigma")


def relation_faults(config: Config, given: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault. `given`: the user's own settings; a default that names what the user has
    removed is none.
    """
    return chain(
        _clocks(config),
        _orders(config),
        _stages(config),
        _warm_start(config),
        _alerts(config, given),
        _triggers(config, given),
        _notify(config),
        _reviews(config),
        _files(config),
        _ports(config),
        _tracking(config),
    )


def _clocks(config: Config) -> Iterator[Fault]:
    fleet = config.fleet
    substeps = fleet.control_interval_s / fleet.dynamics_interval_s
    if abs(substeps - round(substeps)) > 1e-9 or round(substeps) < 1:
        yield Fault(
            "fleet.dynamics_interval_s",
            f"fleet.dynamics_interval_s = {fleet.dynamics_interval_s}: must divide "
            f"fleet.control_interval_s = {fleet.control_interval_s}",
            ("fleet.control_interval_s",),
        )


def _orders(config: Config) -> Iterator[Fault]:
    for low, high in ORDERED:
        least, most = _value(config, low), _value(config, high)
        if least > most:
            yield Fault(low, f"{low} = {least:g}: must not exceed {high} = {most:g}", (high,))
    stages = enumerate(config.curriculum.stages)
    pairs = [(path, _value(config, path)) for path in PAIRS] + [
        (f"curriculum.stages[{number}].{name}", getattr(stage, name))
        for number, stage in stages
        for name in stage.__struct_fields__
    ]
    for path, value in pairs:
        if isinstance(value, tuple) and value[0] > value[1]:
            yield Fault(
                path, f"{path} = {list(value)!r}: the first number must not exceed the second"
            )


def _stages(config: Config) -> Iterator[Fault]:
    stages = config.curriculum.stages
    if config.run.stage > len(stages):
        yield Fault(
            "run.stage",
            f"run.stage = {config.run.stage}: allowed 1 to {len(stages)}, "
            "the number of [[curriculum.stages]]",
            ("curriculum.stages",),
        )
    yield from _duplicates([stage.name for stage in stages], "curriculum.stages")


def _warm_start(config: Config) -> Iterator[Fault]:
    run = config.run
    if run.warm_start != "none" and run.algorithm != "ppo":
        yield Fault(
            "run.warm_start",
            f"run.warm_start = {run.warm_start!r}: only PPO learns from the pilot; with "
            f"run.algorithm = {run.algorithm!r} leave it at 'none'",
            ("run.algorithm",),
        )


def _alerts(config: Config, given: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _duplicates([rule.name for rule in config.alerts], "alerts")
    stages = len(config.curriculum.stages)
    for number, rule in enumerate(config.alerts):
        clear = rule.threshold if rule.clear_threshold is None else rule.clear_threshold
        if clear > rule.threshold if rule.comparison == "above" else clear < rule.threshold:
            yield Fault(
                f"alerts[{number}].clear_threshold",
                f"alerts.{rule.name}.clear_threshold = {clear:g}: an alert that fires "
                f"{rule.comparison} {rule.threshold:g} must end on the other side of it",
            )
        armed = clear if rule.armed_at is None else rule.armed_at
        if armed > clear if rule.comparison == "above" else armed < clear:
            yield Fault(
                f"alerts[{number}].armed_at",
                f"alerts.{rule.name}.armed_at = {armed:g}: expected {clear:g} or a better value, "
                "at which the alert does not fire",
            )
        if "alerts" in given and rule.stage is not None and rule.stage > stages:
            yield Fault(
                f"alerts[{number}].stage",
                f"alerts.{rule.name}.stage = {rule.stage}: allowed 1 to {stages}, the number of "
                "[[curriculum.stages]]",
                ("curriculum.stages",),
                "stage",
            )


def _triggers(config: Config, given: Mapping[str, Any]) -> Iterator[Fault]:
    names = [rule.name for rule in config.alerts]
    rollback = given.get("rollback")
    triggers = rollback.get("triggers") if isinstance(rollback, Mapping) else None
    for name in triggers if isinstance(triggers, Mapping) else ():
        what = config.rollback.triggers.get(
            name
        )  # None: a faulty one, for which the default is used
        if name not in names and what is not None:
            yield Fault(
                f"rollback.triggers.{name}",
                f"rollback.triggers.{shown_key(name)} = {what!r}: no alert rule has this name"
                f"{suggestion(name, names)}",
                ("alerts",),
                "rule",
            )


def _notify(config: Config) -> Iterator[Fault]:
    yield from _duplicates([target.name for target in config.backup.targets], "backup.targets")
    yield from _duplicates([target.name for target in config.notify.targets], "notify.targets")
    for number, target in enumerate(config.notify.targets):
        ways = (target.url, target.url_file, target.command, target.plugin)
        if sum(map(bool, ways)) != 1:
            yield Fault(
                f"notify.targets[{number}]",
                f"notify.targets.{target.name}: expected one of url, url_file, command and plugin",
            )


def _reviews(config: Config) -> Iterator[Fault]:
    names = [target.name for target in config.notify.targets]
    for number, name in enumerate(config.reviews.targets):
        if name not in names:
            yield Fault(
                f"reviews.targets[{number}]",
                f"reviews.targets: no target of [[notify.targets]] is named {name!r}"
                f"{suggestion(name, names)}",
                ("notify.targets",),
            )


def _files(config: Config) -> Iterator[Fault]:
    for path, name in named_files(config):
        if "://" in name:
            setting = re.sub(r"\[\d+\]", "[]", path)
            yield Fault(
                path,
                f"{setting}: expected the name of a file that contains the URL, not the URL itself",
            )
    # A file that is missing is named where it is read; this folder would be created.
    try:
        expand_home(config.backup.directory)
    except NoFolderError:
        setting = "backup.directory"
        yield Fault(setting, f"{setting}: names the home folder of an unknown user (~)")


def _ports(config: Config) -> Iterator[Fault]:
    board, exporter = config.tensorboard, config.prometheus
    # 0 is any free port.
    if board.enabled and exporter.enabled and board.port == exporter.port != 0:
        yield Fault(
            "prometheus.port",
            f"prometheus.port = {exporter.port}: is the port of [tensorboard] too",
            ("tensorboard.port", "prometheus.enabled"),
        )


def _tracking(config: Config) -> Iterator[Fault]:
    url = config.tracking.mlflow_uri
    if url and not url.startswith(("http://", "https://")):
        yield Fault(
            "tracking.mlflow_uri",
            "tracking.mlflow_uri: expected the address of a server, a URL of http or https",
        )
    if password(url):
        yield Fault(
            "tracking.mlflow_uri",
            "tracking.mlflow_uri: contains a password; put the URL into a file of mode 0600 and "
            "name it in tracking.mlflow_uri_file",
        )
    if config.tracking.enabled and bool(url) == bool(config.tracking.mlflow_uri_file):
        yield Fault(
            "tracking.enabled",
            "tracking.enabled = true: expected one of tracking.mlflow_uri and "
            "tracking.mlflow_uri_file",
            ("tracking.mlflow_uri", "tracking.mlflow_uri_file"),
        )


def _duplicates(names: Collection[str], table: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield Fault(f"{table}[{number}].name", f"{table}: the name {name!r} is used twice")
        seen.add(name)


def _value(config: Config, path: str) -> Any:
    section, _, name = path.partition(".")
    return getattr(getattr(config, section), name)
