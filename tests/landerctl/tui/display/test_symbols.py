"""Only characters that the terminal shows reach it, each as wide as before."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from daemon.base.text.charset import ASCII, UTF8, charset
from landerctl.tui.display.symbols import CONSOLE, ShownSymbols, shown

BLACK = Color(0, 0, 0)
DRAWN = "╭─ ✓ ▶ ○ ▲ ✖ ◌ ◆ ━┃─ ▁▂▃▄▅▆▇█ ⠋⣀⡇ … – · ° é 月 e\u0301 ╯"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (ASCII, "+- + > o ! x o * =|- _.,-~+*# '_| . - - o e ?? e +"),
        (CONSOLE, "┌─ + > o ! x o * ═║─ _.,-~+*# '_| . - · ° é ?? e ┘"),
        (UTF8, DRAWN),
    ],
)
def test_what_a_terminal_lacks_is_ascii(name: str, text: str) -> None:
    assert shown(DRAWN, name) == text
    assert cell_len(shown(DRAWN, name)) == cell_len(DRAWN)


def test_no_control_character_passes() -> None:
    for name in (ASCII, CONSOLE, UTF8):
        [segment] = ShownSymbols(name).apply([Segment("a\x1b[2J\x9b\u202e\tb")], BLACK)
        assert segment.text.isprintable()
        assert segment.text[0] + segment.text[-1] == "ab"


def test_a_line_that_can_be_shown_is_the_same_object() -> None:
    line = [Segment(DRAWN)]
    assert ShownSymbols(UTF8).apply(line, BLACK) is line


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, UTF8),
        ({"LANG": "en_GB.UTF-8"}, UTF8),
        ({"LANG": "C.utf8"}, UTF8),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, UTF8),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "en_US.ISO-8859-1"}, "iso8859-1"),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LANG": "en_GB"}, UTF8),
        ({"LANG": "xx.no-such"}, ASCII),
        ({"LANG": "xx.utf-16"}, ASCII),
        ({"LANG": "C.UTF-8", "PYTHONIOENCODING": "ascii:strict"}, ASCII),
        ({"LC_ALL": "C", "PYTHONUTF8": "1"}, UTF8),
    ],
)
def test_the_locale_names_the_encoding(environ: dict[str, str], name: str) -> None:
    assert charset(environ) == name
