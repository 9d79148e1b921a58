"""Make an animated picture of the screen: the real program, run headless on a state folder.

Usage: python docs/make_tour.py HOME OUT.gif    needs chromium, which draws each frame
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from make_screenshot import pictures
from PIL import Image

SIZE = (120, 36)
WIDTH_PX = 960
FRAME_MS, LAST_FRAME_MS = 2200, 3500
# Keys, pressed one step after the other: each step is a frame.
STEPS = [
    [],  # the dashboard
    ["m", *"landing/dist", "enter", "full_stop", "full_stop"],  # another metric, smoothed
    ["0", "k"],  # with marks
    ["5"],  # landings
    ["6"],  # the checklist
    ["7"],  # incidents
    ["4"],  # logs
    ["escape", "left_curly_bracket", "left_curly_bracket", "left_curly_bracket"],  # the past
    ["end", "question_mark"],  # now, and all keys
]


def drawn(svg: str, folder: Path) -> Image.Image:
    """The SVG as pixels."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    width, height = (int(float(part)) + 1 for part in found.groups())
    (folder / "frame.html").write_text(f"<body style='margin:0'>{svg}", encoding="utf-8")
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},{height}", f"--screenshot={folder / 'frame.png'}",
            (folder / "frame.html").as_uri(),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    with Image.open(folder / "frame.png") as image:
        return image.convert("RGB").resize((WIDTH_PX, round(WIDTH_PX * height / width)))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("home", type=Path, help="state folder")
    parser.add_argument("out", type=Path, help="GIF file to write")
    arguments = parser.parse_args()
    taken = asyncio.run(pictures(arguments.home, SIZE, STEPS))
    with tempfile.TemporaryDirectory() as folder:
        first, *others = [drawn(svg, Path(folder)).quantize(64) for svg in taken]
    durations = [FRAME_MS] * len(others) + [LAST_FRAME_MS]
    first.save(arguments.out, save_all=True, append_images=others, duration=durations, loop=0)


if __name__ == "__main__":
    main()
