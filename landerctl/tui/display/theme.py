"""The themes, dark and light, each with one accent colour for what is current; plots' colours."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from landerctl.tui.plotting.legend import LINE_STYLES, MARK_STYLES
from landerctl.tui.plotting.marks import MarkKind

_LINE_COLORS = ("primary", "accent", "success", "error", "warning", "foreground")
_MARK_COLORS = {
    MarkKind.RUNG: "secondary",
    MarkKind.CHECKPOINT: "secondary",
    MarkKind.STAGE: "success",
    MarkKind.ALERT: "warning",
    MarkKind.ROLLBACK: "error",
}

MOON = Theme(
    name="moon",
    primary="#6ca8dc",
    secondary="#8b98a9",
    accent="#e0b45c",
    success="#6cb27d",
    warning="#dba642",
    error="#e5706b",
    foreground="#cdd5df",
    background="#0d1117",
    surface="#11171f",
    panel="#1d2025",
    dark=True,
    variables={
        "border": "#383d45",
        "border-blurred": "#383d45",
        "footer-background": "#11171f",
        "footer-key-foreground": "#e0b45c",
        "block-cursor-background": "#2a4563",
        "block-cursor-foreground": "#eef3f8",
        "block-cursor-blurred-background": "#252930",
        "block-cursor-blurred-foreground": "#cdd5df",
        "block-cursor-text-style": "none",
        "scrollbar": "#383d45",
        "scrollbar-background": "#0d1117",
        "scrollbar-hover": "#464c56",
    },
)

DAYLIGHT = Theme(
    name="daylight",
    primary="#1f5f99",
    secondary="#52606f",
    accent="#8a5a00",
    success="#1f6b35",
    warning="#8a5a00",
    error="#a82520",
    foreground="#1c2630",
    background="#f2f4f7",
    surface="#fafbfc",
    panel="#e6eaef",
    dark=False,
    variables={
        "border": "#b4bfcb",
        "border-blurred": "#b4bfcb",
        "foreground-muted": "#52606f",
        "footer-background": "#e6eaef",
        "footer-key-foreground": "#8a5a00",
        "block-cursor-background": "#bcd6ee",
        "block-cursor-foreground": "#0f1720",
        "block-cursor-blurred-background": "#dde5ee",
        "block-cursor-blurred-foreground": "#1c2630",
        "block-cursor-text-style": "none",
        "scrollbar": "#b4bfcb",
        "scrollbar-background": "#f2f4f7",
        "scrollbar-hover": "#8c9bab",
    },
)

THEMES = (MOON, DAYLIGHT)


def plot_styles(colors: Mapping[str, str]) -> dict[str, Style]:
    """The styles by the names that drawing gives them; `colors`: the theme's variables."""
    background, foreground = (_color(colors[n]) for n in ("surface", "foreground-muted"))
    # The terminal has no transparency.
    styles = {
        "muted": _style(background + foreground),
        "gate": _style(_color(colors["accent"])),
    }
    for name, color in zip(LINE_STYLES, _LINE_COLORS, strict=True):
        styles[name] = _style(_color(colors[color]))
    for kind, name in MARK_STYLES.items():
        styles[name] = _style(_color(colors[_MARK_COLORS[kind]]))
    return styles


def _color(text: str) -> Color:
    """A theme's colour; one of the terminal's own palette may have a share: `ansi_default 50%`."""
    return Color.parse(text.partition(" ")[0] if text.startswith("ansi_") else text)


def _style(color: Color) -> Style:
    return Style(color=color.rich_color)
