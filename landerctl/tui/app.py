"""The operator's screen: panels fed by one reader, requests sent to the daemon."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text
from textual.app import App, ComposeResult, SystemCommand
from textual.containers import Container
from textual.notifications import SeverityLevel
from textual.screen import Screen

from daemon.base.paths import StatePaths
from daemon.base.secrets.redacted_log import trace_text
from daemon.base.user import user_name
from daemon.config.schema import Severity
from daemon.protocol.control import BackupRequest, Done, Note, Refused
from daemon.rollback.journal import undo_refusal
from landerctl.exitcodes import Exit
from landerctl.program import program
from landerctl.tui.actions import ACTIONS
from landerctl.tui.daemon_request import DaemonRequest, RequestAnswer, send_in_thread
from landerctl.tui.data.feed import Feed, FeedFailed
from landerctl.tui.data.reader import SnapshotReader
from landerctl.tui.data.snapshot import Snapshot, SnapshotTaken, View
from landerctl.tui.questions import Question, rollback_question, stop_question, undo_question
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.help import HelpScreen
from landerctl.tui.theme import MOON
from landerctl.tui.widgets.alerts import AlertsPanel
from landerctl.tui.widgets.checkpoints import CheckpointsPanel
from landerctl.tui.widgets.curriculum import CurriculumPanel
from landerctl.tui.widgets.events import EventsPanel, OperatorNote
from landerctl.tui.widgets.footer import KeysFooter
from landerctl.tui.widgets.header import Banner, Header
from landerctl.tui.widgets.machine import MachinePanel
from landerctl.tui.widgets.plot import PlotPanel
from landerctl.tui.widgets.rollback import RollbackPanel
from landerctl.tui.widgets.startup import StartupPanel
from landerctl.tui.widgets.tabstrip import TABS, TabStrip


class LanderctlApp(App[Exit]):
    """Shows one state folder. Keeps running when its daemon stops."""

    TITLE = "landerctl"
    AUTO_FOCUS = None
    CSS_PATH = "landerctl.tcss"
    BINDINGS = [action.binding for action in ACTIONS]  # noqa: RUF012  Textual's way
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (116, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (50, "-towering")]  # noqa: RUF012

    def __init__(self, paths: StatePaths, config_path: Path | None) -> None:
        super().__init__()
        self._paths = paths
        reader = SnapshotReader(paths, config_path, now=time.time, monotonic=time.monotonic)
        self._feed = Feed(reader, self.post_message)
        self.snapshot: Snapshot | None = None
        self._request_in_progress: DaemonRequest | None = None
        self._views: tuple[View, ...] = ()
        self.first_snapshot = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Header, banner, one grid of panels, footer; the style sheet arranges them by size."""
        header, banner = Header(id="header"), Banner(id="banner")
        startup = StartupPanel(id="startup", title="Starting")
        rollback = RollbackPanel(id="rollback", title="Rollback")
        curriculum = CurriculumPanel(id="curriculum", title="Curriculum")
        machine = MachinePanel(id="machine", title="Speed and machine")
        alerts = AlertsPanel(id="alerts")
        chart, beside = PlotPanel(id="chart", metric=0), PlotPanel(id="chart-beside", metric=1)
        checkpoints, events = CheckpointsPanel(id="checkpoints"), EventsPanel(id="events")
        self._views = (
            header, banner, rollback, startup, curriculum, machine, alerts, chart, beside,
            checkpoints, events
        )  # fmt: skip
        yield header
        yield banner
        yield rollback
        yield startup
        with Container(id="body"):
            yield curriculum
            yield machine
            yield alerts
            yield TabStrip(id="tabs")
            yield chart
            yield beside
            yield checkpoints
            yield events
        yield KeysFooter(palette=True)

    def on_mount(self) -> None:
        """Set the theme, then start reading."""
        self.register_theme(MOON)
        self.theme = MOON.name
        self.action_show_tab("chart", focus=False)
        self._feed.start()

    def on_unmount(self) -> None:
        """Stop the reader's thread."""
        self._feed.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse the palette over a dialog: its actions belong to the screen below."""
        return action != "command_palette" or len(self.screen_stack) == 1

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette's commands: the table of actions and nothing else."""
        for action in ACTIONS:
            yield SystemCommand(action.label, action.help, lambda name=action.name: self._do(name))

    def _do(self, action: str) -> None:
        self.call_later(self.run_action, action)

    def on_snapshot_taken(self, message: SnapshotTaken) -> None:
        """Pass the snapshot to every panel; panels redraw only what changed."""
        if not self.is_running:
            return  # it arrived while the app was shutting down
        snapshot = self.snapshot = message.snapshot
        base = self.screen_stack[0]
        with self.batch_update():
            body = base.query_one("#body")
            body.set_class(not snapshot.situation.live, "-dimmed")
            body.set_class(snapshot.startup is not None, "-starting")
            for view in self._views:
                view.show(snapshot)
            self._note_on_strip()
            for screen in self.screen_stack:
                if isinstance(screen, AlertsScreen | Dialog) and screen.is_mounted:
                    screen.show(snapshot)
        self.first_snapshot.set()

    def on_feed_failed(self, message: FeedFailed) -> None:
        """End the app: a screen that no longer updates would mislead."""
        raise message.fault

    def action_backup(self) -> None:
        """Ask the daemon for a backup now."""
        if self._daemon_answers():
            self._send(DaemonRequest(BackupRequest(), "Backing up"))

    def action_rollback(self) -> None:
        """Ask for confirmation of a rollback to the selected checkpoint, as it is now."""
        checkpoints = self.query_one(CheckpointsPanel)
        if not checkpoints.display:
            self.action_show_tab("checkpoints")
            self.notify("Choose a checkpoint with the arrow keys, then press r", title="Roll back")
            return
        target = checkpoints.selected
        if target is None or self.snapshot is None:
            self.notify("No checkpoint yet", title="Roll back", severity="warning")
        elif self._daemon_answers():
            self._ask(rollback_question(target, self.snapshot, user_name(os.getuid())))

    def action_undo_rollback(self) -> None:
        """Ask for confirmation of an undo of the last rollback, with the state it goes back to."""
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

    def action_next_plot(self) -> None:
        """Plot the next series; on a small screen switch to the plot."""
        self.action_show_tab("chart", focus=False)
        for plot in self.query(PlotPanel):
            plot.next_metric()
        self._note_on_strip()

    def action_show_tab(self, name: str, focus: bool = True) -> None:
        """Show a panel where panels share one place, and focus it."""
        self.query_one(TabStrip).active = name
        for tab in TABS:
            self.query_one(f"#{tab}").set_class(tab != name, "-behind")
        if focus:
            panel = self.query_one(f"#{name}")
            panel.focus()
            self.call_after_refresh(panel.scroll_visible, animate=False)
        self._note_on_strip()

    def on_tab_strip_chosen(self, message: TabStrip.Chosen) -> None:
        """Show the clicked panel."""
        self.action_show_tab(message.name)

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """Leave the screen; print that the daemon keeps running, or why nothing trains."""
        snapshot = self.snapshot
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
        events = self.screen_stack[0].query_one(EventsPanel)
        events.add_note(OperatorNote(time.time(), severity, f"{request.title}: {answer.text}"))
        if not in_dialog:
            self._notify_alone(
                answer.text, title=request.title, severity="information" if done else "error"
            )
        self._feed.read_now()

    def _send(self, request: DaemonRequest) -> None:
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
        self.clear_notifications()
        self.push_screen(Dialog(question))

    def _daemon_answers(
        self, otherwise: str = "Without one: landerctl backup, landerctl rollback --to ID"
    ) -> bool:
        situation = self.snapshot.situation if self.snapshot else None
        if situation is not None and situation.answers:
            return True
        self.notify(
            f"No daemon is running. Start one: landerctl start. {otherwise}",
            severity="warning",
        )
        return False

    def _fatal_error(self) -> None:
        """Print the traceback without the variables of each frame: settings are among them."""
        assert self._exception is not None
        self.bell()
        self.panic(Text(trace_text(self._exception), no_wrap=True, overflow="ignore"))

    def _note_on_strip(self) -> None:
        """Show the panel's title in the tab strip, for layouts in which panels have no border."""
        strip = self.screen_stack[0].query_one(TabStrip)
        panel = self.screen_stack[0].query_one(f"#{strip.active}")
        strip.notes = (
            panel.titles if isinstance(panel, PlotPanel) else (panel.border_subtitle or "",)
        )


def run(home: Path, config: Path | None) -> Exit:
    """Run the screen for a state folder until the operator quits.

    Returns SOFTWARE if an exception ended it: Textual has printed the traceback. FAILED if the
    trainer had failed for good.
    """
    app = LanderctlApp(StatePaths(home), config)
    app.run()
    return Exit.SOFTWARE if app.return_code else app.return_value or Exit.OK
