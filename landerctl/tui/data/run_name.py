"""What people call the run that is shown, read again only when its file changed."""

from __future__ import annotations

from daemon.base.paths import StatePaths
from daemon.runs.metadata import shown_name
from landerctl.tui.data.stamp import Stamp, stamp


class RunName:
    """The name of a run."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._known: tuple[str, Stamp, str] = ("", (), "")

    def read(self, run_id: str | None) -> str:
        """The run's name; "" without a run, and if it cannot be read."""
        if run_id is None:
            return ""
        run = self._paths.run(run_id)
        now = stamp(run.metadata)
        if self._known[:2] != (run_id, now):
            self._known = run_id, now, shown_name(run)
        return self._known[2]
