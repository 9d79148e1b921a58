"""What people call a run, read again only when its file changed."""

from __future__ import annotations

from daemon.base.paths import StatePaths
from daemon.base.text.one_line import one_line
from daemon.runs.metadata import read_metadata
from landerctl.tui.data.stamp import Stamp, stamp


def name_of(paths: StatePaths, run_id: str | None) -> str:
    """A run's name; "" without a run, and if it cannot be read."""
    if run_id is None:
        return ""
    try:
        return one_line(read_metadata(paths.run(run_id)).name)
    except OSError:
        return ""


class RunName:
    """The name of the run that is shown."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._known: tuple[str | None, Stamp, str] = (None, (), "")

    def read(self, run_id: str | None) -> str:
        """As `name_of`."""
        if run_id is None:
            return ""
        now = stamp(self._paths.run(run_id).metadata)
        if self._known[:2] != (run_id, now):
            self._known = run_id, now, name_of(self._paths, run_id)
        return self._known[2]
