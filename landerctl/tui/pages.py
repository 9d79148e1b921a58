"""The pages by name: the full screens that a key opens above the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daemon.base.paths import StatePaths
from landerctl.tui.screens.landings import LandingsPage
from landerctl.tui.screens.metrics import MetricsPage
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.records.events import EventsPage
from landerctl.tui.screens.records.logs import LogsPage

PAGES: Mapping[str, Callable[[StatePaths], Page[Any]]] = {
    "logs": LogsPage,
    "events": lambda paths: EventsPage(paths, PAGES),
    "metrics": MetricsPage,
    "landings": LandingsPage,
}
