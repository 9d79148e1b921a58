"""Where the dashboard's panels are, and that all of them fit."""

from __future__ import annotations

import itertools

from textual.geometry import Region
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from landerctl.tui.widgets.lines import LinesPanel
from landerctl.tui.widgets.panels.checkpoints import CheckpointsPanel
from tests.landerctl.tui.flight_deck import Deck


def panels(deck: Deck) -> dict[str, Region]:
    """The shown panels and where they are."""
    screen = deck.app.screen
    shown = [
        *screen.query("#header, #banner, #startup, #body > *").results(),
        screen.query_one(Footer),
    ]
    return {widget.id or "footer": widget.region for widget in shown if widget.display}


def assert_nothing_is_cut_off(deck: Deck) -> None:
    screen = deck.app.screen.region
    regions = panels(deck)
    for name, region in regions.items():
        assert region.area > 0, name
        assert screen.contains_region(region), (name, region)
    for (name, one), (other, two) in itertools.combinations(regions.items(), 2):
        assert not one.overlaps(two), (name, other)
    for panel in deck.app.query(LinesPanel):
        if panel.snapshot is not None and panel.region.area > 0:
            width, height = panel.size
            lines = panel.lines(panel.snapshot, width, height)
            assert len(lines) <= height, panel.id
            assert all(line.cell_length <= width for line in lines), (panel.id, lines)
    keys = [key.region for key in deck.app.query(FooterKey)]
    assert all(screen.contains_region(region) for region in keys)
    assert not any(one.overlaps(two) for one, two in itertools.combinations(keys, 2))
    table = deck.app.query_one(CheckpointsPanel)
    assert not table.display or table.max_scroll_x == 0
