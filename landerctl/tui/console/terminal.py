"""The app as a program of a terminal: its characters, its colours, its end."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rich.text import Text
from textual.app import App
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.theme import ThemeProvider

from daemon.base.secrets.redacted_log import trace_text
from landerctl.exitcodes import Exit
from landerctl.tui.display.symbols import ShownSymbols
from landerctl.tui.display.terminal import TerminalDriver
from landerctl.tui.display.theme import THEMES
from landerctl.tui.screens.help import HelpScreen
from landerctl.tui.screens.palette import Palette


class TerminalApp(App[Exit]):
    """Draws what the terminal can show, and ends with it."""

    def __init__(self, *, charset: str, theme: str) -> None:
        """`charset`: a codec whose characters the terminal shows; `theme`: of `THEMES`."""
        super().__init__()
        self._symbols = ShownSymbols(charset)
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme

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

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Open the palette of the themes."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def _write(self, sequences: str) -> None:
        """Send control sequences to the terminal, between two frames."""
        if sequences and self._driver is not None:
            self._driver.write(sequences)

    def _notify_alone(
        self, text: str, *, title: str = "", severity: SeverityLevel = "information"
    ) -> None:
        """Show a toast instead of earlier ones: several would cover a small screen."""
        self.clear_notifications()
        self.notify(text, title=title, severity=severity)

    def action_redraw(self) -> None:
        """Paint the whole screen: usually only cells that changed are sent."""
        self.screen.refresh()

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen())

    def _handle_exception(self, error: Exception) -> None:
        """A screen that opens while the app ends misses its widgets: nothing is wrong then."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Print the traceback without the variables of each frame: settings are among them."""
        assert self._exception is not None
        self.bell()
        self.panic(Text(trace_text(self._exception), no_wrap=True, overflow="ignore"))
