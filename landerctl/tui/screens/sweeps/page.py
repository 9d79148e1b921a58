"""The page of sweeps: the trials of one, their curves, details of the selected trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from daemon.base.paths import StatePaths
from landerctl.tui.actions import SWEEP_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.legend import LETTERS
from landerctl.tui.questions import resume_sweep_question, stop_sweep_question
from landerctl.tui.screens.page import Page
from landerctl.tui.screens.records.choice import ChoiceScreen
from landerctl.tui.screens.sweeps.plot import SweepPlot
from landerctl.tui.screens.sweeps.trial_list import (
    LEAD_CELLS,
    MARKED,
    NOT_MARKED,
    TrialList,
    TrialTitles,
)
from landerctl.tui.sweeps.arranged import BEST, Arrangement, arranged
from landerctl.tui.sweeps.columns import Column, columns, fitted
from landerctl.tui.sweeps.details import Line, detail_lines
from landerctl.tui.sweeps.header import header_lines
from landerctl.tui.sweeps.plotted import MOST_PLOTTED, recorded, series_of
from landerctl.tui.sweeps.reader import SweepReader
from landerctl.tui.sweeps.records import FoundSweeps, Sweep
from landerctl.tui.widgets.lists.filter_field import FilterField
from landerctl.tui.widgets.lists.marks import Marks
from landerctl.tui.widgets.lists.run_list import RunDetails

_Made = TypeVar("_Made")
BEST_PLOTTED = 4  # while none is marked
_VIEWS = ("", "-plot", "-details")  # the list with some of them; only the plot; only the details


class SweepsPage(Page[FoundSweeps]):
    """Of now, also while the past is shown."""

    AUTO_FOCUS = "TrialList"
    BINDINGS = [action.binding for action in SWEEP_ACTIONS]  # noqa: RUF012  Textual's way

    class TrialWanted(Message):
        """The operator wants a trial's own screen."""

        def __init__(self, number: int, home: StatePaths) -> None:
            super().__init__()
            self.number = number
            self.home = home

    class CompareWanted(Message):
        """The operator wants trials side by side."""

        def __init__(self, sweep: str, numbers: tuple[int, ...]) -> None:
            super().__init__()
            self.sweep = sweep
            self.numbers = numbers

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("sweeps")
        self._reader = SweepReader(paths)
        self._wanted = Arrangement()
        self._found: FoundSweeps | None = None  # None: not read yet
        self._columns: list[Column] = []
        self._marked = Marks[int](MOST_PLOTTED)
        self._choice: PlotChoice | None = None  # None: as the first objective
        self._view = 0
        self._detailed: tuple[int, list[Line]] | None = None
        self._said: Content | None = None
        self._made: dict[str, tuple[tuple[object, ...], Any]] = {}

    @property
    def read(self) -> Callable[[Snapshot], FoundSweeps]:
        """Reads the sweep if it changed."""
        return self._reader.read

    @property
    def copyable(self) -> str | None:
        """The state folder of the selected trial, for --home."""
        sweep, number = self._sweep, self._list.selected
        home = self._home(number) if sweep is not None and number is not None else None
        return None if home is None else str(home.home)

    def content(self) -> ComposeResult:
        """State, filter, the list, the curves, the details of the selected trial."""
        yield Static(id="sweep-state")
        yield FilterField("Words, numbers or values such as running gamma=0.99")
        with Container(id="sweep-body"):
            with Vertical(id="sweep-box"):
                yield TrialTitles(id="sweep-titles")
                yield TrialList(id="sweep-list")
                yield SweepPlot(id="sweep-plot")
            yield RunDetails(id="sweep-details")

    def on_mount(self) -> None:
        """Say that it is being read."""
        self._say(Content("Sweeps · reading …"))

    @property
    def _list(self) -> TrialList:
        return self.query_one(TrialList)

    @property
    def _sweep(self) -> Sweep | None:
        return None if self._found is None else self._found.sweep

    def _home(self, number: int) -> StatePaths | None:
        sweep = self._sweep
        trial = None if sweep is None else sweep.trials.get(number)
        return None if trial is None else self._reader.home(trial)

    def show_data(self, data: FoundSweeps) -> None:
        """Show what was read."""
        if data is self._found:
            return
        before = self._sweep
        if self._found is None or len(self._found.names) != len(data.names):
            self.refresh_bindings()
        self._found = data
        sweep = data.sweep
        if sweep is None:
            self._say(Content("Sweeps · none yet: landerctl sweep run FILE creates one"))
            return
        if before is None or before.status.name != sweep.status.name:
            self._begin(sweep)
        self._show_all()

    def _begin(self, sweep: Sweep) -> None:
        """Forget what was chosen for another sweep."""
        self._columns = columns(sweep.spec)
        self._wanted = replace(Arrangement(), words=self._wanted.words)
        self._marked.keep(())
        self._choice = PlotChoice((series_of(sweep.spec.objectives[0]),))

    def show_fault(self, text: str) -> None:
        """Say above the list why it could not be read; the list stays as it was."""
        self._say(Content.assemble(("✖ ", "bold $text-error"), text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Choosing needs several sweeps."""
        if action == "choose" and (self._found is None or len(self._found.names) < 2):
            return False
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Choose the columns for the new width, and wrap the details."""
        self.call_after_refresh(self._show_all)

    def on_trial_list_moved(self) -> None:
        """Show the details of the newly selected trial."""
        self._show_details()

    def on_trial_titles_clicked(self, message: TrialTitles.Clicked) -> None:
        """Sort by the column."""
        titles = [column.title for column in self._columns]
        self._arrange(self._wanted.by(titles.index(message.title)))

    def on_trial_list_opened(self) -> None:
        """Open the trial's own screen."""
        sweep, number = self._sweep, self._list.selected
        if sweep is None or number is None:
            return
        home = self._home(number)
        if home is None:
            place = sweep.trials[number].place
            text = f"Its state folder is {place}: not on this machine" if place else "Not begun yet"
            self.notify(text, title=f"Trial {number}", severity="warning")
        else:
            self.post_message(self.TrialWanted(number, home))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter by what was typed."""
        message.stop()
        self._arrange(replace(self._wanted, words=self.query_one(FilterField).words))

    def on_filter_field_done(self) -> None:
        """The keys are the list's again."""
        self._list.focus()

    def action_open(self) -> None:
        """Open the selected trial."""
        self._list.action_open()

    def action_mark(self) -> None:
        """Mark the selected trial, or no longer; go to the next one."""
        number = self._list.selected
        if number is None:
            return
        if not self._marked.toggle(number):
            self.notify(f"{MOST_PLOTTED} are marked: unmark one first", severity="warning")
            return
        self._list.move_to(self._list.cursor + 1)
        self._show_all()

    def action_compare(self) -> None:
        """Compare the marked trials; without one, those that are plotted."""
        sweep = self._sweep
        wanted = tuple(self._plotted())
        if sweep is None or len(wanted) < 2:
            text = "Mark two or more trials with space, then press c"
            self.notify(text, title="Compare", severity="warning")
        else:
            self.post_message(self.CompareWanted(sweep.status.name, wanted))

    def action_filter(self) -> None:
        """Begin to filter."""
        self.query_one(FilterField).begin()

    def action_order(self) -> None:
        """Sort by the next column."""
        if self._columns:
            self._arrange(self._wanted.by((self._wanted.column + 1) % len(self._columns)))

    def action_reverse(self) -> None:
        """Sort in reverse."""
        self._arrange(replace(self._wanted, reverse=not self._wanted.reverse))

    def action_larger(self) -> None:
        """Show the list; only the curves; only the details."""
        self._view = (self._view + 1) % len(_VIEWS)
        for number, name in enumerate(_VIEWS):
            if name:
                self.set_class(number == self._view, name)
        if self._view == 0:
            self._list.focus()
        self.call_after_refresh(self._show_all)

    def action_next_metric(self) -> None:
        """Plot the next series that any of the plotted trials has."""
        found, choice = self._found, self._choice
        names = recorded(found.curves) if found is not None else []
        if choice is not None and names:
            at = names.index(choice.series[0]) if choice.series[0] in names else -1
            self._choose(choice.of(names[(at + 1) % len(names)]))

    def action_smoother(self, by: int) -> None:
        """Smooth more or less."""
        if self._choice is not None:
            self._choose(self._choice.smoother(by))

    def action_log_scale(self) -> None:
        """Make the value axis logarithmic, or linear."""
        if self._choice is not None:
            self._choose(msgspec.structs.replace(self._choice, log=not self._choice.log))

    def action_choose(self) -> None:
        """Choose another sweep."""
        found = self._found
        if found is None or found.sweep is None:
            return

        def show(name: str | None) -> None:
            if name is not None:
                self._reader.chosen = name
                self.read_again()

        choices = [(one.name, one.words) for one in found.names]
        self.app.push_screen(ChoiceScreen("Sweeps", choices, found.sweep.status.name), show)

    def action_stop_or_start_sweep(self) -> None:
        """Ask for confirmation of a stop, or of a start."""
        sweep = self._sweep
        if sweep is None:
            text = "There is no sweep yet: landerctl sweep run FILE creates one"
            self.notify(text, severity="warning")
        elif sweep.status.pid is not None:
            self.post_message(self.QuestionAsked(stop_sweep_question(sweep.status)))
        elif sweep.status.state == "ended":
            self.notify(f"{sweep.status.name} has ended: {sweep.status.text}")
        else:
            self.post_message(self.QuestionAsked(resume_sweep_question(sweep.status)))

    def action_last(self) -> None:
        """Go to the last one."""
        self._list.move_to(len(self._list.rows) - 1)

    async def action_leave(self) -> None:
        """End the filter, else leave the page."""
        if self._view:
            self._view = len(_VIEWS) - 1
            self.action_larger()
        elif not self.query_one(FilterField).leave():
            await self.run_action("app.close_page")

    def _arrange(self, wanted: Arrangement) -> None:
        self._wanted = wanted
        self._show_all()

    def _choose(self, choice: PlotChoice) -> None:
        self._choice = choice
        self._show_plot()

    def _plotted(self) -> Sequence[int]:
        """The trials whose curves are shown: the marked ones, else the best."""
        sweep = self._sweep
        if self._marked or sweep is None:
            return list(self._marked)

        def best() -> list[int]:
            begun = [row for row in sweep.status.trials if row.run_id]
            ordered = arranged(begun, Arrangement(BEST), self._columns)
            return [row.number for row in ordered[:BEST_PLOTTED]]

        return self._once("best", (sweep,), best)

    def _show_all(self) -> None:
        sweep = self._sweep
        if sweep is None or self._found is None:
            return
        plotted = self._plotted()
        if list(self._reader.plotted) != list(plotted):
            self._reader.plotted = plotted
            self.read_again()
        self._show_rows(sweep)
        self._show_plot()
        self._show_details()

    def _show_rows(self, sweep: Sweep) -> None:
        trials, found = self._list, self._found
        width = trials.scrollable_content_region.width
        if found is None or width < 1:
            return
        all_, wanted = sweep.status.trials, self._wanted
        rows = self._once("rows", (sweep, wanted), lambda: arranged(all_, wanted, self._columns))
        shown = self._once(
            "columns", (sweep, width), lambda: fitted(self._columns, all_, width - LEAD_CELLS)
        )
        trials.show_rows(rows, shown, self._leads())
        self.query_one(TrialTitles).show(shown, self._columns[wanted.column].title, wanted.reverse)
        cells = self.query_one("#sweep-state", Static).scrollable_content_region.width
        lines = header_lines(sweep.status, len(found.names) - 1, cells)
        listed = f"{len(rows)} with “{wanted.words}” · " if wanted.words else ""
        if listed:
            lines[1] = Content(listed) + lines[1]
        self._say(Content("\n").join(lines))

    def _once(self, name: str, of: tuple[object, ...], make: Callable[[], _Made]) -> _Made:
        """What was made of these before, else what `make` makes: of 10,000 trials it takes time."""
        if name not in self._made or self._made[name][0] != of:
            self._made[name] = of, make()
        made: _Made = self._made[name][1]
        return made

    def _leads(self) -> dict[int, str]:
        """The letter of each plotted trial's curve, and the mark."""
        curves = self._found.curves if self._found is not None else {}
        letters = dict(zip(curves, LETTERS, strict=False))
        return {
            number: letters.get(number, " ") + (MARKED if number in self._marked else NOT_MARKED)
            for number in {*letters, *self._marked}
        }

    def _show_plot(self) -> None:
        if self._found is not None and self._found.sweep is not None and self._choice is not None:
            plot = self.query_one(SweepPlot)
            plot.show_curves(self._found.sweep, self._found.curves, self._choice)

    def _show_details(self) -> None:
        sweep, number, pane = self._sweep, self._list.selected, self.query_one(RunDetails)
        width = pane.scrollable_content_region.width
        if sweep is None or number is None or width < 1:
            pane.show_lines("", ())
            return
        lines = detail_lines(sweep, number, width)
        if (number, lines) != self._detailed:  # what was scrolled to stays there
            self._detailed = number, lines
            pane.show_lines(str(number), lines)

    def _say(self, text: Content) -> None:
        if self._said is None or not text.is_same(self._said):
            self._said = text
            self.query_one("#sweep-state", Static).update(text)
