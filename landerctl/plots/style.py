"""Common style of all figures: colour-blind safe colours, fonts, files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daemon.base.files import write_atomically

Format = Literal["png", "svg"]

# Okabe and Ito, Color Universal Design (2008).
BLUE, VERMILION, ORANGE = "#0072b2", "#d55e00", "#e69f00"
GREEN, PURPLE = "#009e73", "#cc79a7"
PALE = "#a5d0ea"  # a light blue, behind the blue
INK, QUIET, FAINT, BAND = "#1a1a1a", "#6b6b6b", "#d0d0d0", "#f3f3f3"

_SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "figure.constrained_layout.h_pad": 0.07,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",  # part of matplotlib: available everywhere
    "font.size": 9.5,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "savefig.dpi": 200,
    "svg.fonttype": "path",  # outlines: independent of the reader's fonts
    "svg.hashsalt": "landerctl",  # same data, same file
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


@dataclass(frozen=True)
class OutcomeStyle:
    """Style of episodes with one outcome. Marker and line distinguish them without colour."""

    label: str
    colour: str
    marker: str
    line: Any  # matplotlib's linestyle


OUTCOMES: dict[str, OutcomeStyle] = {
    "landed": OutcomeStyle("landed", BLUE, "o", "-"),
    "hard_landing": OutcomeStyle("hard landing", ORANGE, "^", "--"),
    "off_target": OutcomeStyle("off target", PURPLE, "s", "-."),
    "crashed": OutcomeStyle("crashed", VERMILION, "X", ":"),
    "aborted": OutcomeStyle("aborted", INK, "P", (0, (3, 1, 1, 1))),
    "timeout": OutcomeStyle("out of time", GREEN, "D", "--"),
}


@contextmanager
def styled() -> Iterator[None]:
    """Apply matplotlib's settings within the block; create and save figures in it."""
    with mpl.rc_context(_SETTINGS):
        yield


def new_figure(width_in: float, height_in: float, title: str, subtitle: str) -> Figure:
    """An empty figure with title and subtitle lines. Call within `styled`."""
    figure = Figure(figsize=(width_in, height_in))
    left, top = 0.12 / width_in, 1.0 - 0.1 / height_in
    below = top - 0.28 / height_in
    figure.text(left, top, title, va="top", fontsize=13, fontweight="bold", color=INK)
    figure.text(left, below, subtitle, va="top", fontsize=9, color=QUIET, linespacing=1.3)
    lines = 1 + subtitle.count("\n")
    end = below - 0.175 * lines / height_in
    figure.set_layout_engine("constrained", rect=(0.0, 0.0, 1.0, end - 0.12 / height_in))
    return figure


def legend(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Add a legend in one row below all panels, each label once."""
    once = dict(zip(labels, handles, strict=True))
    figure.legend(
        once.values(), once.keys(), loc="outside lower center", ncols=len(once), fontsize=9
    )


def panel(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    """Set a panel's title and axis labels, with units."""
    axes.set_title(title, color=INK)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def save_figure(figure: Figure, path: Path, kind: Format) -> None:
    """Write the file atomically. Call within `styled`. Raises OSError."""
    content = io.BytesIO()
    # No date: the same data gives the same file.
    figure.savefig(content, format=kind, metadata={"Date": None} if kind == "svg" else None)
    write_atomically(path, content.getvalue())
