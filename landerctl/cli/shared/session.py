"""What every verb takes: the state folder and the configuration file, before or after its name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.paths import StatePaths, state_paths
from daemon.config import Config, ConfigError, find_config, load_config
from daemon.store.reader import StoreError, StoreReader
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.options import CONFIG, HOME, JSON

Home = Annotated[Path | None, typer.Option(*HOME.flags, help=HOME.help, metavar=HOME.metavar)]
ConfigFile = Annotated[
    Path | None, typer.Option(*CONFIG.flags, help=CONFIG.help, metavar=CONFIG.metavar)
]
Json = Annotated[bool, typer.Option(*JSON.flags, help=JSON.help)]


@dataclass(frozen=True)
class Session:
    """Where a verb works."""

    paths: StatePaths
    config_file: Path | None  # as --config named it

    def find_config(self) -> Path | None:
        """The configuration file that a start here would take. Raises Failure."""
        return self._find_config(None)

    def load_config(self) -> Config:
        """The configuration that the daemon here reads, or read last. Raises Failure."""
        try:
            return load_config(self.config_path()).config
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def config_path(self) -> Path | None:
        """That configuration's file; None: the defaults alone. Raises Failure."""
        try:
            with StoreReader.open(self.paths.store) as reader:
                daemon = reader.status().daemon
        except StoreError:
            daemon = None
        return self._find_config(daemon.config_path if daemon else None)

    def _find_config(self, recorded: str | None) -> Path | None:
        try:
            return find_config(self.config_file, self.paths.home, os.environ, recorded=recorded)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None


def open_session(context: typer.Context, home: Path | None, config: Path | None) -> Session:
    """The verb's own options, else the ones before the verb, else the environment."""
    before = context.parent
    while before is not None:
        home, config = home or before.params.get("home"), config or before.params.get("config")
        before = before.parent
    return Session(state_paths(home, os.environ), config)


def examples(*lines: str) -> str:
    """The end of a verb's help."""
    return "\n".join(["Examples:", *(f"  {line}" for line in lines)])
