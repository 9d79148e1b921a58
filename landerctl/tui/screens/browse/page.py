"""Base class of pages with a list of sections and rows, and the details of the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from landerctl.tui.screens.browse.section import Listed, Section, listed, section_of
from landerctl.tui.screens.page import Data, Page
from landerctl.tui.widgets.lists.filter_field import FilterField

_FEWEST_CELLS = 20


class _Rows(OptionList):
    """A list whose key is in the footer."""

    BINDINGS = [Binding("enter", "select", "Open", key_display="enter")]  # noqa: RUF012  Textual's way


class BrowsePage(Page[Data], Generic[Data]):
    """A summary, a filter, the list, and the details of the selected line.

    Enter expands a heading and opens a row: its details get the keys, and on a small screen the
    place. Escape leads back, at last to the dashboard.
    """

    BINDINGS = [  # noqa: RUF012  Textual's way
        Binding("left", "fold(False)", show=False),
        Binding("right", "fold(True)", show=False),
    ]

    def __init__(self, name: str, filter_hint: str) -> None:
        super().__init__(name)
        self._filter_hint = filter_hint
        self._sections: Sequence[Section] = ()
        self._lines: dict[str, Listed] = {}
        self._expanded: set[str] = set()
        self._drawn_summary, self._drawn_detail = Content(), Content()

    def content(self) -> ComposeResult:
        """The widgets between banner and footer."""
        yield Static("Reading …", id="browse-summary")
        yield FilterField(self._filter_hint)
        with Container(id="browse-body"):
            yield _Rows(id="browse-rows", compact=True)
            with VerticalScroll(id="browse-details"):
                yield Static(id="browse-detail")

    def on_mount(self) -> None:
        """The keys are the list's."""
        self._rows.focus()

    @property
    def _rows(self) -> OptionList:
        return self.query_one("#browse-rows", OptionList)

    @property
    def selected(self) -> str | None:
        """The id of the selected line."""
        option = self._rows.highlighted_option
        return None if option is None else option.id

    @property
    def copyable(self) -> str | None:
        """What the copy key takes: the id of what the selected line is about."""
        line = self._lines.get(self.selected or "")
        return None if line is None else line.row.copyable

    def show_summary(self, summary: Content) -> None:
        """Show the lines above the list."""
        if not summary.is_same(self._drawn_summary):
            self._drawn_summary = summary
            self.query_one("#browse-summary", Static).update(summary)

    def show_fault(self, text: str) -> None:
        """Say above the list why it could not be read; the list stays as it was."""
        self.show_summary(Content.assemble(("✖ ", "bold $text-error"), text))

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these; the selection stays on its line while that is listed."""
        self._sections = sections
        words = self.query_one(FilterField).words
        lines = {line.row.id: line for line in listed(sections, self._expanded, words)}
        before, self._lines = self._lines, lines
        rows = self._rows
        if list(before) != list(lines):
            selected = self.selected
            rows.set_options(Option(line.text, id=id_) for id_, line in lines.items())
            rows.highlighted = self._position(selected)
        else:
            for id_, line in lines.items():
                if not line.text.is_same(before[id_].text):
                    rows.replace_option_prompt(id_, line.text)
        self._show_detail()

    def _position(self, id_: str | None) -> int | None:
        """Where a line is, else its heading, else the first one."""
        ids = list(self._lines)
        section = section_of(self._sections, id_) if id_ is not None else None
        for wanted in (id_, section.id if section else None):
            if wanted in self._lines:
                return ids.index(wanted)
        return 0 if ids else None

    def _show_detail(self) -> None:
        line = self._lines.get(self.selected or "")
        pane = self.query_one("#browse-details", VerticalScroll)
        width = max(_FEWEST_CELLS, pane.scrollable_content_region.width)
        detail = Content("\n").join(line.row.detail(width)) if line is not None else Content()
        if not detail.is_same(self._drawn_detail):
            self._drawn_detail = detail
            self.query_one("#browse-detail", Static).update(detail)

    def on_option_list_option_highlighted(self) -> None:
        """Show the details of the newly selected line, from their beginning."""
        self._show_detail()
        self.query_one("#browse-details", VerticalScroll).scroll_home(animate=False)

    def on_option_list_option_selected(self) -> None:
        """Expand or collapse a heading; open a row."""
        line = self._lines.get(self.selected or "")
        if line is None:
            return
        if line.is_heading and line.row.id not in self._expanded:
            self.action_fold(True)
        elif line.is_heading:
            self.action_fold(False)
        else:
            self.add_class("-opened")
            self.query_one("#browse-details").focus()
            self.call_after_refresh(self._show_detail)

    def action_fold(self, unfold: bool) -> None:
        """Expand the selected section, or collapse the one of the selected line."""
        section = section_of(self._sections, self.selected or "")
        if section is None or not self._rows.has_focus:
            return
        if unfold:
            self._expanded.add(section.id)
        else:
            self._expanded.discard(section.id)
        self.show_sections(self._sections)

    def action_filter(self) -> None:
        """Begin to filter the rows."""
        self.query_one(FilterField).begin()

    def on_input_changed(self) -> None:
        """Filter by what was typed."""
        self.show_sections(self._sections)

    def on_filter_field_done(self) -> None:
        """The keys are the list's again."""
        self._rows.focus()

    async def action_back(self) -> None:
        """Close the details, else end the filter, else leave the page."""
        if self.has_class("-opened"):
            self.remove_class("-opened")
            self.call_after_refresh(self._show_detail)
            self._rows.focus()
        elif not self.query_one(FilterField).leave():
            await self.run_action("app.close_page")

    def on_resize(self) -> None:
        """Wrap the details anew."""
        self.call_after_refresh(self._show_detail)
