"""Finds a run's evaluations and reads the flights of one. Called in the feed's thread."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.paths import StatePaths
from daemon.base.text.one_line import printable
from daemon.runs.evaluations import Evaluation, EvaluationResult
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.landings.records import Flight, Landings

KEPT_FLIGHTS = 4  # evaluations whose flights stay in memory, a few MB each


class LandingsReader:
    """Reads a result once, and trajectories only of the evaluation that is shown."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._folder: tuple[Path, int] | None = None  # listed, and its mtime then
        self._known: dict[str, Evaluation | None] = {}  # by file name; None: damaged
        self._listed: list[Evaluation] = []
        self._flights: dict[Path, tuple[tuple[Flight, ...], str | None]] = {}
        self._last: Landings | None = None

    def read(self, snapshot: Snapshot, chosen: Path | None = None) -> Landings | None:
        """The newest evaluation of the time that the snapshot shows; None: there is none.

        `chosen`: the evaluation with this result instead, while it exists. Raises OSError.
        """
        run = snapshot.status.run
        if run is None:
            return None
        self._list(self._paths.run(run.id).evaluations)
        opened = snapshot.past is not None and snapshot.past.of_opened_run
        until_s = math.inf if opened else snapshot.read_s  # it may be evaluated long after its end
        evaluations = [one for one in self._listed if one.result.created_s <= until_s]
        if not evaluations:
            return None
        paths = [one.path for one in evaluations]
        at = paths.index(chosen) if chosen in paths else len(paths) - 1
        older = paths[at - 1] if at > 0 else None
        newer = paths[at + 1] if at + 1 < len(paths) else None
        last, evaluation = self._last, evaluations[at]
        if last is None or last.evaluation is not evaluation:
            flights, fault = self._read_flights(evaluation)
            last = Landings(evaluation, flights, fault, at + 1, len(paths), older, newer)
        elif (last.position, last.total, last.older) != (at + 1, len(paths), older):
            last = replace(last, position=at + 1, total=len(paths), older=older, newer=newer)
        self._last = last
        return last

    def _list(self, folder: Path) -> None:
        """List again if the folder changed; read the results that are new."""
        try:
            stamp = folder, folder.stat().st_mtime_ns
        except FileNotFoundError:
            stamp = folder, 0
        if stamp == self._folder:
            return
        names = [] if not stamp[1] else sorted(path.name for path in folder.glob("[!.]*.json"))
        if self._folder is None or self._folder[0] != folder:
            self._known = {}
        self._known = {
            name: self._known[name] if self._known.get(name) else _read_result(folder / name)
            for name in names
        }
        whole = [one for one in self._known.values() if one is not None]
        self._listed = sorted(whole, key=lambda one: one.result.created_s)
        self._folder = stamp

    def _read_flights(self, evaluation: Evaluation) -> tuple[tuple[Flight, ...], str | None]:
        # numpy is loaded when the first evaluation is shown, not with the screen.
        from daemon.runs.trajectories import TrajectoriesError  # noqa: PLC0415
        from landerctl.tui.landings.arrays import read_flights  # noqa: PLC0415

        path = evaluation.trajectories
        if path not in self._flights:
            try:
                self._flights[path] = read_flights(path), None
            except TrajectoriesError as error:
                return (), str(error)
            while len(self._flights) > KEPT_FLIGHTS:
                del self._flights[next(iter(self._flights))]
        return self._flights[path]


def _read_result(path: Path) -> Evaluation | None:
    try:
        result = msgspec.json.decode(path.read_bytes(), type=EvaluationResult)
    except (*MALFORMED, FileNotFoundError):
        return None
    return Evaluation(path, printable(result))
