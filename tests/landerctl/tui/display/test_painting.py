from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor, CompositorUpdate
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from landerctl.tui.display.painting import (
    MOVE_CELLS,
    ThriftyCompositor,
    ThriftyScreen,
    cells,
    changed,
)
from landerctl.tui.widgets.lines import entitle

RED = Style(color="red")
MOVE_OR_STYLE = re.compile(r"\x1b\[(?:(\d+);(\d+)H|[\d;]*m)")


def strip(*parts: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def differences(old: Strip, new: Strip) -> list[tuple[int, str]]:
    colors = ColorSystem.TRUECOLOR
    parts = changed(cells(old, colors), cells(new, colors))
    return [
        (start, "".join(text for _, text in cells(new, colors)[start:end])) for start, end in parts
    ]


def test_only_cells_that_look_different_are_sent() -> None:
    old = strip(("age 12 s", None))
    assert differences(old, strip(("age 12 s", None))) == []
    assert differences(old, strip(("age ", None), ("12 s", None))) == []
    assert differences(old, strip(("age 13 s", None))) == [(5, "3")]
    assert differences(old, strip(("age ", None), ("1", RED), ("2 s", None))) == [(4, "1")]


def test_changes_that_are_near_are_sent_together() -> None:
    same = "." * (MOVE_CELLS + 2)
    old = strip((f"aa{same}a", None))
    assert differences(old, strip((f"bab{same[1:]}b", None))) == [(0, "bab"), (len(same) + 2, "b")]


@pytest.mark.parametrize(
    ("old", "new", "sent"),
    [
        ("ab ", "日 ", "日"),
        ("日 ", "ab ", "ab"),
        ("日本", "日木", "木"),
        ("e ", "e\u0301 ", "e\u0301"),
        ("日a", "a日", "a日"),
    ],
)
def test_wide_and_combined_characters_are_sent_whole(old: str, new: str, sent: str) -> None:
    assert [text for _, text in differences(strip((old, None)), strip((new, None)))] == [sent]


class Block(Widget):
    """Counts the lines that are asked of it."""

    DEFAULT_CSS = "Block { height: 1fr; }"
    asked = 0

    def render_line(self, y: int) -> Strip:
        self.asked += 1
        return Strip([Segment(f"line {y}".ljust(self.size.width))])


class Page(ThriftyScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("top 1", id="top")
        yield Block()
        yield Static("bottom 1", id="bottom")


class Terminal:
    """Takes what is sent as a terminal does."""

    def __init__(self, width: int, height: int) -> None:
        self.lines = [[" "] * width for _ in range(height)]
        self.taken = 0

    def take(self, sent: str) -> None:
        x = y = at = 0
        while at < len(sent):
            if found := MOVE_OR_STYLE.match(sent, at):
                at = found.end()
                if found[1]:
                    y, x = int(found[1]) - 1, int(found[2]) - 1
                continue
            if sent[at] != "\n":
                self.lines[y][x] = sent[at]
                self.taken += 1
            x, at = x + 1, at + 1

    @property
    def text(self) -> list[str]:
        return ["".join(line).rstrip() for line in self.lines]


def sent(update: object) -> str:
    assert isinstance(update, CompositorUpdate)
    return update.render_segments(Console(color_system="truecolor", force_terminal=True))


def on_a_page(steps: Callable[[Page], None]) -> None:
    async def run() -> None:
        app = App[None]()
        async with app.run_test(size=(40, 12)) as pilot:
            page = Page()
            await app.push_screen(page)
            await pilot.pause()
            steps(page)

    asyncio.run(run())


def test_two_far_changes_cost_their_cells() -> None:
    def steps(page: Page) -> None:
        compositor, terminal = page._compositor, Terminal(40, 12)
        terminal.take(sent(compositor.render_update(full=True)))
        assert terminal.text[0] == "top 1"
        block = page.query_one(Block)
        block.asked = terminal.taken = 0
        for name in ("top", "bottom"):
            page.query_one(f"#{name}", Static).update(f"{name} 2", layout=False)
        compositor.update_widgets({page.query_one("#top"), page.query_one("#bottom")})
        terminal.take(sent(compositor.render_update()))
        assert terminal.text == ["top 2", *(f"line {y}" for y in range(10)), "bottom 2"]
        assert terminal.taken == 2
        assert block.asked == 0
        assert compositor.render_update() is None

    on_a_page(steps)


def test_a_line_of_a_widget_is_painted_alone() -> None:
    def steps(page: Page) -> None:
        block = page.query_one(Block)
        block.asked = 0
        block.refresh(Region(0, 3, 40, 1))
        page._compositor.update_widgets({block})
        page._compositor.render_update()
        assert block.asked == 1

    on_a_page(steps)


def test_a_title_repaints_its_line_of_the_border() -> None:
    def steps(page: Page) -> None:
        compositor, terminal = page._compositor, Terminal(40, 12)
        block = page.query_one(Block)
        block.styles.border = ("round", "white")
        page._refresh_layout()
        terminal.take(sent(compositor.render_update(full=True)))
        block.asked = 0
        entitle(block, title="Speed", subtitle="steps/s")
        compositor.update_widgets({block})
        terminal.take(sent(compositor.render_update()))
        assert terminal.text[1].startswith("╭─ Speed ─")
        assert terminal.text[10].endswith("─ steps/s ─╯")
        assert block.asked == 0
        entitle(block, title="Speed")
        compositor.update_widgets({block})
        assert compositor.render_update() is None

    on_a_page(steps)


def test_the_private_parts_of_textual_that_painting_uses() -> None:
    message = "Textual's compositor changed: compare it with landerctl/tui/display/painting.py"
    expected = {
        "render_partial_update": ["self"],
        "render_full_update": ["self", "simplify"],
        "_regions_to_spans": ["regions"],
    }
    for name, parameters in expected.items():
        method = getattr(Compositor, name, None)
        assert method is not None, message
        assert list(inspect.signature(method).parameters) == parameters, message
    assert isinstance(Compositor.visible_widgets, property), message
    compositor = ThriftyCompositor()
    assert isinstance(compositor._dirty_regions, set), message
    assert isinstance(ThriftyScreen()._compositor, ThriftyCompositor), message
