"""The field in which a page's list is filtered: hidden until it is begun."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

_SHOWN = "-shown"


class FilterField(Input):
    """Above a list."""

    class Done(Message):
        """The keys are the list's again."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True)

    @property
    def words(self) -> str:
        """What was typed."""
        return self.value.strip()

    def begin(self) -> None:
        """Show it, and let it have the keys."""
        self.add_class(_SHOWN)
        self.focus()

    def leave(self) -> bool:
        """Empty and hide it; returns whether it was shown."""
        if not self.has_class(_SHOWN):
            return False
        self.value = ""
        self.remove_class(_SHOWN)
        self.post_message(self.Done())
        return True

    async def action_submit(self) -> None:
        """The filter holds."""
        self.post_message(self.Done())
