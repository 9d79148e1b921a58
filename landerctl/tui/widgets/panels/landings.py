"""The dashboard's two panels of the newest evaluation."""

from __future__ import annotations

from textual.screen import Screen

from landerctl.tui.landings.descents import descent_lines
from landerctl.tui.landings.figures import interval, share
from landerctl.tui.landings.records import Landings
from landerctl.tui.landings.touchdowns import touchdown_caption, touchdown_lines
from landerctl.tui.widgets.drawing import Drawing

NO_ZOOM = 1.0


def landings_panels() -> tuple[Drawing, Drawing]:
    """Touchdowns and descents, empty."""
    return (
        Drawing(id="newest-touchdowns", title="Touchdowns"),
        Drawing(id="newest-descents", title="Descents"),
    )


def show_landings(screen: Screen[None], landings: Landings) -> None:
    """Draw an evaluation in the panels of `screen`, unless it is drawn already."""
    touchdowns = screen.query_one("#newest-touchdowns", Drawing)
    descents = screen.query_one("#newest-descents", Drawing)
    if touchdowns.shows(landings):
        return
    flights, result = landings.flights, landings.evaluation.result
    worst = flights[0].seed if flights else None
    touchdowns.show_drawing(
        landings, lambda width, height: touchdown_lines(flights, worst, NO_ZOOM, width, height)
    )
    descents.show_drawing(
        landings, lambda width, height: descent_lines(flights, worst, NO_ZOOM, width, height)
    )
    rate = interval(result.success_rate, share)
    touchdowns.border_title = f"Touchdowns of {result.pilot}"
    touchdowns.border_subtitle = touchdown_caption(flights, NO_ZOOM)
    descents.border_title = f"Descents, stage {result.stage}: landed {rate}"
    descents.border_subtitle = "thick: the worst"
