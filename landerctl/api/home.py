"""A state folder: its runs, its daemon."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.base.paths import state_paths
from daemon.base.user import NoFolderError
from landerctl.api.errors import Error, explained
from landerctl.api.run import Run
from landerctl.exitcodes import Exit

if TYPE_CHECKING:
    from daemon.config.schema import Algorithm, Mode, WarmStart
    from landerctl.fast_path.status_report import Overview

StrPath = str | os.PathLike[str]


class Home:
    """A state folder, which needs not exist yet.

    `path` None: LANDERCTL_HOME, or the user's own, as the commands find it. `config`: configuration
    files, as --config names them. Every method reads what is there now, and raises Error.
    """

    def __init__(self, path: StrPath | None = None, *, config: Iterable[StrPath] = ()) -> None:
        try:
            self._paths = state_paths(None if path is None else Path(path), os.environ)
        except NoFolderError as error:
            raise Error(str(error), Exit.USAGE) from None
        self._config = tuple(Path(file) for file in config)

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The state folder."""
        return self._paths.home

    @property
    def current(self) -> Run | None:
        """The run that a start would resume; None if there is none."""
        from daemon.runs.run_folder import current_run  # noqa: PLC0415

        with explained():
            found = current_run(self._paths)
        return None if found is None else Run(self._paths, found, self._config)

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        from landerctl.operations.runs.summary import list_runs  # noqa: PLC0415

        with explained():
            found = [self._paths.run(one.id) for one in list_runs(self._paths)]
        return [Run(self._paths, one, self._config) for one in found]

    def run(self, ref: str = "current") -> Run:
        """The run with this id or name; `current`: the current one."""
        from daemon.runs.references import resolve_run  # noqa: PLC0415

        with explained():
            return Run(self._paths, resolve_run(self._paths, ref), self._config)

    def status(self) -> Overview:
        """What `landerctl status --json` prints, with the same names."""
        from landerctl.fast_path.status import view_now  # noqa: PLC0415

        with explained():
            return view_now(self._paths)

    def start(
        self,
        *,
        mode: Mode | None = None,
        algorithm: Algorithm | None = None,
        n_envs: int | None = None,
        timesteps: int | None = None,
        stage: int | None = None,
        seed: int | None = None,
        name: str | None = None,
        warm_start: WarmStart | None = None,
        tags: Sequence[str] = (),
        settings: Mapping[str, object] | None = None,
        fresh: bool | None = None,
        origin: str | None = None,
        wait: bool = True,
    ) -> Run:
        """Start the daemon in the background and train; returns the run.

        Arguments are the options of `landerctl start`: `settings` those of --set, such as
        ``{"ppo.gamma": 0.99}``; `fresh` None: resume, unless completed; `origin` is --from, a state
        as RUN/STATE. `wait`: until training runs. The daemon outlives this process.
        """
        from landerctl.api.verbs import assignments, options, run_verb  # noqa: PLC0415

        one_each = options(
            mode=mode,
            algorithm=algorithm,
            n_envs=n_envs,
            timesteps=timesteps,
            stage=stage,
            seed=seed,
            name=name,
            warm_start=warm_start,
        )
        verb = ["start", *one_each, *(f"--tag={tag}" for tag in tags)]
        verb += assignments(settings or {})
        if fresh is not None:
            verb.append("--fresh" if fresh else "--resume")
        if origin is not None:
            verb.append(f"--from={origin}")
        run_verb(self.path, self._config, [*verb, "--wait" if wait else "--no-wait"])
        return self.run()

    def stop(self, reason: str = "", *, force: bool = False) -> None:
        """Save a checkpoint, then stop trainer and daemon.

        `force`: also without a last checkpoint, and a daemon that does not answer is killed.
        """
        from landerctl.api.verbs import run_verb  # noqa: PLC0415

        forced = ["--force"] if force else []
        run_verb(self.path, self._config, ["stop", f"--note={reason}", *forced])

    def rollback(self, to: str = "last-good", reason: str = "") -> str:
        """Return the current run to an earlier state; returns the id of its newest checkpoint.

        `to`: an id, ``newest``, ``best``, ``last-good``, ``stage:3`` or ``before:2h``. Training
        resumes from there, without a daemon at the next start. Nothing is deleted.
        """
        from landerctl.api.verbs import roll_back  # noqa: PLC0415

        return roll_back(self.path, self._config, [f"--to={to}"], reason)

    def undo_rollback(self, reason: str = "") -> str:
        """Reverse the last rollback; returns the id of the newest checkpoint."""
        from landerctl.api.verbs import roll_back  # noqa: PLC0415

        return roll_back(self.path, self._config, ["--undo"], reason)
