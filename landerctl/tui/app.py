"""The operator's screen: panels fed by one reader, requests sent to the daemon."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from rich.text import Text
from textual.actions import ActionParseResult, parse
from textual.app import App, SystemCommand
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen, Screen
from textual.theme import ThemeProvider

from daemon.backup.restoring.restorable import Restorable
from daemon.base.paths import StatePaths
from daemon.base.seat import BROWSER_VARIABLE
from daemon.base.secrets.redacted_log import trace_text
from daemon.base.text.charset import UTF8
from daemon.base.user import user_name
from daemon.config import ConfigError, find_config, load_config
from daemon.config.schema import Severity
from daemon.protocol.control import BackupRequest, Done, Note, Refused
from daemon.rollback.journal import undo_refusal
from landerctl.exitcodes import Exit
from landerctl.program import program
from landerctl.tui.actions import ACTIONS, changing
from landerctl.tui.browser import end_with_server
from landerctl.tui.daemon_request import DaemonRequest, RequestAnswer, send_in_thread
from landerctl.tui.data.feed import Feed, FeedFailed, PageRead, TravelFailed
from landerctl.tui.data.past.reader import PastReader
from landerctl.tui.data.past.travel import Step, ToMoment
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot, SnapshotTaken
from landerctl.tui.flight.order import FlightOrder
from landerctl.tui.pages import PAGES
from landerctl.tui.plotting.choice import PlotChoice
from landerctl.tui.plotting.choice_file import DamagedChoicesError, read_choices, write_choices
from landerctl.tui.questions import (
    Question,
    backup_question,
    rollback_question,
    stop_question,
    undo_question,
)
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dashboard import Dashboard
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.flight import FlightPage
from landerctl.tui.screens.help import HelpScreen
from landerctl.tui.screens.metrics import MetricsPage
from landerctl.tui.screens.page import FlightWanted, Page
from landerctl.tui.screens.palette import Palette
from landerctl.tui.screens.records.events import EventsPage
from landerctl.tui.screens.records.logs import LogsPage
from landerctl.tui.screens.time_dialog import TimeDialog
from landerctl.tui.signals import Signals
from landerctl.tui.symbols import ShownSymbols
from landerctl.tui.terminal import TerminalDriver, screen_charset
from landerctl.tui.theme import MOON, THEMES
from landerctl.tui.widgets.events import OperatorNote
from landerctl.tui.widgets.plot import PlotPanel, wanted_by
from landerctl.tui.widgets.tabstrip import TabStrip

SEEDS = 2**32  # range of random seeds, as of `landerctl fly`
READ_ONLY = "This screen is read-only: it changes nothing"
_CHANGING = changing()


class LanderctlApp(App[Exit]):
    """Shows one state folder. Keeps running when its daemon stops.

    `read_only`: it refuses whatever changes something: by key, palette, mouse or message. [tui]
    read_only does the same from the next snapshot on.
    """

    TITLE = "landerctl"
    AUTO_FOCUS = None
    CSS_PATH = "landerctl.tcss"
    BINDINGS = [action.binding for action in ACTIONS]  # noqa: RUF012  Textual's way
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (116, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (50, "-towering")]  # noqa: RUF012

    def __init__(
        self,
        paths: StatePaths,
        config_path: Path | None,
        *,
        read_only: bool = False,
        charset: str = UTF8,
        theme: str = MOON.name,
    ) -> None:
        """`charset`: a codec whose characters the terminal shows; `theme`: of `THEMES`."""
        super().__init__()
        self._symbols = ShownSymbols(charset)
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme
        self._paths = paths
        self._read_only = read_only
        reader = SnapshotReader(
            paths, config_path, now=time.time, monotonic=time.monotonic, read_only=read_only
        )
        past = PastReader(paths, config_path, now=time.time)
        self._feed = Feed(reader, past, self.post_message)
        self._signals = Signals(in_tmux="TMUX" in os.environ)
        self.snapshot: Snapshot | None = None
        self._present: Snapshot | None = None  # the last one of now
        self._request_in_progress: DaemonRequest | None = None
        self._remember: Callable[[Path, Mapping[str, PlotChoice]], None] | None = (
            None if read_only else write_choices
        )
        self.dashboard = Dashboard(paths)

    def get_default_screen(self) -> Dashboard:
        """The dashboard lies below every other screen."""
        return self.dashboard

    def on_mount(self) -> None:
        """Restore the plots as they were chosen, then start reading."""
        try:
            self.dashboard.restore_plots(read_choices(self._paths.screen))
        except DamagedChoicesError as error:
            self.notify(str(error), severity="warning")
        self._feed.read_for(self.dashboard.read)
        self._feed.start()

    def on_unmount(self) -> None:
        """Stop the reader's thread."""
        self._feed.stop()
        self._write(self._signals.end())

    def get_driver_class(self) -> type[Driver]:
        """On a terminal the driver that ends with it."""
        chosen = super().get_driver_class()
        return TerminalDriver if chosen is LinuxDriver else chosen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, then the one for the terminal's characters."""
        return [*super().get_line_filters(), self._symbols]

    def action_suspend_process(self) -> None:
        """Return to the shell, whose `fg` continues; without job control nothing would."""
        if os.getpgrp() == os.getsid(0):
            self.notify("No shell to return to: leave with q", severity="warning")
        else:
            super().action_suspend_process()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse the palette over a dialog: its actions belong to the screen below.

        End belongs to the focused widget unless the past is shown. What a read-only screen refuses
        is not in its footer.
        """
        if action in _CHANGING and self.read_only:
            return False
        if action == "return_to_now" and (self.snapshot is None or self.snapshot.at_s is None):
            return False
        beneath = {"command_palette", "return_to_now"}
        return action not in beneath or not isinstance(self.screen, ModalScreen)

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Open the palette of the themes."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed from here."""
        return self._read_only or (self.snapshot is not None and self.snapshot.read_only)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action of a key, a click or the palette, unless the screen is read-only."""
        name = parse(action)[1] if isinstance(action, str) else action[1]
        if name in _CHANGING and self._refuses():
            return True  # no other binding of the key may run instead
        return await super().run_action(action, default_namespace, namespaces)

    def _refuses(self) -> bool:
        """Whether the screen is read-only; then it says so."""
        if self.read_only:
            self._notify_alone(READ_ONLY, severity="warning")
        return self.read_only

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette's commands: the table of actions and nothing else."""
        for action in ACTIONS:
            if not (action.changes and self.read_only):
                yield SystemCommand(
                    action.label, action.help, lambda name=action.name: self._do(name)
                )

    def _do(self, action: str) -> None:
        self.call_later(self.run_action, action)

    def on_snapshot_taken(self, message: SnapshotTaken) -> None:
        """Pass the snapshot to every panel; panels redraw only what changed."""
        if not self.is_running:
            return  # it arrived while the app was shutting down
        was_read_only = self.read_only
        self.snapshot = message.snapshot
        if self.snapshot.at_s is None:
            self._present = self.snapshot
            self._write(self._signals.show(self.snapshot))
        self._show_snapshot()
        if self.read_only != was_read_only:
            self.refresh_bindings()

    def _write(self, sequences: str) -> None:
        """Send control sequences to the terminal, between two frames."""
        if sequences and self._driver is not None:
            self._driver.write(sequences)

    def _show_snapshot(self) -> None:
        """Show the last snapshot on every screen that can be seen: not below a page."""
        if self.snapshot is None:
            return
        with self.batch_update():
            for screen in reversed(self.screen_stack):
                if isinstance(screen, Dashboard) or (
                    isinstance(screen, Page | AlertsScreen | Dialog) and screen.is_mounted
                ):
                    screen.show(self.snapshot)
                if isinstance(screen, Page):
                    break

    def on_page_read(self, message: PageRead) -> None:
        """Pass what was read to the page in front, unless another one was opened meanwhile."""
        page = self._page or self.dashboard
        if not self.is_running or page.read != message.read or not page.is_mounted:
            return
        if message.fault is None:
            page.show_data(message.data)
        else:
            page.show_fault(message.fault)

    def on_page_read_wanted(self) -> None:
        """Read for the page now."""
        self._feed.read_now()

    @property
    def _page(self) -> Page[Any] | None:
        """The page in front, which may lie above another; None: the dashboard is in front."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, Page)), None)

    async def action_show_page(self, name: str) -> None:
        """Open a page in place of those that are open."""
        page = self._page
        if page is None or page.name != name:
            await self._close_pages()
            await self._open(PAGES[name](self._paths))

    async def _open(self, page: Page[Any]) -> None:
        await self.push_screen(page)
        self._show_snapshot()
        self._feed.read_for(page.read)

    async def on_events_page_link_followed(self, message: EventsPage.LinkFollowed) -> None:
        """Show what an event is about."""
        link = message.link
        if link.kind == "logs":
            await self._open(LogsPage(self._paths, at_s=message.event.time_s))
        elif link.kind == "incidents":
            await self.action_show_page("incidents")
        elif link.kind == "alert":
            self._show_alert(link.target)
        elif any(state.id == link.target for state in self._restorables):
            await self.action_show_panel("checkpoints")
            self.dashboard.select(link.target)
        else:
            text = f"{link.target} is neither a checkpoint nor a backup of this run any more"
            self._notify_alone(text, severity="warning")

    @property
    def _restorables(self) -> tuple[Restorable, ...]:
        return self.snapshot.restorables if self.snapshot is not None else ()

    def _show_alert(self, name: str) -> None:
        alerts = self.snapshot.status.alerts if self.snapshot is not None else []
        if self.snapshot is None or all(alert.name != name for alert in alerts):
            self._notify_alone(f"{name} is not active now", severity="warning")
            return
        self.push_screen(AlertsScreen(user_name(os.getuid()), self.snapshot, chosen=name))

    async def action_close_page(self) -> None:
        """Go back to the page below, or to the dashboard."""
        if self._page is not None and not isinstance(self.screen, ModalScreen):
            await self.pop_screen()
            below = self._page
            self._feed.read_for(self.dashboard.read if below is None else below.read)
            self._show_snapshot()

    def action_step_in_time(
        self, direction: Literal["back", "forward"], by_event: bool = False
    ) -> None:
        """Show an earlier or a later moment."""
        self._feed.travel(Step(direction, by_event))

    def action_go_to_time(self) -> None:
        """Ask for a time, and show the run as it was then."""

        def go(at_s: float | None) -> None:
            if at_s is not None:
                self._feed.travel(ToMoment(at_s))

        self.push_screen(TimeDialog(time.time), go)

    def action_return_to_now(self) -> None:
        """Leave the past."""
        self._feed.travel(ToMoment(None))

    def on_travel_failed(self, message: TravelFailed) -> None:
        """Say why there is nothing to show."""
        self._notify_alone(message.text, title="Time", severity="warning")

    async def on_metrics_page_chosen(self, message: MetricsPage.Chosen) -> None:
        """Plot the chosen series where the focus was."""
        plot = self.dashboard.plot
        plot.choose(message.choice)
        if message.close:
            await self.action_show_panel("chart")
            plot.focus()

    def on_plot_panel_changed(self, message: PlotPanel.Changed) -> None:
        """Read what the plots need from now on; remember what was chosen for them."""
        plots = self.dashboard.plots
        self._feed.want(wanted_by(plots))
        if message.remember and self._remember is not None:
            choices = {str(plot.id): plot.choice for plot in plots}
            self._feed.run(partial(self._write_choices, self._remember, choices))

    def _write_choices(
        self,
        write: Callable[[Path, Mapping[str, PlotChoice]], None],
        choices: Mapping[str, PlotChoice],
    ) -> None:
        """Write the file; runs in the feed's thread."""
        try:
            write(self._paths.screen, choices)
        except OSError as error:
            self._remember = None  # said once
            text = f"The plots' choice is not remembered: {self._paths.screen}: {error.strerror}"
            self.call_later(self.notify, text, severity="warning")

    async def _close_pages(self) -> None:
        """Go back to the dashboard."""
        while self._page is not None and not isinstance(self.screen, ModalScreen):
            await self.action_close_page()

    async def on_flight_wanted(self, message: FlightWanted) -> None:
        """Open the page of a flight, above the page that asked for it."""
        if self.snapshot is not None:
            await self._open(FlightPage(self._paths, message.order, self.snapshot))

    async def action_fly(self) -> None:
        """Fly the selected checkpoint or backup: its own stage, a random start."""
        if self._page is not None or not self.dashboard.lists_checkpoints:
            await self.action_show_panel("checkpoints")
            self.notify("Choose a checkpoint with the arrow keys, then press f", title="Fly")
            return
        target = self.dashboard.selected
        if target is None:
            self.notify("No checkpoint yet", title="Fly", severity="warning")
        else:
            self.post_message(FlightWanted(FlightOrder(target.id, secrets.randbelow(SEEDS))))

    def on_feed_failed(self, message: FeedFailed) -> None:
        """End the app: a screen that no longer updates would mislead."""
        raise message.fault

    def action_backup(self) -> None:
        """Ask the daemon for a backup now."""
        if self._daemon_answers():
            self._send(DaemonRequest(BackupRequest(), "Backing up"))

    def action_backup_with_note(self) -> None:
        """Ask for a note, then for a backup."""
        if self._daemon_answers():
            self._ask(backup_question())

    def on_page_question_asked(self, message: Page.QuestionAsked) -> None:
        """Open the dialog of a page's question."""
        self._ask(message.question)

    async def action_rollback(self) -> None:
        """Ask for confirmation of a rollback to the selected checkpoint, as it is now."""
        if self._refused_in_the_past():
            return
        if self._page is not None or not self.dashboard.lists_checkpoints:
            await self.action_show_panel("checkpoints")
            self.notify("Choose a checkpoint with the arrow keys, then press r", title="Roll back")
            return
        target = self.dashboard.selected
        if target is None or self.snapshot is None:
            self.notify("No checkpoint yet", title="Roll back", severity="warning")
        elif self._daemon_answers():
            self._ask(rollback_question(target, self.snapshot, user_name(os.getuid())))

    def action_undo_rollback(self) -> None:
        """Ask for confirmation of an undo of the last rollback, with the state it goes back to."""
        if self._refused_in_the_past():
            return
        snapshot = self.snapshot
        run = snapshot.status.run if snapshot else None
        if snapshot is None or run is None:
            self.notify("No run yet", title="Undo", severity="warning")
            return
        journal = snapshot.rollback.journal if snapshot.rollback else None
        refusal = undo_refusal(journal, self._paths.run(run.id))
        if refusal is not None or journal is None or journal.live is None:
            self.notify(refusal or "", title="Undo", severity="warning")
            return
        before = journal.live.id
        target = next((state for state in snapshot.restorables if state.id == before), None)
        if target is None:
            text = f"{before}, the state before it, is neither a checkpoint nor a backup any more"
            self.notify(text, title="Undo", severity="error")
        elif self._daemon_answers("Without one: landerctl rollback --undo"):
            self._ask(undo_question(target, snapshot, user_name(os.getuid())))

    def action_stop_daemon(self) -> None:
        """Ask for confirmation of a stop."""
        if self.snapshot is not None and self._daemon_answers("There is nothing to stop"):
            self._ask(stop_question(self.snapshot))

    def action_alerts(self) -> None:
        """Open the alerts screen."""
        if self.snapshot is not None:
            self.push_screen(AlertsScreen(user_name(os.getuid()), self.snapshot))

    def on_alerts_screen_action_chosen(self, message: AlertsScreen.ActionChosen) -> None:
        """Open a dialog for a `Question`; send a `Choice` at once."""
        if not self._daemon_answers("Acknowledgements and silences are kept"):
            return
        if isinstance(message.action, Question):
            self._ask(message.action)
        else:
            self._send(DaemonRequest(message.action.request, message.action.title))

    async def action_next_plot(self) -> None:
        """Plot the next series."""
        await self._close_pages()
        self.dashboard.next_plot()

    async def action_show_panel(self, name: str) -> None:
        """Show a panel of the dashboard, and focus it."""
        await self._close_pages()
        self.dashboard.show_panel(name)

    async def on_tab_strip_chosen(self, message: TabStrip.Chosen) -> None:
        """Show the clicked panel."""
        await self.action_show_panel(message.name)

    def action_copy(self) -> None:
        """Copy the id of what is selected on the screen in front, else the run's, by OSC 52."""
        front, run = self.screen, self.snapshot.status.run if self.snapshot else None
        text = front.copyable if isinstance(front, Dashboard | Page | AlertsScreen) else None
        text = text or (run.id if run is not None else None)
        if text is None:
            self.notify("Nothing to copy here", severity="warning")
            return
        self.copy_to_clipboard(text)
        self._notify_alone(text, title="Copied, where the terminal allows it")

    def action_redraw(self) -> None:
        """Paint the whole screen: usually only cells that changed are sent."""
        self.screen.refresh()

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """Leave the screen; print that the daemon keeps running, or why nothing trains."""
        snapshot = self._present
        if snapshot is not None and snapshot.failed:
            situation = snapshot.situation
            self.exit(Exit.FAILED, message=f"{situation.banner}; {situation.advice}")
            return
        running = snapshot is not None and snapshot.situation.answers
        self.exit(
            Exit.OK,
            message=f"The daemon keeps running in the background. Show it again: {program()} tui; "
            f"stop it: {program()} stop"
            if running
            else None,
        )

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        """Send the request that the operator confirmed."""
        self._send(message.daemon_request)

    def on_request_answer(self, message: RequestAnswer) -> None:
        """Show an answer in its dialog if open, else as a toast; log the final one."""
        request, answer = message.daemon_request, message.answer
        dialog = self.screen
        in_dialog = isinstance(dialog, Dialog) and dialog.daemon_request is request
        if isinstance(dialog, Dialog) and in_dialog:
            dialog.show_answer(answer)
        if isinstance(answer, Note):
            if not in_dialog:
                self._notify_alone(answer.text, title=request.title)
            return
        if self._request_in_progress is request:
            self._request_in_progress = None
        done = isinstance(answer, Done)
        severity: Severity = "info" if done else "critical"
        self.dashboard.add_note(
            OperatorNote(time.time(), severity, f"{request.title}: {answer.text}")
        )
        if not in_dialog:
            self._notify_alone(
                answer.text, title=request.title, severity="information" if done else "error"
            )
        self._feed.read_now()

    def _send(self, request: DaemonRequest) -> None:
        """Send a request in a thread of its own. A read-only screen sends none, whoever asks."""
        if self.read_only:
            self.post_message(RequestAnswer(request, Refused("failed", READ_ONLY)))
            return
        if self._refused_in_the_past():
            return
        if self._request_in_progress is not None:
            busy = Refused(
                "busy",
                f"{self._request_in_progress.title} is still in progress; wait for it to end",
            )
            self.post_message(RequestAnswer(request, busy))
            return
        self._request_in_progress = request
        if not isinstance(self.screen, Dialog):
            self._notify_alone(f"{request.title} …")
        send_in_thread(request, self._paths, self.post_message)

    def _notify_alone(
        self, text: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Show a toast instead of earlier ones: several would cover a small screen."""
        self.clear_notifications()
        self.notify(text, title=title, severity=severity)

    def _ask(self, question: Question) -> None:
        """Open a dialog; no toast may cover it."""
        if self._refuses():
            return
        self.clear_notifications()
        self.push_screen(Dialog(question))

    def _daemon_answers(
        self, otherwise: str = "Without one: landerctl backup, landerctl rollback --to ID"
    ) -> bool:
        if self._refused_in_the_past():
            return False
        if self.snapshot is None:
            self.notify("The state folder is still being read: a moment", severity="warning")
            return False
        if self.snapshot.situation.answers:
            return True
        self.notify(
            f"No daemon is running. Start one: landerctl start. {otherwise}",
            severity="warning",
        )
        return False

    def _handle_exception(self, error: Exception) -> None:
        """A screen that opens while the app ends misses its widgets: nothing is wrong then."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def _refused_in_the_past(self) -> bool:
        """Nothing can be changed while the past is shown: what is seen is not what would change."""
        if self.snapshot is None or self.snapshot.at_s is None:
            return False
        self._notify_alone(
            "This is the past: press End to return to now, then do that", severity="warning"
        )
        return True

    def _fatal_error(self) -> None:
        """Print the traceback without the variables of each frame: settings are among them."""
        assert self._exception is not None
        self.bell()
        self.panic(Text(trace_text(self._exception), no_wrap=True, overflow="ignore"))


def run(home: Path, config: Path | None, *, read_only: bool = False) -> Exit:
    """Run the screen for a state folder until the operator quits.

    Returns SOFTWARE if an exception ended it: Textual has printed the traceback. FAILED if the
    trainer had failed for good.
    """
    paths, in_browser = StatePaths(home), BROWSER_VARIABLE in os.environ
    if in_browser:
        end_with_server()
    app = LanderctlApp(
        paths,
        config,
        read_only=read_only,
        charset=UTF8 if in_browser else screen_charset(os.environ),
        theme=_theme(paths, config),
    )
    app.run()
    return Exit.SOFTWARE if app.return_code else app.return_value or Exit.OK


def _theme(paths: StatePaths, config: Path | None) -> str:
    """The theme of the configuration; the default's if that is invalid: the reader reports it."""
    try:
        found = find_config(config, paths.home, os.environ)
        return load_config(found).config.tui.theme
    except ConfigError:
        return MOON.name
