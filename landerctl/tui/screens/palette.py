"""The command palette."""

from __future__ import annotations

from contextlib import suppress

from textual import work
from textual.command import CommandPalette
from textual.css.query import NoMatches

_SEARCH = CommandPalette._gather_commands.__wrapped__  # type: ignore[attr-defined]


class Palette(CommandPalette):
    """Textual's, without exceptions for keys that are faster than its search."""

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        with suppress(NoMatches):  # the list for the results is gone
            await _SEARCH(self, search_value)

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # a page up or down before the results are laid out
            super()._action_command_list(action)
