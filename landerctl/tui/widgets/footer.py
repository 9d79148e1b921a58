"""The line of keys that work on the screen in front: as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from landerctl.tui.actions import ACTIONS

PALETTE_COLUMNS = 80  # a narrower terminal has no room for it beside the keys
_PALETTE_CELLS = len("│^p palette ")
_ALWAYS = frozenset({"help", "quit"})
_IF_ROOM = frozenset(action.name for action in ACTIONS if action.if_room)


class Rank(IntEnum):
    """Which keys are shown first where there is little room."""

    OWN = 0  # of the screen in front; and help and quit
    COMMON = 1
    IF_ROOM = 2


@dataclass(frozen=True)
class ShownKey:
    """A key of the footer."""

    key: str
    display: str
    label: str
    action: str
    rank: Rank
    enabled: bool = True

    def cells(self, *, compact: bool) -> int:
        """Its width with the gap to the next one."""
        return cell_len(self.display) + cell_len(self.label) + (2 if compact else 3)


def fitting(keys: Sequence[ShownKey], width: int, *, compact: bool) -> list[ShownKey]:
    """The keys that fit into `width` cells, in their order; those of `Rank.OWN` always."""
    kept: set[ShownKey] = set()
    for rank in Rank:
        for key in keys:
            cells = key.cells(compact=compact)
            if key.rank is rank and (rank is Rank.OWN or cells <= width):
                kept.add(key)
                width -= cells
    return [key for key in keys if key in kept]


class KeysFooter(Footer):
    """Keys of the screen, help and quit remain on a narrow terminal; a wide one shows the pages."""

    def __init__(self, *, palette: bool = False) -> None:
        super().__init__(show_command_palette=palette)
        self._palette = palette

    def on_mount(self) -> None:
        """Fit the terminal."""
        self.on_resize()

    def on_resize(self) -> None:
        """Fit the terminal."""
        wide = self.app.size.width >= PALETTE_COLUMNS
        self.set_reactive(Footer.show_command_palette, self._palette and wide)
        self.compact = not wide
        self.refresh(recompose=True)

    def compose(self) -> ComposeResult:
        """The keys, and that of the palette at the right."""
        if not self._bindings_ready:
            return
        room = self.app.size.width - (_PALETTE_CELLS if self.show_command_palette else 0)
        for key in fitting(self._keys(), room, compact=self.compact):
            yield FooterKey(
                key.key, key.display, key.label, key.action, disabled=not key.enabled
            ).data_bind(compact=Footer.compact)
        palette = self.screen.active_bindings.get(self.app.COMMAND_PALETTE_BINDING)
        if self.show_command_palette and palette is not None:
            binding = palette.binding
            yield FooterKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                binding.action,
                classes="-command-palette",
                disabled=not palette.enabled,
            )

    def _keys(self) -> list[ShownKey]:
        found: dict[str, ShownKey] = {}
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            common = isinstance(node, App) and binding.action not in _ALWAYS
            if binding.action in found or not (binding.show or binding.action in _IF_ROOM):
                continue
            rank = Rank.COMMON if binding.show else Rank.IF_ROOM
            found[binding.action] = ShownKey(
                binding.key,
                self.app.get_key_display(binding),
                binding.description,
                binding.action,
                rank if common else Rank.OWN,
                enabled,
            )
        return list(found.values())
