"""The kinds of plugins, and what each is called in messages."""

from __future__ import annotations

from typing import Literal

PluginKind = Literal["alert_rules", "checks", "notifiers", "vehicles"]
NOUNS: dict[PluginKind, str] = {
    "alert_rules": "alert rules",
    "checks": "check",
    "notifiers": "notifier",
    "vehicles": "vehicle",
}
