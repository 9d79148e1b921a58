"""The landings page: an evaluation's flights as drawings and rows, and why training episodes
failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import DataTable

from daemon.base.paths import StatePaths
from daemon.store.episodes import StoredEpisode
from landerctl.operations.states.find_checkpoint import NEWEST
from landerctl.tui.actions import LANDING_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.flight.order import FlightOrder, order_of_evaluation
from landerctl.tui.landings.causes import COLUMNS as FAILED_COLUMNS
from landerctl.tui.landings.causes import cause_lines, failed_row
from landerctl.tui.landings.descents import descent_lines
from landerctl.tui.landings.details import episode_details, flight_details
from landerctl.tui.landings.failed import FailedEpisodes, FailedReader
from landerctl.tui.landings.figures import figure_lines
from landerctl.tui.landings.reader import LandingsReader
from landerctl.tui.landings.records import Flight, Landings, words
from landerctl.tui.landings.rows import COLUMNS, flight_row
from landerctl.tui.landings.touchdowns import touchdown_caption, touchdown_lines
from landerctl.tui.screens.details import DetailsScreen
from landerctl.tui.screens.page import FlightWanted, Page
from landerctl.tui.widgets.drawing import Drawing
from landerctl.tui.widgets.lists.rows import RowsTable

ZOOMS = (1.0, 4.0, 16.0, 64.0)


@dataclass(frozen=True)
class PageData:
    """What the page shows; a part that is not in front is not read."""

    landings: Landings | None = None
    failed: FailedEpisodes | None = None


class LandingsPage(Page[PageData]):
    """Left and right choose the evaluation, the cursor of the table the flight."""

    BINDINGS = [action.binding for action in LANDING_ACTIONS]  # noqa: RUF012  Textual's way

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("landings")
        self._landings_reader = LandingsReader(paths)
        self._failed_reader = FailedReader(paths)
        # Read in the feed's thread:
        self._chosen: Path | None = None  # evaluation; None: the newest
        self._in_training = False  # shows the failed training episodes
        self._landings: Landings | None = None
        self._failed = FailedEpisodes()
        self._zoom = 0
        self._snapshot: Snapshot | None = None

    @property
    def read(self) -> Callable[[Snapshot], PageData]:
        """The chosen evaluation, or the failed episodes."""
        return self._read

    def _read(self, snapshot: Snapshot) -> PageData:
        if self._in_training:
            return PageData(failed=self._failed_reader.read(snapshot))
        return PageData(landings=self._landings_reader.read(snapshot, self._chosen))

    def content(self) -> ComposeResult:
        """Figures, two drawings and the flights; or the causes and the failed episodes."""
        with Container(id="landings"):
            yield Drawing(id="landing-figures", title="Landings")
            with Container(id="drawings"):
                yield Drawing(id="touchdowns", title="Touchdowns")
                yield Drawing(id="descents", title="Descents")
            yield RowsTable(id="landing-flights", title="Flights, worst first", columns=COLUMNS)
        with Container(id="failures"):
            yield Drawing(id="failure-causes", title="Training episodes that failed, by cause")
            yield RowsTable(
                id="failed-episodes", title="The last that failed", columns=FAILED_COLUMNS
            )

    def on_mount(self) -> None:
        """Begin with the flights of an evaluation."""
        self._arrange()

    def show(self, snapshot: Snapshot) -> None:
        """Keep the states that could fly."""
        super().show(snapshot)
        self._snapshot = snapshot

    def show_data(self, data: PageData) -> None:
        """Show an evaluation, or the failed episodes."""
        if data.failed is not None:
            self._failed = data.failed
            self._show_failed()
        elif not self._in_training:
            self._landings = data.landings
            self._show_landings()

    def action_older(self) -> None:
        """Show the evaluation before."""
        if self._landings is not None and self._landings.older is not None:
            self._choose(self._landings.older)

    def action_newer(self) -> None:
        """Show the evaluation after; at the newest follow those to come."""
        landings = self._landings
        if landings is not None and landings.newer is not None:
            newest = landings.position + 1 == landings.total
            self._choose(None if newest else landings.newer)

    def action_zoom(self) -> None:
        """Draw what is nearer to the pad; after the nearest all again."""
        self._zoom = (self._zoom + 1) % len(ZOOMS)
        self._show_landings()

    def action_rows(self) -> None:
        """On a small screen show the flights' rows in place of the drawings, and back."""
        self.toggle_class("-rows")

    def action_causes(self) -> None:
        """Show why training episodes failed, or the evaluation again."""
        self._in_training = not self._in_training
        self._arrange()
        self.read_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The evaluation's keys have no use for training episodes."""
        return not (self._in_training and action in {"older", "newer", "zoom", "rows"})

    def action_fly(self) -> None:
        """Fly the selected flight or episode again."""
        order = self._order()
        if order is None:
            self.notify("No flight is selected", title="Fly", severity="warning")
        else:
            self.post_message(FlightWanted(order))

    def on_data_table_row_selected(self, message: DataTable.RowSelected) -> None:
        """Enter or a second click: show everything about it."""
        message.stop()
        flight, episode, order = self._flight, self._episode, self._order()
        if order is None:
            return
        if self._in_training and episode is not None:
            self.app.push_screen(DetailsScreen(*episode_details(episode), order))
        elif self._landings is not None and flight is not None:
            result = self._landings.evaluation.result
            self.app.push_screen(DetailsScreen(*flight_details(flight, result, order.pilot), order))

    def on_data_table_row_highlighted(self, message: DataTable.RowHighlighted) -> None:
        """Highlight the selected flight in the drawings."""
        message.stop()
        self._draw()

    def _choose(self, evaluation: Path | None) -> None:
        self._chosen = evaluation
        self.read_again()

    def _arrange(self) -> None:
        self.set_class(self._in_training, "-in-training")
        self._table.focus()
        self.refresh_bindings()

    @property
    def _table(self) -> RowsTable:
        name = "failed-episodes" if self._in_training else "landing-flights"
        return self.query_one(f"#{name}", RowsTable)

    @property
    def _flight(self) -> Flight | None:
        selected = self.query_one("#landing-flights", RowsTable).selected
        flights = self._landings.flights if self._landings is not None else ()
        return next((one for one in flights if str(one.seed) == selected), None)

    @property
    def _episode(self) -> StoredEpisode | None:
        selected = self.query_one("#failed-episodes", RowsTable).selected
        return next((one for one in self._failed.newest if _name(one) == selected), None)

    def _order(self) -> FlightOrder | None:
        flight, episode = self._flight, self._episode
        if self._in_training:
            if episode is None:
                return None
            note = f"the start of an episode that ended so: {words(episode.cause)}"
            return FlightOrder(NEWEST, episode.seed, episode.difficulty, note)
        if self._landings is None or flight is None:
            return None
        states = self._snapshot.restorables if self._snapshot is not None else ()
        return order_of_evaluation(self._landings.evaluation.result, flight.seed, states)

    def _show_landings(self) -> None:
        landings = self._landings
        figures = self.query_one("#landing-figures", Drawing)
        if landings is None:
            text = "No evaluation yet: the training makes one from time to time; "
            figures.show_drawing(None, lambda width, _: [Content(text + "landerctl evaluate")])
            self._table.show_rows({})
        else:
            figures.show_drawing(landings, lambda width, _: figure_lines(landings, width))
            _entitle(figures, f"Landings: evaluation {landings.position} of {landings.total}", "")
            table = self.query_one("#landing-flights", RowsTable)
            table.show_rows({str(one.seed): flight_row(one) for one in landings.flights})
        self._draw()

    def _draw(self) -> None:
        landings, flight = self._landings, self._flight
        flights = landings.flights if landings is not None else ()
        chosen = flight.seed if flight is not None else None
        zoom = ZOOMS[self._zoom]
        touchdowns = self.query_one("#touchdowns", Drawing)
        descents = self.query_one("#descents", Drawing)
        of = (landings, chosen, zoom)
        touchdowns.show_drawing(of, lambda w, h: touchdown_lines(flights, chosen, zoom, w, h))
        descents.show_drawing(of, lambda w, h: descent_lines(flights, chosen, zoom, w, h))
        nearer = f"  {zoom:g} times nearer" if self._zoom else ""
        _entitle(touchdowns, f"Touchdowns{nearer}", touchdown_caption(flights, zoom))
        note = "" if flight is None else f"thick: {_spoken(flight)}"
        _entitle(descents, f"Descents{nearer}", note)

    def _show_failed(self) -> None:
        failed = self._failed
        causes = self.query_one("#failure-causes", Drawing)
        causes.show_drawing(
            (failed.counts, failed.recent), lambda width, _: cause_lines(failed, width)
        )
        rows = {_name(one): failed_row(one) for one in failed.newest}
        self.query_one("#failed-episodes", RowsTable).show_rows(rows)


def _name(one: StoredEpisode) -> str:
    return f"{one.seed} {one.time_s}"


def _spoken(flight: Flight) -> str:
    """The selected flight in a few words."""
    return f"{words(flight.outcome)}, {flight.miss_m:,.1f} m from the pad, seed {flight.seed}"


def _entitle(drawing: Drawing, title: str, subtitle: str) -> None:
    """Set the titles that differ: Textual redraws for each."""
    if drawing.border_title != title:
        drawing.border_title = title
    if drawing.border_subtitle != subtitle:
        drawing.border_subtitle = subtitle
