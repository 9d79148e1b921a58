"""The state folder of the screen's tests."""

from __future__ import annotations

from tests.landerctl.tui.conftest import folder

__all__ = ["folder"]
