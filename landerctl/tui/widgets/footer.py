"""The line of keys that work on the screen in front."""

from __future__ import annotations

from textual.widgets import Footer

PALETTE_COLUMNS = 80  # a narrower terminal has no room for it beside the keys


class KeysFooter(Footer):
    """Closer together on a narrow terminal, so that the last keys, help and quit, remain."""

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
