"""A run: its settings, what was measured and what happened, its states and policies."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from daemon.base.paths import RunPaths, StatePaths
from landerctl.api.errors import Error, explained
from landerctl.exitcodes import Exit

if TYPE_CHECKING:
    from daemon.config import Config
    from daemon.runs.evaluations import EvaluationResult
    from daemon.store.records import Event
    from landerctl.api.columns import Columns
    from landerctl.api.policy import Policy
    from landerctl.operations.runs.summary import RunSummary
    from landerctl.operations.states.state_listing import Entry

Moment = datetime | float


class Run:
    """A run of a state folder; `Home` finds it. Every property and method reads what is there now.

    All raise Error.
    """

    def __init__(self, home: StatePaths, run: RunPaths, files: tuple[Path, ...]) -> None:
        self._home, self._run, self._files = home, run, files

    def __repr__(self) -> str:
        return f"<Run {self.id} in {self._home.home}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self._run == other._run

    def __hash__(self) -> int:
        return hash(self._run)

    @property
    def id(self) -> str:
        """Its id, the name of its folder."""
        return self._run.id

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self._run.folder

    @property
    def name(self) -> str:
        """What people call it."""
        return self._summary().name

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags, sorted."""
        return self._summary().metadata.tags

    @property
    def state(self) -> Literal["training", "stopped", "completed"]:
        """Whether a trainer of it runs, and if not whether its training is completed."""
        return self._summary().state

    @property
    def config(self) -> Config:
        """Its frozen configuration, with the names of config.toml: ``run.config.ppo.gamma``."""
        from daemon.runs.run_folder import read_run_config  # noqa: PLC0415

        with explained():
            return read_run_config(self._run)

    @overload
    def metrics(
        self, names: str, *, since: Moment | None = None, until: Moment | None = None
    ) -> Columns: ...
    @overload
    def metrics(
        self,
        names: list[str] | tuple[str, ...] | None = None,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> dict[str, Columns]: ...
    def metrics(
        self,
        names: str | list[str] | tuple[str, ...] | None = None,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Columns | dict[str, Columns]:
        """The columns of a metric, or of several by their names; None: of all that the run has.

        From `since` on and before `until`. Of a metric that the store no longer has (it keeps
        samples for a time) what the run itself keeps of it: fewer values, the main metrics only.
        docs/metrics.md lists the names.
        """
        from landerctl.api.columns import read_columns  # noqa: PLC0415 - imports numpy

        asked = [names] if isinstance(names, str) else names
        with explained():
            found = read_columns(self._home, self._run, asked, _seconds(since), _seconds(until))
        return found[names] if isinstance(names, str) else found

    def events(
        self,
        names: str | Sequence[str] | None = None,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int | None = None,
        routine: bool = False,
    ) -> list[Event]:
        """Its events, ascending in time; the newest `limit` of them.

        `names` as docs/events.md lists them. Without names routine ones, as of each checkpoint, are
        left out unless `routine`. Empty where the state folder has no store, which holds them.
        """
        from daemon.config.judging.explain import suggestion  # noqa: PLC0415
        from daemon.store.catalogs.event_catalog import CATALOGUE  # noqa: PLC0415
        from daemon.store.reader import StoreMissingError, StoreReader  # noqa: PLC0415

        asked = [names] if isinstance(names, str) else names
        for name in asked or ():
            if name not in CATALOGUE:
                text = (
                    f"no event is named {name!r}{suggestion(name, CATALOGUE)}; see docs/events.md"
                )
                raise Error(text, Exit.NOT_FOUND)
        with (
            explained(),
            suppress(StoreMissingError),
            StoreReader.open(self._home.store) as store,
        ):
            return store.events(
                limit=-1 if limit is None else limit,  # SQLite's: no limit
                names=asked,
                run_id=self.id,
                since_s=_seconds(since),
                until_s=_seconds(until),
                routine=routine or asked is not None,
            )
        return []

    def checkpoints(self) -> list[Entry]:
        """Its checkpoints and backups, the oldest first, damaged ones too; see `state`."""
        from landerctl.operations.states.state_listing import collect  # noqa: PLC0415

        with explained():
            return collect(self._home, self._config_of_home(), self.id)

    def evaluations(self) -> list[EvaluationResult]:
        """The results of its evaluations, ascending in time; damaged ones are left out."""
        from daemon.runs.evaluations import list_evaluations  # noqa: PLC0415

        with explained():
            return [one.result for one in list_evaluations(self._run.evaluations).whole]

    def load_policy(self, checkpoint: str = "best") -> Policy:
        """The policy of a checkpoint or backup: an id, ``best`` or ``newest``; verified first.

        Imports torch and stable-baselines3, which takes seconds, but builds no simulation.
        """
        from daemon.backup.catalog import backup_directory  # noqa: PLC0415
        from landerctl.api.policy import load_policy  # noqa: PLC0415
        from landerctl.operations.states.find_checkpoint import (  # noqa: PLC0415
            find_checkpoint_folder,
        )

        with explained():
            backups = backup_directory(self._config_of_home(), self._home)
            folder = find_checkpoint_folder(self._run, backups, checkpoint)
            return load_policy(folder, self.config)

    def _config_of_home(self) -> Config:
        """What the daemon uses or last used. Raises ConfigError."""
        from landerctl.config_file import config_in_use  # noqa: PLC0415

        return config_in_use(self._home, self._files, os.environ).config

    def _summary(self) -> RunSummary:
        from daemon.runs.run_folder import current_run  # noqa: PLC0415
        from landerctl.operations.runs.summary import summarize_run  # noqa: PLC0415

        with explained():
            return summarize_run(self._run, current=self._run == current_run(self._home))


def _seconds(moment: Moment | None) -> float | None:
    """As Unix time; a datetime without a zone is local."""
    return moment.timestamp() if isinstance(moment, datetime) else moment
