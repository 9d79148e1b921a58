from __future__ import annotations

from daemon.store.catalogs.event_catalog import CATALOGUE
from daemon.store.catalogs.event_catalog_page import render_events_page
from tests.daemon.harness import ROOT


def test_the_page_matches_the_catalogue() -> None:
    assert (ROOT / "docs" / "events.md").read_text(encoding="utf-8") == render_events_page(), (
        "run: python -m daemon.store.catalogs.event_catalog_page > docs/events.md"
    )


def test_every_event_is_listed_once() -> None:
    page = render_events_page()
    for name in CATALOGUE:
        assert page.count(f"| `{name}` |") == 1
