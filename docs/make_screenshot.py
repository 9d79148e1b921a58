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

FONTS = "Fira Code, Cascadia Mono, Menlo, DejaVu Sans Mono, monospace"


async def picture(home: Path, out: Path, size: tuple[int, int], keys: list[str]) -> None:
    """Open the screen, wait for its first snapshot, press `keys`, write what it shows."""
    app = LanderctlApp(StatePaths(home), None)
    async with app.run_test(size=size) as pilot:
        await app.first_snapshot.wait()
        await pilot.pause()
        if keys:
            await pilot.press(*keys)
            await pilot.pause()
        svg = app.export_screenshot(title="landerctl tui")
    # The font comes from the viewer's machine, not from a server.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", FONTS)
    out.write_text(svg, encoding="utf-8")


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
    asyncio.run(picture(arguments.home, arguments.out, (columns, rows), keys))


if __name__ == "__main__":
    main()
