"""The render modes of the environments, checked before anything of the drawing is loaded."""

from __future__ import annotations

from env.base.arguments import known_names

RENDER_MODES = ("rgb_array", "ansi")


def check_render_mode(mode: str | None) -> None:
    """Raise ValueError, with what to do, for a mode that the environments do not have."""
    if mode == "human":
        raise ValueError(
            "render_mode 'human': needs a window, which gymnasium.make opens with pygame around "
            "'rgb_array'; RecordVideo saves films, and `landerctl fly` shows a flight in a terminal"
        )
    if mode is not None:
        known_names("render_mode", [mode], RENDER_MODES)
