"""Bounds of numbers, and words that settings choose from."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Positive = Annotated[float, Meta(gt=0.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]
Count = Annotated[int, Meta(ge=1)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Range = tuple[float, float]
ThreeHours = tuple[Positive, Positive, Positive]

Mode = Literal["curriculum", "standard", "demo"]
Algorithm = Literal["ppo", "sac", "td3"]
WarmStart = Literal["none", "reference"]
Severity = Literal["info", "warning", "critical"]
CheckpointKind = Literal[
    "interval", "gate", "best", "stop", "final", "manual", "rollback", "fork", "cloned"
]

ReviewKind = Literal["daily", "weekly"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
