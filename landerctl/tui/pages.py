"""The pages by name: the full screens that a key opens above the dashboard.

Those that take a while to import are imported when they are opened: the screen opens sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daemon.base.paths import StatePaths
from landerctl.tui.screens.landings import LandingsPage
from landerctl.tui.screens.metrics import MetricsPage
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.records.events import EventsPage
from landerctl.tui.screens.records.logs import LogsPage


def _checklist(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.checklist.page import ChecklistPage  # noqa: PLC0415

    return ChecklistPage(paths)


def _incidents(paths: StatePaths) -> Page[Any]:
    from landerctl.tui.screens.incidents.page import IncidentsPage  # noqa: PLC0415

    return IncidentsPage(paths)


PAGES: Mapping[str, Callable[[StatePaths], Page[Any]]] = {
    "logs": LogsPage,
    "events": lambda paths: EventsPage(paths, PAGES),
    "metrics": MetricsPage,
    "landings": LandingsPage,
    "checklist": _checklist,
    "incidents": _incidents,
}
