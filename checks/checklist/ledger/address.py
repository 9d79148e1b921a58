"""The address of evidence: version, configuration, machine, run. Reads the state folder."""

from __future__ import annotations

from importlib.metadata import version

from checks.checklist.ledger.record import Address
from daemon.base.machine import machine_name
from daemon.base.paths import RunPaths, StatePaths
from daemon.config.fingerprint import fingerprint, settings_digest
from daemon.config.frozen import load_frozen
from daemon.config.judging.error import ConfigError
from daemon.config.schema import Config
from daemon.runs.run_folder import current_run


def address_of(paths: StatePaths, config: Config, run: RunPaths | None = None) -> Address:
    """What evidence of now is about: a run, by default the current one.

    Without any run, what a start would train.
    """
    run = run or current_run(paths)
    frozen = config
    if run is not None:
        try:
            frozen = load_frozen(run.config)
        except ConfigError:
            run = None  # its configuration is unknown: no evidence can be of it
    return Address(
        version=version("landerctl"),
        fingerprint=fingerprint(frozen),
        machine=machine_name(),
        run=None if run is None else run.id,
        settings=settings_digest(config),
    )
