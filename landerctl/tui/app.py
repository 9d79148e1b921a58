"""The operator's screen: panels fed by one reader, requests sent to the daemon."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import SuspendNotSupported, SystemCommand
from textual.screen import Screen

from daemon.backup.restoring.restorable import Restorable
from daemon.base.paths import StatePaths
from daemon.base.seat import BROWSER_VARIABLE
from daemon.base.text.charset import UTF8
from daemon.base.user import user_name
from daemon.config import ConfigError
from landerctl.config_file import config_in_use
from landerctl.exitcodes import Exit
from landerctl.program import program
from landerctl.tui.actions import ACTIONS
from landerctl.tui.browser import end_with_server
from landerctl.tui.console.acting import ActingApp
from landerctl.tui.data.past.travel import ToMoment, ToRun
from landerctl.tui.display.terminal import screen_charset
from landerctl.tui.display.theme import MOON
from landerctl.tui.flight.order import FlightOrder
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dashboard import Dashboard
from landerctl.tui.screens.page import FlightWanted, Page

if TYPE_CHECKING:  # pages are imported when they are opened
    from landerctl.tui.screens.records.events import EventsPage
    from landerctl.tui.screens.runs.page import RunsPage
    from landerctl.tui.screens.sweeps.page import SweepsPage

# Of two rules that weigh the same, the later one counts.
STYLES = ("dashboard", "dialogs", "records", "landings", "browse", "runs", "sweeps")
SEEDS = 2**32  # range of random seeds, as of `landerctl fly`


class LanderctlApp(ActingApp):
    """Shows one state folder. Keeps running when its daemon stops.

    `read_only`: it refuses whatever changes something: by key, palette, mouse or message. [tui]
    read_only does the same from the next snapshot on.
    """

    TITLE = "landerctl"
    AUTO_FOCUS = None
    CSS_PATH = [f"styles/{name}.tcss" for name in STYLES]  # noqa: RUF012
    BINDINGS = [action.binding for action in ACTIONS]  # noqa: RUF012  Textual's way
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (80, "-narrow"), (116, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall"), (50, "-towering")]  # noqa: RUF012

    def __init__(
        self,
        paths: StatePaths,
        config_files: Sequence[Path] = (),
        *,
        read_only: bool = False,
        charset: str = UTF8,
        theme: str = MOON.name,
    ) -> None:
        """`charset`: a codec whose characters the terminal shows; `theme`: of `THEMES`."""
        super().__init__(paths, config_files, read_only=read_only, charset=charset, theme=theme)

    async def on_event(self, event: events.Event) -> None:
        """A key that was pressed while the screen closes is dropped: no screen is left for it."""
        if not (isinstance(event, events.Key) and not self.screen_stack):
            await super().on_event(event)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette's commands: the table of actions and nothing else."""
        for action in ACTIONS:
            if not (action.changes and self.read_only):
                yield SystemCommand(
                    action.label, action.help, lambda name=action.name: self._do(name)
                )

    def _do(self, action: str) -> None:
        self.call_later(self.run_action, action)

    async def on_events_page_link_followed(self, message: EventsPage.LinkFollowed) -> None:
        """Show what an event is about."""
        link = message.link
        if link.kind == "logs":
            from landerctl.tui.screens.records.logs import LogsPage  # noqa: PLC0415

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

    async def on_runs_page_opened(self, message: RunsPage.Opened) -> None:
        """Show a run: the current one as it is now, another one as it ended."""
        present = self._present
        run = None if present is None else present.status.run
        if run is not None and run.id == message.run_id:
            self._feed.travel(ToMoment(None))
        else:
            self._feed.travel(ToRun(message.run_id))
        await self._close_pages()

    async def on_runs_page_compare_wanted(self, message: RunsPage.CompareWanted) -> None:
        """Open the comparison of runs, above their list."""
        from landerctl.tui.screens.runs.compare import ComparePage  # noqa: PLC0415

        await self._open(ComparePage(self._paths, message.run_ids))

    def on_sweeps_page_trial_wanted(self, message: SweepsPage.TrialWanted) -> None:
        """Show a trial's own screen in place of this one, until the operator leaves it."""
        home = message.home.home
        command = [sys.executable, "-P", "-m", "landerctl", "--home", str(home), "tui"]
        if self.read_only:
            command.append("--read-only")
        try:
            with self.suspend():
                subprocess.run(command, check=False)
        except SuspendNotSupported:  # in a browser
            text = f"Not here: run `landerctl --home {home} tui` in a terminal"
            self._notify_alone(text, title=f"Trial {message.number}", severity="warning")
        self._feed.read_now()

    async def on_sweeps_page_compare_wanted(self, message: SweepsPage.CompareWanted) -> None:
        """Open the comparison of trials, above their list."""
        from landerctl.tui.screens.sweeps.compare import CompareTrialsPage  # noqa: PLC0415

        await self._open(CompareTrialsPage(self._paths, message.sweep, message.numbers))

    async def on_flight_wanted(self, message: FlightWanted) -> None:
        """Open the page of a flight, above the page that asked for it."""
        from landerctl.tui.screens.flight import FlightPage  # noqa: PLC0415

        if BROWSER_VARIABLE in os.environ:  # a visitor's screen may use little memory and time
            text = "Not in a browser: run `landerctl fly` in a terminal"
            self._notify_alone(text, title="Fly", severity="warning")
        elif self.snapshot is not None and not isinstance(self._page, FlightPage):
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


def run(home: Path, config: Sequence[Path], *, read_only: bool = False) -> Exit:
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


def _theme(paths: StatePaths, config: Sequence[Path]) -> str:
    """The theme of the daemon's configuration, or of the files that are named.

    The default's if it is invalid, or the state folder cannot be read: the reader reports that.
    """
    try:
        return config_in_use(paths, config, os.environ).config.tui.theme
    except (ConfigError, OSError):
        return MOON.name
