"""The default theme: dark, with one accent colour for what is current."""

from __future__ import annotations

from textual.theme import Theme

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
    panel="#18202b",
    dark=True,
    variables={
        "border": "#2d3846",
        "border-blurred": "#2d3846",
        "footer-background": "#11171f",
        "footer-key-foreground": "#e0b45c",
        "block-cursor-background": "#2a4563",
        "block-cursor-foreground": "#eef3f8",
        "block-cursor-blurred-background": "#1c2633",
        "block-cursor-blurred-foreground": "#cdd5df",
        "block-cursor-text-style": "none",
        "scrollbar": "#2d3846",
        "scrollbar-background": "#0d1117",
        "scrollbar-hover": "#3b4a5c",
    },
)
