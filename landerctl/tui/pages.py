"""The pages by name: the full screens that a key opens above the dashboard.

Each is imported when it is first opened, so that the screen itself opens sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daemon.base.paths import StatePaths
from landerctl.tui.screens.page import Page


def _logs(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.records.logs import LogsPage  # noqa: PLC0415

    return LogsPage(paths)


def _events(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.records.events import EventsPage  # noqa: PLC0415

    return EventsPage(paths, PAGES)


def _metrics(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.metrics import MetricsPage  # noqa: PLC0415

    return MetricsPage(paths)


def _landings(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.landings import LandingsPage  # noqa: PLC0415

    return LandingsPage(paths)


def _checklist(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.checklist.page import ChecklistPage  # noqa: PLC0415

    return ChecklistPage(paths)


def _incidents(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.incidents.page import IncidentsPage  # noqa: PLC0415

    return IncidentsPage(paths)


def _runs(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.runs.page import RunsPage  # noqa: PLC0415

    return RunsPage(paths)


def _sweeps(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.sweeps.page import SweepsPage  # noqa: PLC0415

    return SweepsPage(paths)


PAGES: Mapping[str, Callable[[StatePaths], Page[Any]]] = {
    "logs": _logs,
    "events": _events,
    "metrics": _metrics,
    "landings": _landings,
    "checklist": _checklist,
    "incidents": _incidents,
    "sweeps": _sweeps,
    "runs": _runs,
}
