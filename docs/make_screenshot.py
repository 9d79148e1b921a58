"""Make an SVG picture of the screen: the real program, run headless on a state folder.

Usage: python docs/make_screenshot.py HOME OUT.svg [--size 120x40] [--keys 3,p]
"""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from daemon.base.paths import StatePaths
from landerctl.tui.app import LanderctlApp

CALM_S = 1.5
FONTS = "Fira Code, Cascadia Mono, Menlo, DejaVu Sans Mono, monospace"


async def pictures(home: Path, size: tuple[int, int], steps: list[list[str]]) -> list[str]:
    """Open the screen; an SVG of what it shows after the keys of each step.

    What a page reads comes a moment after it is opened: a picture is taken once two looks
    `CALM_S` apart are the same but for what ticks.
    """
    app = LanderctlApp(StatePaths(home), ())
    taken: list[str] = []
    async with app.run_test(size=size) as pilot:
        await app.dashboard.shown.wait()
        for keys in steps:
            if keys:
                await pilot.press(*keys)
            before, svg = "", app.export_screenshot(title="landerctl tui")
            while len(svg) != len(before):
                await pilot.pause(CALM_S)
                before, svg = svg, app.export_screenshot(title="landerctl tui")
            # The font comes from the viewer's machine, not from a server.
            svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
            taken.append(svg.replace("Fira Code, monospace", FONTS))
    return taken


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("home", type=Path, help="state folder")
    parser.add_argument("out", type=Path, help="SVG file to write")
    parser.add_argument("--size", default="120x40", help="columns x rows")
    parser.add_argument("--keys", default="", help="keys to press first, separated by commas")
    arguments = parser.parse_args()
    columns, rows = (int(part) for part in arguments.size.split("x"))
    keys = [key for key in arguments.keys.split(",") if key]
    [svg] = asyncio.run(pictures(arguments.home, (columns, rows), [keys]))
    arguments.out.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
