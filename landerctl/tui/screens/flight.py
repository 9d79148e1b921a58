"""The page of one flight: the picture of `landerctl fly`, flown by a process that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.text import Text
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from daemon.base.paths import StatePaths
from daemon.protocol.startup import one_line
from landerctl.flight.screen import frame, report
from landerctl.flight.source import FlightReports, flight_process
from landerctl.flight.summary import summarize, summary_lines
from landerctl.tui.actions import FLIGHT_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.flight.order import FlightOrder, process_arguments
from landerctl.tui.flight.playback import Playback
from landerctl.tui.screens.page import Page


class FlightPage(Page[None]):
    """Plays the flight that was ordered; paused and faster or slower by key."""

    BINDINGS = [action.binding for action in FLIGHT_ACTIONS]  # noqa: RUF012  Textual's way

    class Advanced(Message):
        """The flight has something new to show."""

        def can_replace(self, message: Message) -> bool:
            """Whether this message replaces the queued `message`."""
            return isinstance(message, FlightPage.Advanced)

    def __init__(self, paths: StatePaths, order: FlightOrder, snapshot: Snapshot) -> None:
        super().__init__("flight")
        self._paths = paths
        self._order = order
        self._snapshot = snapshot  # when it was ordered
        self.playback = self._new_playback()

    def content(self) -> ComposeResult:
        """The picture beside the figures."""
        yield FlightView(self._order, id="flight")

    def on_mount(self) -> None:
        """Take off."""
        self._begin()

    def on_unmount(self) -> None:
        """End the process."""
        self.playback.stop()

    def on_flight_page_advanced(self) -> None:
        """Draw; at the end other keys apply."""
        self.query_one(FlightView).refresh()
        if self.playback.ended is not None or self.playback.failure is not None:
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what makes sense: nothing to pause at the end, nothing to repeat before it."""
        over = self.playback.ended is not None or self.playback.failure is not None
        if action == "again":
            return over
        return not (over and action in {"pause", "speed"}) and super().check_action(
            action, parameters
        )

    def action_pause(self) -> None:
        """Pause, or continue."""
        self.playback.paused = not self.playback.paused
        self.query_one(FlightView).refresh()

    def action_speed(self, by: int) -> None:
        """Play faster or slower."""
        self.playback.change_speed(by)
        self.query_one(FlightView).refresh()

    def action_again(self) -> None:
        """Fly the same episode once more."""
        self.playback.stop()
        self.playback = self._new_playback()
        self._begin()
        self.refresh_bindings()

    def _new_playback(self) -> Playback:
        return Playback(self._fly, lambda: self.post_message(self.Advanced()))

    def _begin(self) -> None:
        view = self.query_one(FlightView)
        view.playback = self.playback
        view.refresh()
        self.playback.start()

    @contextmanager
    def _fly(self) -> Iterator[FlightReports]:
        arguments = process_arguments(self._order, self._snapshot, self._paths)
        with flight_process(arguments, self._paths.operator_log) as reports:
            yield reports


class FlightView(Widget):
    """One frame of a playback."""

    def __init__(self, order: FlightOrder, *, id: str) -> None:  # noqa: A002  Textual's name for it
        super().__init__(id=id)
        self._order = order
        self.playback: Playback | None = None

    def render(self) -> Text:
        """The start's step, the flight, its result, or why there is none."""
        if self.playback is None:
            return Text()
        return flight_text(self.playback, self._order, *self.size)


def flight_text(playback: Playback, order: FlightOrder, columns: int, rows: int) -> Text:
    """What a playback shows on `columns` x `rows` cells."""
    began, ended, samples = playback.began, playback.ended, playback.samples
    if playback.failure is not None:
        return Text(f"✖ {playback.failure}", "bold")
    if began is None or not samples:
        doing = "starting" if playback.startup is None else one_line(playback.startup)
        return Text(f"Flying {order.pilot}, seed {order.seed}: {doing}")
    if ended is not None:
        lines = summary_lines(began, summarize(began, ended, None))
        return report(
            began, samples, [*lines, Text(), Text(order.note, "dim")], columns=columns, rows=rows
        )
    pace = "paused" if playback.paused else f"x{playback.speed:g}"
    hint = f"{pace}; {order.note}" if order.note else pace
    return frame(began, list(samples), columns=columns, rows=rows, speed=playback.speed, hint=hint)
