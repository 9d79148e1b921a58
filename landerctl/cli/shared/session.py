"""The options of every verb: state folder and configuration file, before or after the verb."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.paths import StatePaths, state_paths
from daemon.config import Config, ConfigError, find_config, load_config
from landerctl.config_file import config_in_use, require_named_config
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.options import CONFIG, HOME, JSON


def named_path(text: str) -> Path:
    """The path in an argument. Raises BadParameter if it is empty: `Path` takes that for the
    current folder, but the user's script has a variable that is not set.
    """
    if not text:
        raise typer.BadParameter("it is empty, is a variable not set?")
    return Path(text)


Home = Annotated[
    Path | None,
    typer.Option(*HOME.flags, help=HOME.help, metavar=HOME.metavar, parser=named_path),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(*CONFIG.flags, help=CONFIG.help, metavar=CONFIG.metavar, parser=named_path),
]
Json = Annotated[bool, typer.Option(*JSON.flags, help=JSON.help)]


@dataclass(frozen=True)
class Session:
    """State folder and configuration file of one command."""

    paths: StatePaths
    config_file: Path | None  # of --config

    def find_config(self) -> Path | None:
        """The configuration file that `start` would use. Raises Failure."""
        try:
            return find_config(self.config_file, self.paths.home, os.environ)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def load_config(self) -> Config:
        """The configuration that the daemon uses or last used. Raises Failure."""
        try:
            return load_config(self.config_path()).config
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def config_path(self) -> Path | None:
        """The file of that configuration; None: only defaults. Raises Failure."""
        try:
            return config_in_use(self.paths, self.config_file, os.environ)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None


def open_session(context: typer.Context, home: Path | None, config: Path | None) -> Session:
    """The session from the verb's options, else those before the verb, else the environment.

    Raises Failure if the configuration file that they name does not exist.
    """
    before = context.parent
    while before is not None:
        home, config = home or before.params.get("home"), config or before.params.get("config")
        before = before.parent
    paths = state_paths(home, os.environ)
    require_named_config(paths, config, os.environ)
    return Session(paths, config)


def examples(*lines: str) -> str:
    """The epilog of a verb's help."""
    return "\n".join(["Examples:", *(f"  {line}" for line in lines)])
