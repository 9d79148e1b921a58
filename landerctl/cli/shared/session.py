"""The options of every verb: state folder and configuration files, before or after the verb."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.paths import StatePaths, state_paths
from daemon.config import (
    Config,
    ConfigError,
    LoadedConfig,
    Sources,
    find_sources,
)
from daemon.plugins.data import plugin_data
from landerctl.config_file import config_in_use, require_named_config, sources_in_use
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
    list[Path] | None,
    typer.Option(*CONFIG.flags, help=CONFIG.help, metavar=CONFIG.metavar, parser=named_path),
]
Json = Annotated[bool, typer.Option(*JSON.flags, help=JSON.help)]


@dataclass(frozen=True)
class Session:
    """State folder and configuration files of one command."""

    paths: StatePaths
    config_files: tuple[Path, ...]  # of --config

    def find_sources(self, settings: Sequence[str] = ()) -> Sources:
        """What `start` would read, with its options --set. Raises Failure."""
        try:
            return find_sources(
                self.config_files,
                self.paths.home,
                os.environ,
                settings=settings,
                plugins=plugin_data(),
            )
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def sources(self) -> Sources:
        """What the daemon reads or last read. Raises Failure."""
        try:
            return sources_in_use(self.paths, self.config_files, os.environ)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def loaded_config(self) -> LoadedConfig:
        """The configuration that the daemon uses or last used. Raises Failure."""
        try:
            return config_in_use(self.paths, self.config_files, os.environ)
        except ConfigError as error:
            raise Failure(str(error), Exit.CONFIG) from None

    def load_config(self) -> Config:
        """The same without where it comes from. Raises Failure."""
        return self.loaded_config().config


def open_session(
    context: typer.Context, home: Path | None, config: Sequence[Path] | None
) -> Session:
    """The session from the verb's options, else those before the verb, else the environment.

    Raises Failure if a configuration file that they name does not exist.
    """
    before = context.parent
    while before is not None:
        home, config = home or before.params.get("home"), config or before.params.get("config")
        before = before.parent
    paths = state_paths(home, os.environ)
    files = tuple(config or ())
    require_named_config(paths, files, os.environ)
    return Session(paths, files)


def examples(*lines: str) -> str:
    """The epilog of a verb's help."""
    return "\n".join(["Examples:", *(f"  {line}" for line in lines)])
