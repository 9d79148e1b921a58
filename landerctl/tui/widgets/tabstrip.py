"""Tabs for the panels that share one place on a small terminal."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

PANELS = {"chart": "Plot", "checkpoints": "Checkpoints", "events": "Events"}


class TabStrip(Static):
    """One line that marks the shown panel. Keys 1 to 3 or a click switch."""

    class Chosen(Message):
        """The panel with this name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    active: reactive[str] = reactive("chart")
    notes: reactive[tuple[str, ...]] = reactive(())  # at the right: the first that fits

    def watch_active(self) -> None:
        """Redraw."""
        # One line whatever its text: a new layout would cost as much as all panels together.
        self.update(strip(self.active, self.notes, self.size.width), layout=False)

    watch_notes = watch_active

    def on_click(self, event: Click) -> None:
        """Switch to the tab under the pointer."""
        start = 0
        for key, (name, label) in enumerate(PANELS.items(), start=1):
            end = start + len(_label(key, label, False))
            if start <= event.x - self.styles.padding.left < end:
                self.post_message(self.Chosen(name))
            start = end

    def on_resize(self) -> None:
        """Redraw: the note is right-aligned."""
        self.watch_active()


def strip(active: str, notes: tuple[str, ...], width: int) -> Content:
    """The strip's text, `width` cells wide: the tabs, and the first of `notes` that fits."""
    parts: list[Content | str] = []
    for key, (name, label) in enumerate(PANELS.items(), start=1):
        style = "bold $text-primary on $primary 30%" if name == active else "$foreground-muted"
        parts.append(Content.styled(_label(key, label, name == active), style))
    left = Content.assemble(*parts)
    note = next((note for note in notes if left.cell_length + cell_len(note) + 2 <= width), "")
    if not note:
        return left
    return (
        left
        + " " * (width - left.cell_length - cell_len(note))
        + Content.styled(note, "$foreground-muted")
    )


def _label(key: int, label: str, active: bool) -> str:
    return f"{'▸' if active else ' '}{key} {label}  "
