"""The page of runs: all of the state folder, to compare several or to look into an old one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from daemon.base.paths import StatePaths
from daemon.base.text.counted import counted
from landerctl.operations.runs.summary import RunSummary
from landerctl.tui.actions import RUN_ACTIONS
from landerctl.tui.data.runs import FoundRuns, RunsReader
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.runs.arranged import Arrangement, Placed, arranged
from landerctl.tui.runs.details import detail_lines
from landerctl.tui.runs.table import CURRENT, MARKED, NEITHER, now_s, table
from landerctl.tui.screens.page import Page
from landerctl.tui.widgets.lists.filter_field import FilterField
from landerctl.tui.widgets.lists.marks import Marks
from landerctl.tui.widgets.lists.record_list import RecordList, Row
from landerctl.tui.widgets.lists.run_list import RunDetails, RunList

MOST_COMPARED = 6  # more lines in one plot look too alike
SETTINGS_ROWS = 12  # from which on there is room for the settings of the selected run
_LEAD_CELLS = 4


class RunsPage(Page[FoundRuns]):
    """The list is of now, also while the past is shown."""

    AUTO_FOCUS = "RunList"
    BINDINGS = [action.binding for action in RUN_ACTIONS]  # noqa: RUF012  Textual's way

    class Opened(Message):
        """The operator wants to see a run."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    class CompareWanted(Message):
        """The operator wants to see runs side by side, the first one as the reference."""

        def __init__(self, run_ids: tuple[str, ...]) -> None:
            super().__init__()
            self.run_ids = run_ids

    def __init__(self, paths: StatePaths) -> None:
        super().__init__("runs")
        self._reader = RunsReader(paths, time.monotonic)
        self._wanted = Arrangement()
        self._found: FoundRuns | None = None  # None: not read yet
        self._snapshot: Snapshot | None = None
        self._marked = Marks[str](MOST_COMPARED)  # ids
        self._placed: list[Placed] = []
        self._drawn_of: tuple[object, ...] = ()
        self._texts: dict[str, str] = {}

    @property
    def read(self) -> Callable[[Snapshot], FoundRuns]:
        """Reads the runs that changed."""
        return self._reader.read

    @property
    def copyable(self) -> str | None:
        """The selected run's id."""
        return self._list.selected

    def content(self) -> ComposeResult:
        """What is listed, the filter, the list, the details of the selected run."""
        yield Static(id="runs-state")
        yield FilterField("Words, or conditions such as stage>=3 success>80%")
        with Container(id="runs-body"):
            with Vertical(id="runs-box"):
                yield Static(id="runs-titles")
                yield RunList(id="runs-list")
            yield RunDetails(id="run-details")

    def on_mount(self) -> None:
        """Say that it is being read."""
        self._say("runs-state", "Runs · reading …")

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    def show(self, snapshot: Snapshot) -> None:
        """Show what the training run has reached."""
        super().show(snapshot)
        self._snapshot = snapshot
        self._show_rows()

    def show_data(self, data: FoundRuns) -> None:
        """Show the runs that were read."""
        if data is not self._found:
            self._found = data
            self._marked.keep({run.id for run in data.runs})
            self._show_rows()
            self._show_details()

    def show_fault(self, text: str) -> None:
        """Say above the list why it could not be read; the list stays as it was."""
        self._say("runs-state", f"✖ {text}")

    def on_resize(self) -> None:
        """Choose the columns for the new width, and wrap the details."""
        self.call_after_refresh(self._show_rows)
        self.call_after_refresh(self._show_details)

    def on_run_list_moved(self) -> None:
        """Show the details of the newly selected run."""
        self._show_details()

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        """Open the run."""
        message.stop()
        if (run_id := self._list.selected) is not None:
            self.post_message(self.Opened(run_id))

    def on_record_list_more_wanted(self, message: RecordList.MoreWanted) -> None:
        """All runs are listed."""
        message.stop()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter by what was typed."""
        message.stop()
        self._arrange(replace(self._wanted, words=self.query_one(FilterField).words))

    def on_filter_field_done(self) -> None:
        """The keys are the list's again."""
        self._list.focus()

    def action_open(self) -> None:
        """Open the selected run."""
        self._list.action_open()

    def action_mark(self) -> None:
        """Mark the selected run, or no longer; go to the next one."""
        selected = self._list.selected
        if selected is None:
            return
        if not self._marked.toggle(selected):
            self.notify(f"{MOST_COMPARED} are marked: unmark one first", severity="warning")
            return
        self._show_rows()
        self._list.move_to(self._list.cursor + 1)

    def action_compare(self) -> None:
        """Compare the marked runs; a single marked one with the selected one."""
        wanted, selected = tuple(self._marked), self._list.selected
        if len(wanted) == 1 and selected is not None and selected not in wanted:
            wanted = (*wanted, selected)
        if len(wanted) < 2:
            text = "Mark two or more runs with space, then press c"
            self.notify(text, title="Compare", severity="warning")
        else:
            self.post_message(self.CompareWanted(wanted))

    def action_filter(self) -> None:
        """Begin to filter."""
        self.query_one(FilterField).begin()

    def action_order(self) -> None:
        """Sort by something else."""
        self._arrange(self._wanted.next_order())

    def action_tree(self) -> None:
        """List forks below their parents, or all by the order."""
        self._arrange(replace(self._wanted, tree=not self._wanted.tree))

    def action_archived(self) -> None:
        """List archived runs too, or leave them out."""
        self._arrange(replace(self._wanted, archived=not self._wanted.archived))

    def action_last(self) -> None:
        """Go to the last one; in the past the key returns to now."""
        if self._snapshot is not None and self._snapshot.at_s is not None:
            raise SkipAction
        self._list.move_to(len(self._placed) - 1)

    async def action_leave(self) -> None:
        """End the filter, else leave the page."""
        if not self.query_one(FilterField).leave():
            await self.run_action("app.close_page")

    def _arrange(self, wanted: Arrangement) -> None:
        self._wanted = wanted
        self._show_rows()

    def _show_rows(self) -> None:
        """Draw the list, unless nothing that it shows has changed."""
        snapshot, runs = self._snapshot, self._list
        width = runs.scrollable_content_region.width
        found = self._found
        if snapshot is None or found is None or width < 1:
            return
        drawn_of = (
            found.runs, self._wanted, tuple(self._marked), width, _live(snapshot),
            int(now_s(snapshot) // 60.0),
        )  # fmt: skip
        if drawn_of == self._drawn_of:
            return
        self._drawn_of = drawn_of
        self._placed = arranged(found.runs, self._wanted, now_s(snapshot))
        titles, lines = table(self._placed, snapshot, width - _LEAD_CELLS)
        self._say("runs-titles", f"{' ' * _LEAD_CELLS}{titles}")
        runs.show_rows(
            [self._row(one.run, line) for one, line in zip(self._placed, lines, strict=True)]
        )
        self._say("runs-state", self._state(found.runs))

    def _row(self, run: RunSummary, line: str) -> Row:
        mark = MARKED if run.id in self._marked else NEITHER
        current = CURRENT if run.current else NEITHER
        return Row(run.id, "", (f"{mark} {current} {line}",), "current" if run.current else "")

    def _state(self, all_: Sequence[RunSummary]) -> str:
        """What is listed, and how."""
        wanted, listed = self._wanted, len(self._placed)
        archived = sum(run.metadata.archived_s is not None for run in all_)
        parts = [
            f"{listed} of {counted(len(all_), 'run')}"
            if listed != len(all_)
            else counted(listed, "run"),
            wanted.order.value,
            *(["forks below their parents"] if wanted.tree else []),
            *([f"{archived} archived hidden"] if archived and not wanted.archived else []),
            *([f"{len(self._marked)} marked"] if self._marked else []),
            *([f"with “{wanted.words}”"] if wanted.words else []),
        ]
        if not all_:
            return "Runs · none yet: landerctl start creates one"
        return " · ".join(["Runs", *parts])

    def _show_details(self) -> None:
        selected = self._list.selected
        found, pane = self._found, self.query_one(RunDetails)
        if pane.size.height >= SETTINGS_ROWS:
            self._reader.selected = selected  # read with the next snapshot, not at each key
        runs = () if found is None else found.runs
        run = next((one for one in runs if one.id == selected), None)
        if found is None or run is None:
            pane.show_lines("", ())
            return
        names = {one.id: one.name for one in found.runs}
        forks = [
            one.name
            for one in found.runs
            if one.metadata.parent is not None and one.metadata.parent.run_id == run.id
        ]
        known = found.differing
        differing = known[1] if known is not None and known[0] == run.id else None
        width = pane.scrollable_content_region.width
        pane.show_lines(run.id, detail_lines(run, names, forks, differing, width))

    def _say(self, id_: str, text: str) -> None:
        if self._texts.get(id_) != text:
            self._texts[id_] = text
            widget = self.query_one(f"#{id_}", Static)
            widget.update(Content(text))


def _live(snapshot: Snapshot) -> tuple[object, ...]:
    """What the list shows of the run that is trained now."""
    status, progress = snapshot.status, snapshot.status.progress
    return (
        snapshot.at_s,
        status.run and status.run.id,
        (snapshot.training, snapshot.failed, snapshot.startup is not None),
        progress and (progress.timesteps, progress.stage, progress.success_rate),
    )
